"""B49, B50, B53, B63 to B67: JSON as such, and records that are there already."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bad.desk import CITED, WHO, Desk
from tests.bad.doors import area, case, csv_incident, inside, line, own_geojson, raw_geojson

TWICE = '{"type":"Polygon","type":"Point","coordinates":[]}'
DEEP = "[" * 100_000 + "]" * 100_000
DIGITS = '{"a":' + "9" * 5_000 + "}"
STEP = ("--authority", "coalition", "--date", "2017-04-01")


def different_inside(desk: Desk) -> Sequence[object]:
    """*Different* between two records that a chain of two judgements makes one event."""
    desk.done("same", "judge", "bridge", "clinic", "--why", "one place", "--by", "tester")
    return "same", "judge", "bridge", "market", "--verdict", "different", "--why", "w"


CASES = [
    case("B49", "own geojson", raw_geojson('{"type":"FeatureCollection","features":[{"id":"a","id":"b"}]}'),
         "duplicate_key", "in.geojson", "id"),
    case("B49", "area", area(TWICE), "duplicate_key", "a.geojson", "type"),
    case("B49", "query", inside(TWICE), "duplicate_key", "q.geojson", "type"),
    case("B50", "own geojson", raw_geojson(DEEP), "too_deep", "in.geojson", "100000"),
    case("B50", "area", area(DEEP), "too_deep", "a.geojson"),
    case("B50", "unclosed", raw_geojson("[" * 100_000), "too_deep", "in.geojson"),
    case("B53", "own geojson", raw_geojson(DIGITS), "number_too_long", "in.geojson", "5000 digits"),
    case("B53", "query", inside(DIGITS), "number_too_long", "q.geojson"),
    case("B63", "csv, other content", csv_incident(code="market", name="Another name"), "different_content",
         "in.csv, line 3", "name", "incidents edit market", exit_code=3),
    case("B63", "geojson, other content", own_geojson(code="market", name="Another name"), "different_content",
         "features 2 (market)", "name", exit_code=3),
    case("B63", "command, taken code", line("add", "market", "--name", "Another", *WHO), "duplicate_code", "market",
         exit_code=3),
    case("B64", "no reason", line("status", "set", "market", *STEP, "--state", "credible"), None, "--why"),
    case("B64", "blank reason", line("status", "set", "market", *STEP, "--state", "credible", "--why", " "),
         "why_missing", "--why"),
    case("B64", "illegal step", line("status", "set", "clinic", *STEP, "--state", "credible", "--why", "w"),
         "illegal_move", "clinic, coalition", "stands at not_assessed", "Legal from not_assessed"),
    case("B64", "unknown state", line("status", "set", "market", *STEP, "--state", "proven", "--why", "w"), None,
         "--state"),
    case("B65", "edit", line("edit", "market", "--name", "N", "--version", "7", *WHO), "stale_version", "market",
         "version 1", "made on 7", exit_code=3),
    case("B65", "withdraw a claim", line("claim", "withdraw", "market-c1", "--date", "2017-05-01", "--version", "7",
         *WHO), "stale_version", "market-c1", "version 1", exit_code=3),
    case("B66", "same through a chain", line("same", "judge", "market", "road", "--why", "w"),
         "contradicting_judgement", "clinic – market – road", "undecided", exit_code=3),
    case("B66", "different inside an event", different_inside, "contradicting_judgement", "market – clinic – bridge",
         "undecided", exit_code=3),
    case("B67", "location, several", line("location", "add", "market", *CITED, "--precision", "settlement",
         "--place", "Mansura", *WHO), "ambiguous_place", "geonames:102", "geonames:103", "Say which"),
    case("B67", "location, none", line("location", "add", "market", *CITED, "--precision", "settlement",
         "--place", "Al Jinha", *WHO), "unknown_place", "Al Jinha", "Names like it: Al Jinah"),
    case("B67", "query, several", line("find", "--near", "Mansura", "--radius", "5km"), "ambiguous_place",
         "geonames:102", "geonames:103"),
    case("B67", "query, none", line("find", "--in", "Nowhere at all"), "unknown_place", "Nowhere at all"),
    case("B67", "csv without a point", csv_incident(place_name="Mansura", precision="settlement",
         location_source="monitor", location_report="monitor-1"), "one_place", "in.csv, line 3"),
]  # fmt: skip
