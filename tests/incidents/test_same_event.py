from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, func, select

from db.engine import Database
from db.errors import ConflictError, InputError, NotFoundError
from db.session import read_session, write_session
from db.tables import Judgement, JudgementReport
from db.vocabulary import Category, Verdict
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.query import Query, find
from incidents.same_event import current_judgements, events, standing
from incidents.standing import Ruling
from incidents.totals.records import Sheet
from incidents.totals.scope import Asked, gather
from incidents.totals.tally import Subject, tally
from tests.editions import Edition
from tests.incidents.factories import basics, claim, incident, point, same

CODES = tuple("abcdef")


@pytest.fixture
def records(session: Session) -> Session:
    basics(session)
    for code in CODES:
        incident(session, code)
    return session


def groups(session: Session) -> set[frozenset[int]]:
    """The events of more than one record, as sets of ids (the records are 1 to 6)."""
    return {frozenset(event.incident_ids) for event in events(session).values()}


def test_two_records_judged_same_are_one_event_with_the_code_of_the_first(records: Session) -> None:
    same(records, "b", "a")
    found = events(records)
    assert found[1] == found[2]
    assert (found[1].code, found[1].incident_ids) == ("a", (1, 2))
    assert 3 not in found


def test_a_judgement_keeps_its_evidence_and_reports_once(records: Session) -> None:
    row = same(records, "a", "b", reports=["monitor-1", "coalition-1", "monitor-1"])
    assert (row.low_id, row.high_id, row.evidence) == (1, 2, "One place, one night.")
    held = records.exec(select(JudgementReport.report_id).where(JudgementReport.judgement_id == row.id)).all()
    assert len(held) == 2


def test_a_chain_is_one_event(records: Session) -> None:
    for first, second in (("c", "d"), ("a", "b"), ("b", "c")):
        same(records, first, second)
    assert groups(records) == {frozenset({1, 2, 3, 4})}


@pytest.mark.parametrize("verdict", ["unsure", "different", "undecided", "part_of"])
def test_only_same_joins(records: Session, verdict: str) -> None:
    same(records, "a", "b", verdict)
    assert events(records) == {}


@pytest.mark.parametrize("verdict", ["unsure", "different", "undecided", "part_of"])
def test_the_latest_judgement_of_a_pair_stands(records: Session, verdict: str) -> None:
    same(records, "a", "b")
    same(records, "b", "a", verdict)
    assert events(records) == {}
    assert current_judgements(records) == {(1, 2): Verdict(verdict)}
    assert records.exec(select(func.count()).select_from(Judgement)).one() == 2


def test_undoing_one_link_parts_a_chain_there(records: Session) -> None:
    for first, second in (("a", "b"), ("b", "c"), ("c", "d")):
        same(records, first, second)
    same(records, "b", "c", "undecided")
    assert groups(records) == {frozenset({1, 2}), frozenset({3, 4})}


def test_different_inside_one_event_is_refused_and_names_the_path(records: Session) -> None:  # B66
    same(records, "a", "b")
    same(records, "b", "c")
    with pytest.raises(ConflictError) as caught:
        same(records, "a", "c", "different")
    assert caught.value.code == "contradicting_judgement"
    assert "a – b – c" in str(caught.value)
    assert records.exec(select(func.count()).select_from(Judgement)).one() == 2


def test_same_that_would_join_different_records_is_refused_and_names_the_path(records: Session) -> None:  # B66
    same(records, "a", "b")
    same(records, "c", "d")
    same(records, "a", "d", "different")
    with pytest.raises(ConflictError) as caught:
        same(records, "b", "c")
    assert "a – b – c – d" in str(caught.value)
    assert "undecided" in str(caught.value)


def test_the_first_is_part_of_the_second(records: Session) -> None:
    row = same(records, "b", "a", "part_of")
    assert (row.low_id, row.high_id, row.part_id) == (1, 2, 2)
    assert (standing(records).parts, events(records)) == ([(2, 1)], {})
    same(records, "b", "c")
    with pytest.raises(ConflictError, match="b part of a part of c – b"):
        same(records, "a", "c", "part_of")
    same(records, "a", "b", "part_of")
    assert standing(records).parts == [(1, 2)]


def test_an_undoing_that_others_rest_on_is_refused(records: Session) -> None:
    for first, second, verdict in (
        ("a", "c", "part_of"),
        ("b", "d", "part_of"),
        ("c", "d", "same"),
        ("a", "b", "same"),
    ):
        same(records, first, second, verdict)
    with pytest.raises(ConflictError, match="c with its part a – b part of d"):
        same(records, "c", "d", "undecided")
    for first, second in (("a", "b"), ("c", "d")):
        same(records, first, second, "undecided")
    assert events(records) == {}


def test_a_pair_may_be_judged_again_the_other_way(records: Session) -> None:
    same(records, "a", "b", "different")
    same(records, "a", "b", "same")
    same(records, "a", "b", "different")
    assert events(records) == {}


def test_after_the_undoing_what_contradicted_is_accepted(records: Session) -> None:
    same(records, "a", "b")
    same(records, "b", "c")
    same(records, "b", "c", "undecided")
    same(records, "a", "c", "different")
    assert groups(records) == {frozenset({1, 2})}


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"second": "a"}, InputError, "same_record"),
        ({"second": "no such record"}, NotFoundError, "unknown_incident"),
        ({"reports": ["no-report"]}, NotFoundError, "unknown_report"),
        ({"evidence": " "}, InputError, "blank"),
        ({"verdict": "maybe"}, InputError, "unknown_value"),
    ],
)
def test_a_bad_judgement_is_refused_and_not_recorded(
    records: Session, changes: dict[str, Any], error: type[Exception], code: str
) -> None:
    with pytest.raises(error) as caught:
        same(records, **({"first": "a", "second": "b"} | changes))
    assert getattr(caught.value, "code", None) == code
    assert records.exec(select(func.count()).select_from(Judgement)).one() == 0


@pytest.fixture(scope="module")
def scratch(edition: Edition) -> Iterator[Session]:
    with write_session(edition.empty(), who="tester", why="judgements") as opened:
        basics(opened)
        for code in CODES:
            incident(opened, code)
        yield opened


PAIRS = st.lists(st.integers(1, 6), min_size=2, max_size=2, unique=True).map(lambda pair: tuple(sorted(pair)))
JUDGEMENTS = st.lists(st.tuples(PAIRS, st.sampled_from(Verdict)), max_size=14)


def clear(session: Session) -> None:
    """Undo every judgement, what rests on others first; nothing is ever deleted."""
    found = current_judgements(session).items()
    for (low, high), verdict in sorted(found, key=lambda item: item[1] is Verdict.SAME):
        if verdict is not Verdict.UNDECIDED:
            same(session, CODES[low - 1], CODES[high - 1], "undecided")


@settings(max_examples=60)
@given(JUDGEMENTS)
def test_what_stands_is_the_latest_of_each_pair_that_was_not_refused(scratch: Session, judgements: list[Any]) -> None:
    clear(scratch)
    held = standing(scratch)
    for (low, high), verdict in judgements:
        trial = held.after((low, high), Ruling(verdict, low if verdict is Verdict.PART_OF else None))
        try:
            same(scratch, CODES[low - 1], CODES[high - 1], verdict.value)
        except ConflictError:
            assert trial.contradiction() is not None
        else:
            held = trial
    assert held.contradiction() is None
    assert standing(scratch).rulings == held.rulings
    assert groups(scratch) == {frozenset(group) for group in held.groups}


@settings(max_examples=40)
@given(st.lists(PAIRS, max_size=8, unique=True), st.randoms())
def test_the_order_of_judgements_does_not_matter_and_undoing_restores(
    scratch: Session, links: list[Any], random: Any
) -> None:
    seen = []
    for _ in range(2):
        clear(scratch)
        assert events(scratch) == {}
        random.shuffle(links)
        for low, high in links:
            same(scratch, CODES[low - 1], CODES[high - 1])
        seen.append(events(scratch))
    assert seen[0] == seen[1]
    assert all(event.code == CODES[min(event.incident_ids) - 1] for event in seen[0].values())


SEQUENCES = int(os.environ.get("ATLAS_UNDO_SEQUENCES", "20"))
"""Made-up sequences that are judged and undone; ATLAS_UNDO_SEQUENCES=1000 makes a thousand."""


@pytest.fixture(scope="module")
def told(edition: Edition) -> Database:
    """Six records, each with a place and two claims."""
    database = edition.empty()
    with write_session(database, who="tester", why="records") as opened:
        basics(opened)
        for number, code in enumerate(CODES):
            point(opened, incident(opened, code), 36.8 + number / 100, 36.1)
            claim(opened, code, f"at least {10 + number}")
            claim(opened, code, f"{20 + number}", source="observatory")
    return database


def files(database: Database) -> list[bytes]:
    """All that leaves, byte by byte; of GeoJSON without the list of judgements, which keeps those undone too."""
    found = []
    with read_session(database) as opened:
        keys = find(opened, Query()).keys()
        for write in (write_incidents_csv, write_claims_csv, write_geojson):
            out = io.BytesIO()
            write(opened, keys, out)
            found.append(out.getvalue())
        asked = gather(opened, Asked(Subject(Category.CIVILIAN)))
        sheet = Sheet(asked, tally(asked.records(), asked.links, asked.asked.subject))
        found.append(orjson.dumps(sheet.total_record(explain=True)))
    features, rest = found[2].split(b',\n"judgements":')
    found[2:3] = [features, rest.split(b',\n"claims":')[1]]
    return found


@pytest.mark.long
@settings(max_examples=SEQUENCES)
@given(JUDGEMENTS)
def test_what_is_judged_and_undone_leaves_every_export_byte_equal(told: Database, judgements: list[Any]) -> None:
    before = files(told)
    with write_session(told, who="tester", why="judgements") as opened:
        for (low, high), verdict in judgements:
            with suppress(ConflictError):
                same(opened, CODES[low - 1], CODES[high - 1], verdict.value)
        joined = len(groups(opened)) > 0
    assert joined == (files(told)[0] != before[0])
    with write_session(told, who="tester", why="undone") as opened:
        clear(opened)
    assert files(told) == before
