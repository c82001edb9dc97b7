"""``incidents find``: each filter, each format, tiers, order, and places that several answer to."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from incidents.cli.find import Format

FOUR = ["aleppo-mosque", "al-jinah", "mosul-2017-03-17", "raqqa-school"]
BOX = "38,35,39.5,36.5"


def codes(output: str) -> list[str]:
    """The codes in a JSON answer."""
    return [found["code"] for found in json.loads(output)]


def test_the_table_lists_four_and_counts_three_events(there: Any) -> None:
    result = there("find")
    lines = result.stdout.splitlines()
    assert lines[0].split()[:2] == ["Code", "Name"]
    assert [line.split()[0] for line in lines if line.split()[0] in FOUR] == FOUR
    assert lines[-1].startswith("4 incidents, 3 events. Civilians killed, by envelope, each event once: ")
    assert result.stderr == ""


FILTERS = [
    # option and value, and the codes that answer
    (["--in", "Mansoura, Raqqa"], None),
    (["--near", "Al Jinah", "--radius", "5km"], ["al-jinah"]),
    (["--bbox", BOX], ["raqqa-school"]),
    (["--from", "2017-03-18", "--to", "2017-03-21"], ["aleppo-mosque", "raqqa-school"]),
    (["--from", "2017-03-27"], []),
    (["--status", "credible"], ["al-jinah", "mosul-2017-03-17", "raqqa-school"]),
    (["--status", "non_credible"], []),
    (["--status", "non_credible", "--as-of", "2017-08-01"], ["raqqa-school"]),
    (["--grading", "fair"], ["al-jinah"]),
    (["--source", "SOHR", "--text", "school"], ["raqqa-school"]),
    (["--belligerent", "United States", "--text", "mosul"], ["mosul-2017-03-17"]),
    (["--killed-min", "400"], None),
    (["--text", "مدرسة"], ["raqqa-school"]),
    (["--text", "CS598"], ["raqqa-school"]),
    (["--text", "no such name"], []),
]


@pytest.mark.parametrize(("words", "expected"), FILTERS, ids=[" ".join(words) for words, _ in FILTERS])
def test_each_filter(there: Any, words: list[str], expected: list[str] | None) -> None:
    found = codes(there("find", *words, "--format", "json").stdout)
    assert found == [code for code in FOUR if code in found], "the order is by time, then code"
    if expected is None:
        assert set(found) < set(FOUR)
    else:
        assert found == expected


def test_a_polygon_in_a_file(there: Any, tmp_path: Path) -> None:
    file = tmp_path / "square.geojson"
    ring = [[38, 35], [39.5, 35], [39.5, 36.5], [38, 36.5], [38, 35]]
    file.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    assert codes(there("find", "--polygon", file, "--format", "json").stdout) == ["raqqa-school"]


def test_json_geojson_and_csv_say_the_same(there: Any) -> None:
    flat = json.loads(there("find", "--format", "json").stdout)
    features = json.loads(there("find", "--format", "geojson").stdout)["features"]
    rows = list(csv.DictReader(io.StringIO(there("find", "--format", "csv").stdout)))
    assert [one["code"] for one in flat] == [one["id"] for one in features] == [row["code"] for row in rows] == FOUR
    for one, feature, row in zip(flat, features, rows, strict=True):
        assert one["ranges"] == feature["properties"]["ranges"]
        low = one["ranges"]["killed_civilian"]["low"]
        assert row["killed_civilian_low"] == ("" if low is None else str(low))


@pytest.mark.parametrize("form", [form for form in Format if form is not Format.TABLE])
def test_machine_readable_output_is_public_unless_asked(there: Any, form: Format) -> None:
    there("edit", "al-jinah", "--visibility", "restricted", "--why", "asked for")
    assert "al-jinah," not in there("find", "--format", form).stdout.replace('"', "")
    assert "al-jinah" in there("find", "--format", form, "--tier", "restricted").stdout
    assert "al-jinah" in there("find").stdout


def test_output_is_stable(there: Any) -> None:
    for form in Format:
        assert there("find", "--format", form).stdout == there("find", "--format", form).stdout


def test_unlocated_incidents_are_counted_apart_and_listed_on_request(there: Any) -> None:
    plain = there("find", "--bbox", BOX).stdout
    assert "1 incident without a place to compare; --unlocated lists them." in plain
    assert "aleppo-mosque" not in plain
    assert "1 incident (1 surely, 0 possibly inside), 1 event." in plain
    listed = there("find", "--bbox", BOX, "--unlocated").stdout
    assert "aleppo-mosque" in listed
    assert "unlocated" in listed
    result = there("find", "--bbox", BOX, "--unlocated", "--format", "json")
    matches = {found["code"]: found["match"] for found in json.loads(result.stdout)}
    assert matches.pop("aleppo-mosque") == "unlocated"
    assert set(matches) == {"raqqa-school"}
    assert result.stderr == "1 incident without a place to compare, listed last.\n"


def test_a_limit_says_what_it_left_out(there: Any) -> None:
    table = there("find", "--limit", "2")
    assert "... and 2 more; --limit 4 shows all." in table.stdout
    assert "4 incidents, 3 events" in table.stdout, "the summary is of all that answer"
    written = there("find", "--limit", "1", "--format", "json")
    assert codes(written.stdout) == FOUR[:1]
    assert written.stderr.startswith("... and more; --after ")


def test_pages_go_on_where_the_one_before_ended(there: Any) -> None:
    found, more = [], []
    while len(found) < 4:
        part = there("find", "--limit", "1", "--format", "json", *more)
        found += codes(part.stdout)
        more = part.stderr.removeprefix("... and more; ").removesuffix(" goes on.\n").split()
    assert found == FOUR
    assert more == []
    assert there("find", "--after", "1:1", exits=2).stderr.startswith("[after_needs_pages]")
    refused = there("find", "--after", "soon", "--format", "json", exits=2)
    assert refused.stderr.startswith("[bad_cursor]")


def test_as_of_leaves_out_what_was_said_later(there: Any) -> None:
    now = json.loads(there("find", "--text", "school", "--format", "json").stdout)[0]
    then = json.loads(there("find", "--text", "school", "--as-of", "2017-08-01", "--format", "json").stdout)[0]
    assert [one["state"] for one in now["status"]] == ["credible"]
    assert [one["state"] for one in then["status"]] == ["non_credible"]
    assert then["as_of"] == "2017-08-01T23:59:59Z"


def test_rules_change_the_ranges(there: Any) -> None:
    texts = {
        rule: json.loads(there("find", "--text", "school", "--rule", rule, "--format", "json").stdout)[0]["ranges"][
            "killed_civilian"
        ]["text"]
        for rule in ("envelope", "official")
    }
    assert texts["official"] == "40"
    assert texts["envelope"] != texts["official"]


def test_an_ambiguous_place_lists_its_candidates(there: Any) -> None:
    for words in (["--in", "Sawran"], ["--near", "Sawran", "--radius", "5km"]):
        result = there("find", *words, exits=2)
        assert result.stdout == ""
        assert result.stderr.startswith("[ambiguous_place] 3 places answer to this name.")
        assert result.stderr.count("\n  - ") == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--in", "Nowhere at all"], "unknown_place"),
        (["--near", "Al Jinah"], "near_needs_radius"),
        (["--radius", "5km"], "near_needs_radius"),
        (["--near", "Al Jinah", "--radius", "5km", "--bbox", BOX], "one_area"),
        (["--bbox", "38,35,39.5"], "bad_bbox"),
        (["--from", "2017-02-30"], "impossible_date"),
        (["--source", "Nobody"], "unknown_organisation"),
        (["--text", " "], "blank"),
        (["--polygon", "missing.geojson"], "file_not_found"),
        (["--in", "Syria"], "no_boundary"),
    ],
)
def test_errors_say_what_is_wrong_and_print_nothing(there: Any, words: list[str], code: str) -> None:
    result = there("find", *words, exits=2)
    assert result.stdout == ""
    assert result.stderr.startswith(f"[{code}]"), result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--status", "nonsense"], "'nonsense' is not one of 'not_assessed', 'reported', 'open'"),
        (["--format", "xml"], "'xml' is not one of 'table', 'json', 'geojson', 'csv'"),
        (["--limit", "0"], "'--limit': Input should be greater than or equal to 1"),
        (["--killed-min", "many"], "'--killed-min': Input should be a valid integer"),
        (["--colour"], "No such option: --colour"),
    ],
)
def test_unknown_values_name_the_known_ones(there: Any, words: list[str], told: str) -> None:
    result = there("find", *words, exits=2)
    assert told in " ".join(result.stderr.split())


def test_an_empty_answer_is_an_answer(there: Any) -> None:
    assert there("find", "--text", "no such name").stdout.splitlines()[-1].startswith("0 incidents, 0 events.")
    assert json.loads(there("find", "--text", "no such name", "--format", "json").stdout) == []
