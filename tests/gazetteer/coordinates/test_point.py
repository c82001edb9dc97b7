"""The radius that the digits of coordinates leave open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.coordinates.parser import parse_coordinates
from gazetteer.coordinates.point import Degrees, cell_radius_m, up_to_decimetre
from gazetteer.geodesy import distance_m


# The table of the Georeferencing Quick Reference Guide gives, for latitude 30, the whole diagonal of 1 degree 147 km,
# of 0.1 degree 14.7 km, of 0.001 degree 147 m, of 1 minute 2.45 km and of 1 second 41 m: one whole unit each way.
@pytest.mark.parametrize(
    ("unit", "metres"), [(1, 147_000), (0.1, 14_700), (0.001, 147), (1 / 60, 2_450), (1 / 3600, 41)]
)
def test_half_a_unit_is_half_of_the_published_uncertainty(unit: float, metres: float) -> None:
    radius = cell_radius_m(Degrees(44.5, unit / 2), Degrees(30.0, unit / 2))
    assert radius == pytest.approx(metres / 2, rel=0.01)


@given(
    lon=st.floats(-180, 180), lat=st.floats(-89, 89), half=st.floats(1e-6, 0.5),
    across=st.floats(-1, 1), up=st.floats(-1, 1),
)  # fmt: skip
def test_the_circle_covers_the_whole_cell(lon: float, lat: float, half: float, across: float, up: float) -> None:
    radius = up_to_decimetre(cell_radius_m(Degrees(lon, half), Degrees(lat, half)))
    assert distance_m(lon, lat, lon + across * half, lat + up * half) <= radius


@pytest.mark.parametrize(
    ("fine", "coarse"),
    [
        ("36.3350, 43.1189", "36.335, 43.119"),
        ("36.335, 43.119", "36.3, 43.1"),
        ("36°20'06.0\"N 43°07'08.0\"E", "36°20'06\"N 43°07'08\"E"),
        ("36°20'06\"N 43°07'08\"E", "36°20'N 43°07'E"),
        ("36.3350, 43.1189", "36.3350, 43.1"),  # the coarser of the two counts
        ("38SLF3117222748", "38SLF311227"),
    ],
)
def test_fewer_digits_leave_more_open(fine: str, coarse: str) -> None:
    first, second = parse_coordinates(fine), parse_coordinates(coarse)
    assert first is not None
    assert second is not None
    assert first.radius_m < second.radius_m / 5
