"""``incidents place find`` and ``incidents place at``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gazetteer.sources.localweb import LOOPBACK, LocalWeb, local_web

AGENT = ("--user-agent", "casualty-desk (desk@example.org)")
NOMINATIM = [{
    "osm_type": "node", "osm_id": 11, "lat": "35.96", "lon": "36.70", "class": "place", "type": "village",
    "addresstype": "village", "name": "Xyzzyqtown", "importance": 0.2, "display_name": "Xyzzyqtown, Idlib, Syria",
    "address": {"village": "Xyzzyqtown", "state": "Idlib", "country": "Syria", "country_code": "sy"},
}]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("Al Jinah, Aleppo province",),
        ("Al Jinah", "--admin1", "Aleppo governorate"),
        ("recorded:173695",),
    ],
    ids=["after a comma", "by option", "by key"],
)
def test_a_place_with_its_governorate_is_sure(there: Any, words: tuple[str, ...]) -> None:
    lines = there("place", "find", *words).stdout.splitlines()
    assert lines[0].startswith("sure: Al Jinah (settlement); ")
    assert "lon 36.80205, lat 36.11744, within 2.0 km; precision settlement; " in lines[0]
    assert lines[1].split()[:3] == ["Key", "Name", "Kind"]
    assert lines[2].startswith("recorded:173695  Al Jinah")


def test_an_ambiguous_place_ends_with_an_error_unless_a_list_is_wanted(there: Any) -> None:
    result = there("place", "find", "Aleppo", exits=2)
    assert result.stdout == ""
    assert result.stderr.startswith("[ambiguous_place] ")
    assert result.stderr.count("\n  - ") == 2
    assert "--admin1" in result.stderr
    listed = there("place", "find", "Aleppo", "--list")
    assert listed.stdout.startswith("ambiguous: ")
    assert listed.stderr == ""
    keys = [line.split()[0] for line in listed.stdout.splitlines() if ":" in line.split()[0][:-1]]
    assert all(key in result.stderr for key in keys)
    assert len(keys) == 2


def test_a_key_of_the_list_settles_it(there: Any) -> None:
    error = there("place", "find", "Aleppo", exits=2).stderr
    for line in error.split("\n  - ")[1:]:
        key = line.split(" | ")[0]
        assert there("place", "find", key).stdout.splitlines()[2].startswith(key)


def test_what_is_not_found_ends_with_an_error_and_a_remedy(there: Any) -> None:
    result = there("place", "find", "xyzzyq", exits=2)
    assert result.stdout == ""
    assert result.stderr.startswith("[unknown_place] The gazetteer has no place of this name.\n  Got: xyzzyq\n")
    assert there("place", "find", "xyzzyq", "--list").stdout.startswith("not found: ")


def test_a_unit_that_is_not_known_is_said(there: Any) -> None:
    assert "Narnia" in there("place", "find", "Al Jinah, Narnia", "--list").stdout


def test_only_a_unit_is_coarse_and_ends_well(there: Any) -> None:
    lines = there("place", "find", "Aleppo governorate").stdout.splitlines()
    assert lines[0].startswith("coarse: only an area is certain; ")
    assert lines[0].endswith("precision adm1")
    assert any(line.startswith("note: Only the unit is certain: Aleppo") for line in lines)


def test_coordinates_are_read_in_any_notation(there: Any) -> None:
    line = there("place", "find", "37SDV780636").stdout.splitlines()[0]
    assert line.startswith("sure: coordinates; 2.8 km south-east of Al Mansurah")
    assert "lon 38.75702, lat 35.81675, within 72 m; precision within_100m" in line
    assert "[null_island]" in there("place", "find", "0, 0", exits=2).stderr


@pytest.mark.parametrize(
    ("text", "verdict", "exits"),
    [
        ("Al Jinah, Aleppo", "sure", 0),
        ("Aleppo governorate", "coarse", 0),
        ("Aleppo", "ambiguous", 2),
        ("xyzzyq", "not_found", 2),
        ("", "not_found", 2),
        ("5 km north-east of Idlib", "sure", 0),
        ("\udcff\udcfe", "not_found", 2),
    ],
    ids=["sure", "coarse", "ambiguous", "not found", "empty", "relation", "lone surrogates"],
)
def test_the_answer_as_json_is_whole_whatever_the_verdict(there: Any, text: str, verdict: str, exits: int) -> None:
    result = there("place", "find", text, "--json", exits=exits)
    record = json.loads(result.stdout)
    assert record["verdict"] == verdict
    assert (record["lon"] is None) == (exits == 2)
    assert all(0 <= one["probability"] <= 1 for one in record["candidates"])
    assert result.stderr.startswith("[") == (exits == 2)


def test_a_computed_candidate_has_no_key(there: Any) -> None:
    record = json.loads(there("place", "find", "5 km north-east of Idlib", "--json").stdout)
    assert record["candidates"][0]["key"] is None
    shown = there("place", "find", "5 km north-east of Idlib").stdout
    assert "(computed)" in shown
    # Its point may be farther than 10 km from the truth, whichever Idlib is meant.
    assert "that the place named is meant" in shown
    assert "to be within 10 km" not in shown


def test_geojson_has_the_answer_first_longitude_first(there: Any) -> None:
    record = json.loads(there("place", "find", "Al Jinah, Aleppo", "--geojson").stdout)
    assert [one["properties"]["role"] for one in record["features"]][:2] == ["answer", "candidate"]
    assert record["features"][0]["geometry"] == {"type": "Point", "coordinates": [36.80205, 36.11744]}
    nothing = json.loads(there("place", "find", "Aleppo", "--geojson", exits=2).stdout)
    assert {one["properties"]["role"] for one in nothing["features"]} == {"candidate"}
    assert "[two_formats]" in there("place", "find", "Al Jinah", "--json", "--geojson", exits=2).stderr


def test_at_most_so_many_candidates_are_shown(there: Any) -> None:
    assert (
        len(json.loads(there("place", "find", "Aleppo", "--json", "--list", "--limit", "1").stdout)["candidates"]) == 1
    )


def test_names_are_shown_in_the_language_asked_for(there: Any) -> None:
    there("place", "name", "add", "recorded:173695", "Djina", "--language", "fr", "--why", "French maps")
    assert "Djina" in there("place", "find", "Al Jinah, Aleppo", "--language", "fr").stdout.splitlines()[0]


def test_a_neighbour_by_name_or_point_goes_into_the_search(there: Any) -> None:
    by_name = there("place", "find", "Al Mansurah", "--near", "Raqqa", "--list").stdout
    by_point = there("place", "find", "Al Mansurah", "--near", "35.95, 39.01", "--list").stdout
    assert "from the neighbour" in by_name
    assert "from the neighbour" in by_point
    words = ("--near", "Raqqa", "--near", "35.95, 39.01")
    assert "[points_and_names]" in there("place", "find", "Al Mansurah", *words, exits=2).stderr


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("37SDV780636", "Al Mansurah, Raqqa", None),
        ("36.2012 N 37.1612 E", "Aleppo governorate", None),
        ("35.95, 39.01", "Aleppo city", "far_from_name"),
        ("39.0, 35.9", "Raqqa city", "maybe_swapped"),
        ("Al Jinah", "Raqqa", "not_coordinates"),
        ("37SDV780636", "xyzzyq", "unknown_place"),
        ("37SDV780636", "35.95, 39.01", "nothing_to_compare"),
    ],
)
def test_coordinates_are_compared_with_a_named_place(there: Any, text: str, place: str, code: str | None) -> None:
    if code is None:
        assert "They agree." in there("place", "find", text, "--check", place).stdout
        record = json.loads(there("place", "find", text, "--check", place, "--json").stdout)
        assert record["check"]["codes"] == []
    else:
        assert there("place", "find", text, "--check", place, exits=2).stderr.startswith(f"[{code}] ")


def test_a_misfit_is_only_told_where_a_list_is_wanted(there: Any) -> None:
    shown = there("place", "find", "39.0, 35.9", "--check", "Raqqa city", "--list")
    assert "maybe swapped" in shown.stdout
    assert shown.stderr == ""


@pytest.fixture
def service() -> Iterator[LocalWeb]:
    """A server that stands in for Nominatim."""
    with local_web() as running:
        running.put("/search", json.dumps(NOMINATIM).encode())
        yield running


@pytest.mark.allow_hosts(LOOPBACK)
class TestOnline:
    def test_a_service_is_asked_once_and_only_for_what_is_not_found(self, there: Any, service: LocalWeb) -> None:
        words = ("--online", "nominatim", *AGENT, "--service-url", service.address)
        there("place", "find", "Al Jinah, Aleppo", *words)
        there("place", "find", "Aleppo", *words, "--list")
        assert service.asked == []
        told = there("place", "find", "xyzzyq", *words, exits=2)
        assert "Not in the gazetteer. nominatim (asked " in told.stdout
        assert "nominatim:node/11" in told.stdout
        assert "OpenStreetMap" in told.stdout
        assert told.stderr.startswith("[unknown_place] ")
        again = json.loads(there("place", "find", "xyzzyq", *words, "--json", "--list").stdout)
        assert (again["verdict"], again["online"]["cached"]) == ("not_found", True)
        assert again["online"]["candidates"][0]["probability"] is None
        assert len(service.asked) == 1

    def test_a_service_that_finds_nothing_is_told(self, there: Any, service: LocalWeb) -> None:
        service.put("/search", b"[]")
        words = ("--online", "nominatim", *AGENT, "--service-url", service.address, "--list")
        assert there("place", "find", "xyzzyq", *words).stdout.rstrip().endswith("nothing")

    @pytest.mark.parametrize(
        ("words", "code"),
        [(("nominatim",), "no_user_agent"), (("elsewhere", *AGENT), "unknown_service")],
    )
    def test_what_a_service_needs_is_told(self, there: Any, words: tuple[str, ...], code: str) -> None:
        assert f"[{code}]" in there("place", "find", "xyzzyq", "--online", *words, exits=2).stderr


@pytest.mark.parametrize(
    "words",
    [("36.80205", "36.11744"), ("36.11744, 36.80205",), ("N36.11744", "E36.80205"), ("POINT (36.80205 36.11744)",)],
    ids=["longitude first", "latitude first in one text", "letters", "well-known text"],
)
def test_a_point_in_any_notation_has_its_nearest_settlement(there: Any, words: tuple[str, ...]) -> None:
    shown = there("place", "at", *words).stdout
    assert shown.startswith("lon 36.80205, lat 36.11744; ")
    assert "nearest      at Al Jinah" in shown
    assert "district     not known" in shown


def test_a_western_longitude_is_no_option(there: Any) -> None:
    record = json.loads(there("place", "at", "-71.5", "42.1", "--json").stdout)
    assert (record["lon"], record["lat"], record["nearest"]) == (-71.5, 42.1, None)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("hello",), "not_coordinates"),
        (("36.1,", "36.8"), "unclear_order"),
        (("200", "36"), "out_of_range"),
        (("nan", "36"), "not_coordinates"),
        (("0", "0"), "null_island"),
    ],
)
def test_what_is_no_point_is_told(there: Any, words: tuple[str, ...], code: str) -> None:
    assert there("place", "at", *words, exits=2).stderr.startswith(f"[{code}] ")


def test_units_of_real_boundaries_are_named(there: Any, shared_data: Path) -> None:
    file = shared_data / "gazetteer" / "sy_region.geojson"
    there("gazetteer", "import", "areas", file, "--level", "adm1", "--country", "SY")
    shown = there("place", "at", "36.80205", "36.11744").stdout
    assert "governorate  Aleppo" in shown
    answer = json.loads(there("place", "find", "Aleppo governorate", "--json").stdout)
    assert answer["area"]["type"] in {"Polygon", "MultiPolygon"}
