"""Levels, keys, countries and validity of boundary features."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from db.vocabulary import PlaceKind
from gazetteer.sources.fields import codes_of, country_of, feature_key, geonames_id, in_force, level_of, population_of

SQUARE = shapely.box(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("properties", "level"),
    [
        ({"wof:placetype": "region"}, PlaceKind.ADM1),
        ({"placetype": "county", "shapeType": "ADM1"}, PlaceKind.ADM2),
        ({"wof:placetype": "locality"}, PlaceKind.SETTLEMENT),
        ({"wof:placetype": "neighbourhood"}, PlaceKind.NEIGHBOURHOOD),
        ({"wof:placetype": "continent"}, None),
        ({"shapeType": "ADM0"}, PlaceKind.COUNTRY),
        ({"shapeType": "ADM3"}, PlaceKind.ADM3),
        ({"ADM0_PCODE": "SY", "ADM1_PCODE": "SY07", "ADM2_PCODE": "SY0703"}, PlaceKind.ADM2),
        ({"ADM0_PCODE": "SY", "ADM1_PCODE": "SY07", "ADM2_PCODE": None}, PlaceKind.ADM1),
        ({"adm4_pcode": "SY07030101", "adm3_pcode": "SY070301"}, None),
        ({"GID_0": "SYR", "GID_1": "SYR.7_1"}, PlaceKind.ADM1),
        ({"featurecla": "Admin-1 states provinces"}, PlaceKind.ADM1),
        ({"featurecla": "Admin-0 country"}, PlaceKind.COUNTRY),
        ({"name": "Homs"}, None),
    ],
    ids=str,
)
def test_the_level_that_a_feature_shows(properties: dict[str, Any], level: PlaceKind | None) -> None:
    assert level_of(properties) is level


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"wof:id": 85678359}, "wof_id:85678359"),  # the same place as in a flat file
        ({"wof_id": "85678359"}, "wof_id:85678359"),
        ({"ADM1_PCODE": "'SY07"}, "adm1_pcode:SY07"),
        ({"id": True, "geonameid": 5}, "geonameid:5"),  # a truth value is no id
        ({"KEY": "k7", "wof_id": 3}, "key:k7"),  # the field that the user named
        ({}, "feature:9"),
    ],
    ids=str,
)
def test_the_key_of_a_feature(properties: dict[str, Any], key: str) -> None:
    code_field = "KEY" if "KEY" in properties else None
    assert feature_key({"id": 9}, properties, PlaceKind.ADM1, SQUARE, code_field) == key


def test_a_feature_without_an_id_is_known_by_its_polygon() -> None:
    first = feature_key({}, {}, PlaceKind.ADM1, SQUARE)
    assert first.startswith("sha256:")
    assert feature_key({}, {}, PlaceKind.ADM1, shapely.box(0, 0, 1, 2)) != first


@pytest.mark.parametrize(
    ("properties", "ended"),
    [
        ({"wof:superseded_by": [1108804831]}, True),
        ({"wof:superseded_by": [], "edtf:deprecated": "uuuu", "edtf:cessation": "..", "mz:is_current": 1}, False),
        ({"mz:is_current": 0}, True),
        ({"mz:is_current": -1}, False),
        ({"edtf:cessation": "2014-03"}, True),
        ({"validTo": "2015-03-04T00:00:00"}, True),
        ({"validTo": "2015/03/04"}, True),
        ({"valid_to": "2999-12-31"}, False),
        ({"valid_to": "9999-12-31"}, False),
        ({"validTo": "-99"}, False),
        ({"validTo": "2015-13-44"}, True),  # no date, and yet something speaks against it
        ({"superseded": "12"}, True),  # a shapefile cuts names to ten letters
    ],
    ids=str,
)
def test_whether_a_unit_is_in_force(properties: dict[str, Any], ended: bool) -> None:
    assert (in_force(properties) is not None) is ended


def test_concordances_are_read_from_a_text_cell_too() -> None:
    properties = {"concordances": '{"gn:id": 169575, "iso:code": "SY-HI"}'}
    assert geonames_id(properties) == "169575"
    assert country_of(properties) == "SY"
    assert geonames_id({"concordances": "{no json"}) is None


@pytest.mark.parametrize(
    ("value", "people"), [(1500, 1500), (0, None), (-3, None), ("1500", None), (True, None), (2**60, None)]
)
def test_the_population_is_a_positive_count(value: Any, people: int | None) -> None:
    assert population_of({"wof:population": value}) == people


def test_codes_that_are_no_p_codes_are_not_taken() -> None:
    assert codes_of({"iso:code": "IQ-SU", "hasc:id": "IQ.SU", "shapeISO": "IQ-SU"}, PlaceKind.ADM1) == ((), False)
