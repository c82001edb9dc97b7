"""Footprints of relations: hand-computed centres and radii, and the promise that the radius holds what is described."""

from __future__ import annotations

import math
import random

import pytest
import shapely
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import InputError
from db.vocabulary import PrecisionLevel
from gazetteer.geodesy import distance_m, geod
from gazetteer.search import point_radius
from gazetteer.search.phrases import Anchor, Relation, parse_phrase
from gazetteer.search.point_radius import Footprint, NamedPlace, footprint

# Longitude, latitude, extent in metres.
PLACES = {
    "Idlib": (36.6344, 35.9306, 3_000), "Aleppo": (37.1612, 36.2012, 10_000), "Raqqa": (39.0079, 35.9528, 5_000),
    "Mosul": (43.1189, 36.3350, 10_000), "Damascus": (36.2913, 33.5102, 10_000), "Homs": (36.7136, 34.7268, 10_000),
    "Hama": (36.7578, 35.1318, 10_000), "Deir ez-Zor": (40.1408, 35.3359, 10_000), "Manbij": (37.9553, 36.5281, 5_000),
    "Al Bab": (37.5175, 36.3703, 5_000), "Hajin": (40.8336, 34.6903, 2_000), "Al Jinah": (36.7890, 36.1037, 2_000),
}  # fmt: skip
OTHER_NAMES = {
    "إدلب": "Idlib", "حلب": "Aleppo", "الرقة": "Raqqa", "الموصل": "Mosul", "دمشق": "Damascus", "حمص": "Homs",
    "حماة": "Hama", "منبج": "Manbij", "Alep": "Aleppo", "Damas": "Damascus", "Mossoul": "Mosul",
}  # fmt: skip

# text; centre in km east and north of the first place; radius in km. With R = 25 km, "west of X" has its centre at
# R / (2 cos 45°) = 17.68 km and that and the extent as radius; "north-east of X" at R / (2 cos 22.5°) = 13.53 km.
FOOTPRINTS: list[tuple[str, float, float, float]] = [
    ("5 km north-east of Idlib", 3.536, 3.536, 4.33),  # the example of the study
    ("10 km north of Idlib", 0, 10, 9.56),  # d' = 3.5: hypot(13.5 - 7.07, 7.07)
    ("10 km NE of Raqqa", 7.071, 7.071, 7.35),
    ("2.5 km W Hajin", -2.5, 0, 3.47),
    ("20 km south of Mosul", 0, -20, 21.58),
    ("500 m south of Hajin", 0, -0.5, 2.18),
    ("15 كم شمال شرق حلب", 10.607, 10.607, 13.00),
    ("على بعد ١٠ كم جنوب إدلب", 0, -10, 9.56),
    ("à 5 km au nord d'Alep", 0, 5, 12.48),
    ("about 3 miles south of Raqqa", 0, -4.828, 7.99),
    ("5 kilometres from Mosul", 0, 0, 15.5),
    ("10 كم من الرقة", 0, 0, 15.5),
    ("3 km outside Al Bab", 0, 0, 8.5),
    ("à 8 km de Homs", 0, 0, 18.5),
    ("100 km from Raqqa", 0, 0, 110),
    ("west of Raqqa", -17.68, 0, 22.68),
    ("south of the city of Raqqa", 0, -17.68, 22.68),
    ("غرب الرقة", -17.68, 0, 22.68),
    ("شمال غربي إدلب", -9.57, 9.57, 16.53),
    ("au nord-est d'Alep", 9.57, 9.57, 23.53),
    ("south-east of Deir ez-Zor", 9.57, -9.57, 23.53),
    ("between Idlib and Aleppo", 23.70, 15.01, 38.06),
    ("بين حمص وحماة", 2.02, 22.47, 32.56),
    ("entre Alep et Damas", -39.73, -149.25, 164.5),
    ("between Raqqa and Deir ez-Zor", 51.25, -34.22, 71.6),
    ("on the road from Aleppo to Damascus", -39.73, -149.25, 179.5),
    ("Aleppo-Damascus road", -39.73, -149.25, 179.5),
    ("طريق حلب دمشق", -39.73, -149.25, 179.5),
    ("Homs - Hama highway", 2.02, 22.47, 32.56),  # the cities reach farther than the corridor of 9 km
    ("on the road to Raqqa", 0, 0, 25),
    ("near Idlib", 0, 0, 15),
    ("close to Al Jinah", 0, 0, 10),
    ("قرب منبج", 0, 0, 25),
    ("près d'Alep", 0, 0, 35),
    ("outskirts of Mosul", 0, 0, 15),
    ("أطراف إدلب", 0, 0, 5),
    ("northern outskirts of Mosul", 0, 10.61, 10.61),
    ("banlieue de Damas", 0, 0, 15),
    ("rural area of Raqqa", 0, 0, 30),
    ("ريف حلب", 0, 0, 35),
    ("Hama countryside", 0, 0, 35),
    ("ريف حلب الشمالي", 0, 0, 35),  # the least circle round half a disc is the disc's
    ("western Mosul", 0, 0, 10),
    ("القسم الغربي من الموصل", 0, 0, 10),
    ("Mossoul-Ouest", 0, 0, 10),
    ("Al Jinah, Aleppo province", 0, 0, 2),
]


def place(name: str) -> NamedPlace:
    """The named place, a disc."""
    lon, lat, extent = PLACES[OTHER_NAMES.get(name, name)]
    return NamedPlace(lon, lat, extent)


def read(text: str) -> Footprint:
    phrase = parse_phrase(text)
    ends = 2 if phrase.relation in (Relation.BETWEEN, Relation.ROAD, Relation.BORDER) else 1
    return footprint(phrase, [place(name) for name in phrase.names[:ends]])


@pytest.mark.parametrize(("text", "east", "north", "radius"), FOOTPRINTS, ids=[case[0] for case in FOOTPRINTS])
def test_a_relation_has_its_centre_and_radius(text: str, east: float, north: float, radius: float) -> None:
    found = read(text)
    start = place(parse_phrase(text).names[0])
    heading, _, metres = geod().inv(start.lon, start.lat, found.lon, found.lat)
    away = math.hypot(
        metres / 1000 * math.sin(math.radians(heading)) - east, metres / 1000 * math.cos(math.radians(heading)) - north
    )
    assert away <= 0.05 + 0.007 * math.hypot(east, north)  # the table is flat: meridians converge
    assert found.radius_m / 1000 == pytest.approx(radius, rel=0.004)


def test_the_table_is_as_large_as_promised() -> None:
    assert len({case[0] for case in FOOTPRINTS}) >= 40


@pytest.mark.parametrize("text", [case[0] for case in FOOTPRINTS])
def test_the_circle_holds_the_whole_area(text: str) -> None:
    found = read(text)
    edge = shapely.get_coordinates(shapely.segmentize(found.shape(), 0.05))
    spare = 1.0 if found.area is not None else 1.002  # a drawn disc lies outside of the true one
    farthest = max(geodesic((lat, lon), (found.lat, found.lon)).meters for lon, lat in edge)
    assert farthest <= found.radius_m * spare
    assert found.shape().is_valid


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.sampled_from(["N", "NE", "ESE"]), st.integers(1, 60))
def test_no_point_in_the_sector_and_the_doubt_of_the_distance_lies_outside(
    chance: random.Random, word: str, km: int
) -> None:
    phrase = parse_phrase(f"{km} km {word} of Raqqa")
    found = footprint(phrase, [place("Raqqa")])
    assert phrase.heading is not None
    assert phrase.heading_precision is not None
    assert phrase.distance_precision_m is not None
    start, half = place("Raqqa"), phrase.heading_precision
    doubt = start.extent_m + phrase.distance_precision_m
    away = km * 1000 + chance.uniform(-1, 1) * doubt
    lon, lat, _ = geod().fwd(start.lon, start.lat, phrase.heading + chance.uniform(-half, half), away)
    assert found.holds(lon, lat, 5)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.sampled_from(["west", "NE", "SSE"]))
def test_all_within_25_km_in_a_direction_lies_inside(chance: random.Random, word: str) -> None:
    phrase = parse_phrase(f"{word} of Raqqa")
    found = footprint(phrase, [place("Raqqa")])
    assert phrase.heading is not None
    assert phrase.heading_precision is not None
    start, half = place("Raqqa"), phrase.heading_precision
    lon, lat, _ = geod().fwd(start.lon, start.lat, chance.uniform(0, 360), chance.uniform(0, start.extent_m * 0.99))
    lon, lat, _ = geod().fwd(lon, lat, phrase.heading + chance.uniform(-half, half) * 0.99, chance.uniform(0, 24_900))
    assert found.holds(lon, lat)
    assert found.area is not None
    assert found.area.buffer(0.001).contains(shapely.Point(lon, lat))


def test_a_town_26_km_west_of_raqqa_satisfies_its_anchor() -> None:
    anchor = parse_phrase("al Mansoura town west of Raqqa").anchors[0]
    found = footprint(anchor, [place("Raqqa")])
    west = geod().fwd(39.0079, 35.9528, 262, 26_700)
    east = geod().fwd(39.0079, 35.9528, 90, 26_700)
    assert found.holds(west[0], west[1], 2_000)
    assert not found.holds(east[0], east[1], 2_000)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("5 km north-east of Idlib", PrecisionLevel.NEAR_SETTLEMENT),
        ("40 km north-east of Idlib", PrecisionLevel.REGION),
        ("west of Raqqa", PrecisionLevel.NEAR_SETTLEMENT), ("between Idlib and Aleppo", PrecisionLevel.REGION),
        ("near Idlib", PrecisionLevel.NEAR_SETTLEMENT), ("western Mosul", PrecisionLevel.SETTLEMENT),
        ("rural Raqqa", PrecisionLevel.NEAR_SETTLEMENT), ("Mosul", PrecisionLevel.SETTLEMENT),
    ],
)  # fmt: skip
def test_the_level_follows_ucdp(text: str, level: PrecisionLevel) -> None:
    assert read(text).precision is level


GOVERNORATE = NamedPlace(38.5, 36.2, 80_000, shapely.box(38, 35.5, 39, 36.5), PrecisionLevel.ADM1)


def test_rural_of_a_unit_is_its_polygon_round_the_polygon_not_the_capital() -> None:
    found = footprint(parse_phrase("rural Raqqa"), [GOVERNORATE])
    assert found.precision is PrecisionLevel.ADM1
    assert found.area is not None
    assert found.area.equals(shapely.box(38, 35.5, 39, 36.5))
    assert distance_m(found.lon, found.lat, 38.5, 36.0) < 500


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("western Raqqa", (38.2, 36.0), (38.8, 36.0)), ("northern Raqqa", (38.5, 36.4), (38.5, 35.6)),
        ("north-eastern Raqqa", (38.9, 36.4), (38.1, 35.6)), ("southern Raqqa countryside", (38.5, 35.6), (38.5, 36.4)),
    ],
)  # fmt: skip
def test_a_side_of_a_unit_is_that_half_of_its_polygon(
    text: str, inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    found = footprint(parse_phrase(text), [GOVERNORATE])
    assert found.area is not None
    assert found.area.contains(shapely.Point(inside))
    assert not found.area.contains(shapely.Point(outside))
    assert found.area.area == pytest.approx(0.5, rel=0.03)


def test_part_of_a_country_is_a_region_and_its_middle_the_whole() -> None:
    country = NamedPlace(38.5, 36, 500_000, shapely.box(36, 33, 42, 37), PrecisionLevel.COUNTRY)
    assert footprint(parse_phrase("northern Syria"), [country]).precision is PrecisionLevel.REGION
    whole = footprint(parse_phrase("central Syria"), [country])
    assert whole.area is not None
    assert whole.area.equals(shapely.box(36, 33, 42, 37))


def test_near_a_polygon_reaches_beyond_it() -> None:
    found = footprint(parse_phrase("near Raqqa"), [GOVERNORATE])
    assert found.precision is PrecisionLevel.ADM1
    assert found.area is not None
    assert found.area.contains(shapely.Point(37.8, 36.0))
    assert not found.area.contains(shapely.Point(37.6, 36.0))


def test_a_border_is_the_strip_along_both_units() -> None:
    other = NamedPlace(39.5, 36.2, 80_000, shapely.box(39, 35.5, 40, 36.5), PrecisionLevel.ADM1)
    found = footprint(parse_phrase("Raqqa/Hasakah border"), [GOVERNORATE, other])
    assert found.area is not None
    west, _, east, _ = found.area.bounds
    assert 38.85 < west < 38.92
    assert 39.08 < east < 39.15


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ([GOVERNORATE], "too_few_places"),
        ([GOVERNORATE, NamedPlace(39.5, 36, 10_000)], "no_common_border"),
        ([GOVERNORATE, NamedPlace(45, 36, 10_000, shapely.box(44, 35, 46, 37))], "no_common_border"),
    ],
    ids=["one place", "no polygon", "polygons apart"],
)
def test_a_border_that_is_none_is_an_error(places: list[NamedPlace], code: str) -> None:
    with pytest.raises(InputError) as caught:
        footprint(parse_phrase("Raqqa/Hasakah border"), places)
    assert caught.value.code == code


@pytest.mark.parametrize("relation", [Relation.BETWEEN, Relation.ROAD])
def test_ends_in_two_parts_of_the_world_are_an_error(relation: Relation) -> None:
    with pytest.raises(InputError) as caught:
        footprint(Anchor(relation, "Tripoli", "Tripoli"), [NamedPlace(35.85, 34.44, 5_000), NamedPlace(-90, 30, 5_000)])
    assert caught.value.code == "too_far_apart"


def test_no_place_is_an_error() -> None:
    with pytest.raises(InputError) as caught:
        footprint(parse_phrase("near Idlib"), [])
    assert caught.value.code == "too_few_places"


def test_a_place_at_the_antimeridian_gives_an_error_or_a_true_radius() -> None:
    found = point_radius.offset(NamedPlace(179.99, -17, 2_000), 10_000, 500, 90, 45)
    assert -180 <= found.lon <= 180
    assert distance_m(found.lon, found.lat, 179.99, -17) == pytest.approx(10_000, abs=1)
