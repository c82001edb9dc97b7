"""Military grid references: the square that a reference names."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mgrs import MGRS
from pyproj import Transformer

from db.errors import InputError
from gazetteer.coordinates.military_grid import mgrs_square
from gazetteer.geodesy import distance_m

TO_UTM_37 = Transformer.from_crs("EPSG:4326", "EPSG:32637", always_xy=True)


def test_the_middle_of_the_schools_square_is_70_metres_from_its_corner() -> None:
    lon, lat, radius = mgrs_square("37SDV780636", "report")
    assert (lon, lat) == pytest.approx((38.75702, 35.81674), abs=2e-5)
    # Airwars' point is the corner that the reference starts from, and the square lies north-east of it.
    assert distance_m(lon, lat, 38.75647, 35.81629) == pytest.approx(70.7, abs=1)
    assert 70.7 < radius < 72


@pytest.mark.parametrize(
    ("text", "easting", "northing", "side"),
    [
        ("37SDV", 50_000, 50_000, 100_000),
        ("37SDV76", 75_000, 65_000, 10_000),
        ("37SDV7863", 78_500, 63_500, 1_000),
        ("37SDV780636", 78_050, 63_650, 100),
        ("37SDV78006360", 78_005, 63_605, 10),
        ("37SDV7800063600", 78_000, 63_600, 1),
    ],
)
def test_a_square_is_its_middle_on_the_grid_and_half_its_diagonal(
    text: str, easting: float, northing: float, side: float
) -> None:
    lon, lat, radius = mgrs_square(text, "report")
    x, y = TO_UTM_37.transform(lon, lat)
    assert (x % 100_000, y % 100_000) == pytest.approx((easting, northing), abs=1.01)
    assert side / math.sqrt(2) < radius <= side / math.sqrt(2) * 1.0005 + 1


@pytest.mark.parametrize(
    "text",
    ["37s dv 780 636", " 37SDV780636\n", "37SDV 780636", "37S DV780636", "MGRS: 37SDV780636", "USNG 37SDV780636"],
)
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
        ("37S DV7806 36", "different length"),
        ("37S DV 78 06 36", "different length"),
        ("MGRS:", "no MGRS"),
        ("3" * 10_000, "no MGRS"),
        ("61SDV780636", "no MGRS"),  # zones end at 60
        ("37IDV780636", "no MGRS"),  # there is no band I
        ("37SZZ780636", "no MGRS"),  # rows end at V
        ("37NDV780636", "no such grid square"),  # DV lies in band S, not N
        ("37RDV780636", "no such grid square"),  # nor in R, which the library answers with a warning only
        ("37TDV780636", "no such grid square"),
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


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("37SDE", 38.7, 39.9),  # the square reaches beyond 40 degrees, where band S ends
        ("37RDR", 38.7, 31.95),  # and this beyond 32, where it begins
        ("37SBE53", 36.1, 39.99),
        ("32VKM", 4.5, 59.9),  # zone 32 is wider in band V
        ("33XVJ", 13.0, 79.2),
    ],
)
def test_a_square_on_the_edge_of_its_band_is_read(text: str, lon: float, lat: float) -> None:
    middle_lon, middle_lat, radius = mgrs_square(text, "report")
    assert distance_m(lon, lat, middle_lon, middle_lat) <= radius


# A tenth of a metre south of the equator the library rounds the northing up to the equator's, which no band M has.
LATS = st.floats(-79.9, 83.9).filter(lambda lat: not -1e-6 < lat < 0)


@given(lon=st.floats(-180, 179.9), lat=LATS, precision=st.integers(0, 5))
def test_the_square_of_any_point_on_earth_is_read(lon: float, lat: float, precision: int) -> None:
    middle_lon, middle_lat, radius = mgrs_square(MGRS().toMGRS(lat, lon, MGRSPrecision=precision), "test")
    assert distance_m(lon, lat, middle_lon, middle_lat) <= radius + 1


@given(lon=st.floats(35, 48), lat=st.floats(29, 37.5), precision=st.integers(1, 5))
def test_a_point_lies_within_the_square_named_after_it(lon: float, lat: float, precision: int) -> None:
    middle_lon, middle_lat, radius = mgrs_square(MGRS().toMGRS(lat, lon, MGRSPrecision=precision), "test")
    assert distance_m(lon, lat, middle_lon, middle_lat) <= radius + 0.01
