"""The zone of a place: exact where the tz database or the cities leave no doubt, else none."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import available_timezones

import pytest

from gazetteer.zones import _zones, zone_at

DAY = date(2017, 3, 17)


ONE = {"SY": "Asia/Damascus", "IQ": "Asia/Baghdad", "YE": "Asia/Aden", "LY": "Africa/Tripoli"}


@pytest.mark.parametrize(("country", "zone"), ONE.items())
def test_a_country_of_one_zone_needs_no_point(country: str, zone: str) -> None:
    assert zone_at(country, DAY, DAY) == zone


@pytest.mark.parametrize(
    ("country", "lon", "lat", "zone"),
    [
        ("CD", 27.48, -11.66, "Africa/Lubumbashi"),
        ("CD", 15.31, -4.32, "Africa/Kinshasa"),
        ("CD", 22.0, -2.0, None),  # nobody's city is near
        ("US", -85.5, 34.9, None),  # where Alabama, Georgia and Tennessee meet
        ("UA", 37.55, 47.1, "Europe/Kyiv"),
    ],
)
def test_a_country_of_several_is_decided_by_the_cities_round_the_point(
    country: str, lon: float, lat: float, zone: str | None
) -> None:
    assert zone_at(country, DAY, DAY, lon, lat) == zone
    assert zone_at(country, DAY, DAY) is None
    assert zone_at(country, DAY, DAY, lon, lat, radius_m=195_000.0) is None


def test_zones_that_agree_on_the_days_need_no_decision() -> None:
    # Gaza and Hebron changed their clocks on different days of 2011, and on the same ones since 2012.
    assert zone_at("PS", date(2023, 10, 10), date(2023, 10, 12)) == "Asia/Gaza"
    assert zone_at("PS", date(2011, 9, 15), date(2011, 9, 15)) is None
    assert zone_at("PS", date(2011, 9, 15), date(2011, 9, 15), 35.2, 31.9, 1_000.0) is None  # the strip is 80 km off


@pytest.mark.parametrize("country", [None, "", "XX"])
def test_an_unknown_country_has_no_zone(country: Any) -> None:
    assert zone_at(country, DAY, DAY, 38.0, 35.0) is None


def test_every_zone_of_the_table_is_known_to_the_clock() -> None:
    names = {zone for zones in _zones().values() for zone in zones}
    assert len(names) > 400
    assert names <= available_timezones()
