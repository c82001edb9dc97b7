"""Coordinates beside a name: what speaks against their being the same place."""

from __future__ import annotations

import pytest

from gazetteer.coordinates.agreement import check_against
from gazetteer.coordinates.parser import parse_coordinates
from gazetteer.coordinates.point import Coordinates
from gazetteer.geodesy import distance_m

MOSUL = (43.1189, 36.3350)
RAQQA = (39.0079, 35.9528)


def read(text: str) -> Coordinates:
    found = parse_coordinates(text)
    assert found is not None
    return found


def test_a_point_in_the_place_agrees() -> None:
    assert check_against(read("36.3350, 43.1189"), *MOSUL) == []


@pytest.mark.parametrize(
    ("text", "extent_m", "codes"),
    [
        ("36.5500, 43.1189", 0, []),  # 23.9 km north
        ("36.5700, 43.1189", 0, ["far_from_name"]),  # 26.1 km
        ("36.5700, 43.1189", 5_000, []),  # 21.1 km from the town's edge
        ("36.6 N, 43.1 E", 0, []),  # 29.5 km, but the digits leave 7 km open
        ("36.6000, 43.1189", 0, ["far_from_name"]),
        ("38SLF", 0, []),  # a square of 100 km
        ("43.1189, 36.3350", 0, ["far_from_name", "maybe_swapped"]),
        ("36.3350, 44.1189", 0, ["far_from_name"]),  # exchanged it would be farther
        ("36.3350, 143.1189", 0, ["far_from_name"]),  # exchanged it would be off the globe
    ],
)
def test_a_point_beyond_25_km_is_reported_and_the_swap_too(text: str, extent_m: float, codes: list[str]) -> None:
    assert [one.code for one in check_against(read(text), *MOSUL, extent_m=extent_m)] == codes


def test_the_report_says_how_far() -> None:
    coordinates = read("39.0079, 35.9528")
    far, swapped = check_against(coordinates, *RAQQA)
    assert far.distance_m == swapped.distance_m == distance_m(coordinates.lon, coordinates.lat, *RAQQA)
    assert f"{far.distance_m / 1000:,.0f} km" in far.sentence
    assert "0 km" in swapped.sentence
