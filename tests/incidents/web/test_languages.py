"""The languages of the pages and their catalogue."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from db.vocabulary import (
    Category,
    Grading,
    InvestigationState,
    Outcome,
    PrecisionLevel,
    Process,
    StepKind,
    StepReason,
    Verdict,
)
from incidents.ranges import Rule
from incidents.web.languages import Language, catalogue, chosen, translate, word

TEMPLATES = files("incidents.web") / "templates"
SAID = re.compile(r"""\bt\((?:"([^"]+)"|'([^']+)')\)""")


@pytest.mark.parametrize("template", sorted(path.name for path in TEMPLATES.iterdir()))
def test_every_text_of_a_template_has_its_arabic(template: str) -> None:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    assert {one or other for one, other in SAID.findall(text)} - set(catalogue()) == set()


def test_every_word_of_the_vocabulary_that_is_shown_has_its_arabic() -> None:
    lists = (Grading, InvestigationState, PrecisionLevel, Process, StepKind, StepReason, Verdict, Rule)
    words = {member.value for members in lists for member in members}
    words |= {category.value for category in list(Category)[:7]} | {outcome.value for outcome in list(Outcome)[:5]}
    assert {value for value in words if word(value, Language.ARABIC) == word(value, Language.ENGLISH)} == set()


def test_the_catalogue_holds_arabic() -> None:
    assert all(re.search("[\u0621-\u064a]", text) for text in catalogue().values())
    assert translate("Search", Language.ARABIC) == "بحث"
    assert translate("Search", Language.ENGLISH) == "Search"


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "language"),
    [
        ("ar", "en", "en-GB", Language.ARABIC),  # what is asked for goes before all
        (None, "ar", "en-GB,en;q=0.9", Language.ARABIC),
        (None, None, "ar-SY,en;q=0.5", Language.ARABIC),
        (None, None, "fr, ar;q=0.5", Language.ARABIC),  # the next that there is
        ("xx", None, None, Language.ENGLISH),
    ],
)
def test_the_language_that_is_chosen(
    asked: str | None, kept: str | None, accepted: str | None, language: Language
) -> None:
    assert chosen(asked, kept, accepted) is language
