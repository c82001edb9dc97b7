"""How answers look: nothing is rounded to more than is known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.search.answer import Answer, PlaceVerdict
from incidents.cli.answers import answer_features, answer_record, headline, percent, radius_words, unsettled


@given(st.floats(0, 1))
def test_a_percentage_claims_no_certainty_that_is_not_there(probability: float) -> None:
    shown = percent(probability)
    assert (shown == "100%") == (probability == 1)
    assert (shown == "0%") == (probability == 0)
    if not shown.startswith("<"):
        assert math.isclose(float(shown.removesuffix("%")), 100 * probability, abs_tol=1)


@given(st.floats(0, 21_000_000))
def test_a_radius_is_never_shown_smaller(metres: float) -> None:
    number, unit = radius_words(metres).split()
    shown = float(number.replace(",", "")) * (1000 if unit == "km" else 1)
    assert metres <= shown + 1e-6
    assert shown <= max(metres * 1.11, metres + 1)


@pytest.mark.parametrize("verdict", list(PlaceVerdict))
def test_an_answer_without_anything_can_be_shown(verdict: PlaceVerdict) -> None:
    answer = Answer("x\udcff", verdict, (), notes=("Not \udcff.",))
    assert headline(answer, "").startswith(verdict.value.replace("_", " "))
    assert (unsettled(answer) is None) == (verdict in (PlaceVerdict.SURE, PlaceVerdict.COARSE))
    assert answer_record(answer)["text"] == "x\\udcff"
    assert answer_features(answer)["features"] == []
