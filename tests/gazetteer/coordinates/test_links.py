"""Links to maps: a pin is a point, a stretch of map is as coarse as it was drawn."""

from __future__ import annotations

import math

import pytest

from db.errors import InputError
from gazetteer.coordinates.parser import parse_coordinates
from gazetteer.coordinates.point import Notation
from gazetteer.geodesy import EQUATOR_M


@pytest.mark.parametrize(
    ("link", "zoom"),
    [
        ("https://www.google.com/maps/@36.3350000,43.1189000,15z", 15),
        ("https://www.google.com/maps/@36.3350000,43.1189000,12.5z/data=!3m1", 12.5),
        ("https://www.openstreetmap.org/#map=9/36.335/43.119&layers=H", 9),
        ("https://www.bing.com/maps?cp=36.3350~43.1189&lvl=15.2", 15.2),
        ("https://maps.google.com/maps?ll=36.3350,43.1189&z=8", 8),
        ("https://maps.apple.com/?center=36.3350,43.1189&z=8", 8),
        ("http://wikimapia.org/#lang=en&lat=36.335000&lon=43.118900&z=14", 14),
    ],
)
def test_the_middle_of_a_map_is_known_to_half_a_tile(link: str, zoom: float) -> None:
    found = parse_coordinates(link)
    assert found is not None
    assert found.notation is Notation.MAP_VIEW
    tile_m = 2 * math.pi * EQUATOR_M * math.cos(math.radians(36.335)) / 2**zoom
    assert found.radius_m == pytest.approx(tile_m / 2, rel=0.002, abs=1)


def test_the_middle_of_a_picture_from_above_is_known_to_half_its_height() -> None:
    found = parse_coordinates("https://www.google.com/maps/@36.3350,43.1189,1500m/data=!3m1!1e3")
    assert found is not None
    assert found.radius_m == 750


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps/place/X/@36.9,43.9,12z/data=!4m5!8m2!3d36.3350!4d43.1189",
        "https://www.google.com/maps/place/36.3350,43.1189/@36.9,43.9,12z",
        "https://maps.google.com/?ll=36.9,43.9&q=36.3350,43.1189&z=12",
        "https://www.openstreetmap.org/?mlat=36.3350&mlon=43.1189#map=12/36.9/43.9",
        "https://www.bing.com/maps?cp=36.9~43.9&sp=point.36.3350_43.1189_A%20place",
        "https://yandex.com/maps/?ll=43.9,36.9&pt=43.1189,36.3350&z=12",
        "https://www.google.com/maps/@36.3350,43.1189,3a,75y,90t/data=!3m6!1e1",  # a picture from the street
    ],
)
def test_a_pin_counts_before_the_stretch_of_map_around_it(link: str) -> None:
    found = parse_coordinates(link)
    assert found is not None
    assert (found.lat, found.lon, found.notation) == (36.3350, 43.1189, Notation.MAP_LINK)
    assert found.radius_m < 10


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://www.google.com/maps/data=!3d36.3!4d43.1!8m2!3d36.4!4d43.2", "two_values"),
        ("https://maps.google.com/?q=Mosul+36.3350,43.1189", "extra_text"),
        ("https://maps.google.com/?q=36.3350", "half_missing"),
        ("https://maps.google.com/?q=95.5,43.1189", "maybe_swapped"),
        ("https://maps.google.com/?q=95.5,143.1189", "out_of_range"),
        ("https://www.openstreetmap.org/relation/4104853", "link_without_point"),
        ("https://www.openstreetmap.org/#map=15/x/y", "link_without_point"),
        ("https://google.com.evil.example/maps/@36.3,43.1,15z", "unknown_link"),
        ("https://notgoogle.com/maps/@36.3,43.1,15z", "unknown_link"),
        ("https://goo.gl/maps/abc", "short_link"),
        ("<https://maps.app.goo.gl/abc>", "short_link"),
        ("https://maps.google.com/?q=36.3&q=" + "%31" * 100, "link_without_point"),
    ],
)
def test_a_link_without_one_certain_point_is_refused(link: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_coordinates(link)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "radius_m"), [("geo:36.3350,43.1189;u=35", 35), ("geo:36.3,43.1;u=35", None), ("geo:36.3350,43.1189", 7.2)]
)
def test_a_stated_uncertainty_widens_the_radius_and_never_narrows_it(text: str, radius_m: float | None) -> None:
    found = parse_coordinates(text)
    assert found is not None
    assert found.radius_m == radius_m if radius_m is not None else found.radius_m > 7_000
