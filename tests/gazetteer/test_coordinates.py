"""Coordinates written as text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mgrs import MGRS

from db.errors import InputError
from gazetteer.coordinates import mgrs_square
from gazetteer.geodesy import distance_m


def test_the_school_is_in_the_square_the_coalition_named() -> None:
    lon, lat, radius = mgrs_square("37SDV780636", "report")
    south_west = (38.75702, 35.81674)
    assert 70.5 < radius < 71
    assert distance_m(lon, lat, *south_west) == pytest.approx(radius, abs=1)
    assert lon > south_west[0]
    assert lat > south_west[1]


@pytest.mark.parametrize(
    ("text", "side"),
    [("37SDV", 100_000), ("37SDV76", 10_000), ("37SDV7863", 1_000), ("37SDV780636", 100),
     ("37SDV78006360", 10), ("37SDV7800063600", 1)],
)  # fmt: skip
def test_fewer_digits_are_a_larger_square(text: str, side: float) -> None:
    lon, lat, radius = mgrs_square(text, "report")
    assert side / math.sqrt(2) < radius <= side / math.sqrt(2) * 1.0005 + 0.1
    assert distance_m(lon, lat, *reversed(MGRS().toLatLon(text))) == pytest.approx(side / math.sqrt(2), rel=2e-3)


@pytest.mark.parametrize("text", ["37s dv 780 636", " 37SDV780636\n", "37SDV 780636", "37S DV780636"])
def test_blanks_and_small_letters_change_nothing(text: str) -> None:
    assert mgrs_square(text, "report") == mgrs_square("37SDV780636", "report")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no MGRS"),
        ("Mansoura", "no MGRS"),
        ("37SDV78063", "5 digits"),  # one digit was lost
        ("37SDV780636780636", "12 digits"),
        ("37S DV 7 80636", "different length"),  # an even number of digits, split by the writer elsewhere
        ("61SDV780636", "no MGRS"),  # zones end at 60
        ("37IDV780636", "no MGRS"),  # there is no band I
        ("37SZZ780636", "no MGRS"),  # rows end at V
        ("37NDV780636", "no such grid square"),  # DV lies in band S, not N
        ("ZAH0000", "no MGRS"),  # polar references are not read
        ("37SDV78O636", "no MGRS"),  # the letter O for the digit 0
        ("٣٧SDV780636", "no MGRS"),  # digits of another script
        ("37SDV780636 (approx.)", "no MGRS"),
    ],
)
def test_what_is_no_reference_is_refused(text: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        mgrs_square(text, "row 7, mgrs")
    assert caught.value.code == "bad_mgrs"
    assert caught.value.where == "row 7, mgrs"
    assert why in caught.value.why


@given(lon=st.floats(35, 48), lat=st.floats(29, 37.5), precision=st.integers(1, 5))
def test_a_point_lies_within_the_square_named_after_it(lon: float, lat: float, precision: int) -> None:
    middle_lon, middle_lat, radius = mgrs_square(MGRS().toMGRS(lat, lon, MGRSPrecision=precision), "test")
    assert distance_m(lon, lat, middle_lon, middle_lat) <= radius + 0.01
