"""The closed lists: their words, and the moves of an investigation."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest
import sqlalchemy as sa

import db.vocabulary
from db.tables import metadata
from db.vocabulary import (
    ALL_STATES,
    CONCLUDED_STATES,
    GRADING_ALIASES,
    LEGAL_MOVES,
    UNOPENED_STATES,
    AttributionStrength,
    Bound,
    Grading,
    InvestigationState,
    Process,
    StepKind,
    StepReason,
    TimePrecision,
    Verdict,
    Visibility,
    WindowKind,
)

ENUMERATIONS = [
    item
    for item in vars(db.vocabulary).values()
    if isinstance(item, type) and issubclass(item, StrEnum) and item is not StrEnum
]
DESIGN = Path(__file__).parents[3] / "shared" / "design"
PAGES = (DESIGN / "vocabulary.md", DESIGN / "same_event.md")
"""The second adds ``part_of`` to the judgements."""
S = InvestigationState


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda found: found.__name__)
def test_each_word_is_its_name_in_small_letters(enumeration: type[StrEnum]) -> None:
    assert enumeration.__doc__
    for member in enumeration:
        assert member.value == member.name.lower()
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", member.value)  # columns hold 40 characters


def test_every_enumeration_of_the_tables_is_one_of_these() -> None:
    used = {column.type.enum_class for table in metadata.tables.values() for column in table.columns
            if isinstance(column.type, sa.Enum)}  # fmt: skip
    assert used <= set(ENUMERATIONS)
    assert set(ENUMERATIONS) == used


@pytest.mark.parametrize(
    ("enumeration", "words"),
    [
        (Grading, "confirmed fair weak contested discounted ungraded"),
        (InvestigationState, "not_assessed reported open credible non_credible duplicate inconclusive"),
        (StepKind, "received opened concluded reopened corrected withdrawn superseded"),
        (Bound, "exact at_least more_than at_most less_than around almost between unquantified none_denied unknown"),
        (Verdict, "same different unsure undecided part_of"),
        (Visibility, "public restricted internal"),
        (WindowKind, "moment_in_window duration"),
        (TimePrecision, "second minute hour part_of_day day days week month year"),
        (AttributionStrength, "declared confirmed likely alleged disputed denied unattributed"),
        (
            Process,
            "initial_review credibility_assessment command_investigation host_government_inquiry un_commission "
            "ngo_investigation court",
        ),
        (
            StepReason,
            "no_strikes_in_area insufficient_information insufficient_evidence new_evidence self_report "
            "entered_target_area strike_blast secondary_explosion unseen_at_engagement inside_target_vehicle "
            "none_given other",
        ),
    ],
)
def test_the_words_are_those_of_the_field(enumeration: type[StrEnum], words: str) -> None:
    assert [member.value for member in enumeration] == words.split()


def test_the_words_stand_in_the_design() -> None:
    if not all(page.is_file() for page in PAGES):
        pytest.skip("../shared/design is not beside this checkout")
    page = "\n".join(page.read_text() for page in PAGES)
    for enumeration in (Grading, InvestigationState, StepKind, Process, StepReason, Bound, Verdict, Visibility):
        for member in enumeration:
            assert re.search(rf"\b{member.value}\b", page), member.value


def test_aliases_lead_to_a_grading() -> None:
    assert GRADING_ALIASES["disproved"] is Grading.DISCOUNTED
    assert GRADING_ALIASES["تم دحضها"] is Grading.DISCOUNTED


def test_the_states_are_divided_whole() -> None:
    assert CONCLUDED_STATES | UNOPENED_STATES | {S.OPEN} == ALL_STATES
    assert not CONCLUDED_STATES & UNOPENED_STATES


def test_every_kind_of_step_has_its_moves() -> None:
    assert set(LEGAL_MOVES) == set(StepKind)
    for sources, targets in LEGAL_MOVES.values():
        assert len(sources) > 0
        assert len(targets) > 0


# The school's path, then moves that the ledger of the Coalition never makes.
@pytest.mark.parametrize(
    ("before", "kind", "after", "legal"),
    [
        (S.NOT_ASSESSED, StepKind.OPENED, S.OPEN, True),
        (S.REPORTED, StepKind.OPENED, S.OPEN, True),
        (S.OPEN, StepKind.CONCLUDED, S.NON_CREDIBLE, True),
        (S.NON_CREDIBLE, StepKind.REOPENED, S.OPEN, True),
        (S.OPEN, StepKind.CONCLUDED, S.CREDIBLE, True),
        (S.NON_CREDIBLE, StepKind.CONCLUDED, S.CREDIBLE, False),
        (S.NOT_ASSESSED, StepKind.CONCLUDED, S.CREDIBLE, False),
        (S.OPEN, StepKind.CONCLUDED, S.OPEN, False),
        (S.OPEN, StepKind.OPENED, S.OPEN, False),
        (S.OPEN, StepKind.REOPENED, S.OPEN, False),
        (S.CREDIBLE, StepKind.SUPERSEDED, S.INCONCLUSIVE, False),
        (S.OPEN, StepKind.RECEIVED, S.REPORTED, False),
        (S.NOT_ASSESSED, StepKind.WITHDRAWN, S.REPORTED, False),
        (S.CREDIBLE, StepKind.CORRECTED, S.NON_CREDIBLE, True),
    ],
)
def test_moves(before: S, kind: StepKind, after: S, legal: bool) -> None:
    sources, targets = LEGAL_MOVES[kind]
    assert (before in sources and after in targets) is legal


def test_no_state_is_a_dead_end() -> None:
    for state in S:
        assert any(state in sources and targets - {state} for sources, targets in LEGAL_MOVES.values())
