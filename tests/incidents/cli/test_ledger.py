"""``incidents claim``, ``location``, ``grading`` and ``attribution``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CITED = ("--source", "SOHR", "--report", "sohr-2017-03-22", "--why", "a test")


def ranges_of(there: Any, code: str) -> dict[str, Any]:
    """The ranges of an incident as the JSON output has them."""
    found: dict[str, Any] = json.loads(there("find", "--text", code, "--format", "json").stdout)[0]["ranges"]
    return found


@pytest.fixture
def fresh(there: Any) -> Any:
    """Runs commands on a ledger with a fresh incident ``schoolhouse``."""
    there("add", "schoolhouse", "--name", "A schoolhouse", "--start", "2017-03-20", "--why", "a test")
    return there


@pytest.mark.parametrize(
    ("words", "printed", "text"),
    [
        ("at least 33", "33 or more", "33+"),
        ("up to 30", "30 or fewer", "≤30"),
        ("0", "0", "0"),
        ("unknown", "unknown", "unknown"),
        ("denied", "0, denied", "denied"),
    ],
)
def test_a_claim_keeps_zero_unknown_and_denied_apart(fresh: Any, words: str, printed: str, text: str) -> None:
    done = fresh("claim", "add", "schoolhouse", *CITED, "--category", "civilian", "--words", words)
    assert done.stdout == f"schoolhouse-c1: killed civilian {printed}\n"
    assert ranges_of(fresh, "schoolhouse")["killed_civilian"]["text"] == text


def test_a_claim_with_bound_and_figures(fresh: Any) -> None:
    figures = ("--bound", "between", "--min", "37", "--max", "62", "--words", "dozens, it says 37 to 62")
    done = fresh("claim", "add", "schoolhouse", *CITED, "--category", "civilian", "--outcome", "injured", *figures)
    assert done.stdout == "schoolhouse-c1: injured civilian 37 to 62\n"


def test_a_withdrawn_claim_stays_and_is_shown_as_withdrawn(fresh: Any) -> None:
    fresh("claim", "add", "schoolhouse", *CITED, "--category", "civilian", "--words", "33")
    done = fresh("claim", "withdraw", "schoolhouse-c1", "--date", "2017-04-01", "--why", "taken back")
    assert done.stdout == "schoolhouse-c1: withdrawn on 2017-04-01\n"
    assert ranges_of(fresh, "schoolhouse")["killed_civilian"]["text"] == "unknown"
    assert "withdrawn" in fresh("show", "schoolhouse", "--explain").stdout
    before = fresh("show", "schoolhouse", "--as-of", "2017-03-25").stdout
    assert "killed civilian             33" in before


def test_a_claim_that_supersedes_another(fresh: Any) -> None:
    fresh("claim", "add", "schoolhouse", *CITED, "--category", "civilian", "--words", "33")
    replaced = ("--words", "40", "--supersedes", "schoolhouse-c1", "--locator", "p. 3")
    fresh("claim", "add", "schoolhouse", *CITED, "--category", "civilian", *replaced)
    assert ranges_of(fresh, "schoolhouse")["killed_civilian"]["text"] == "40"
    assert "superseded by schoolhouse-c2" in fresh("show", "schoolhouse", "--explain").stdout


def test_a_total_of_a_period_is_never_attached_to_an_incident(there: Any) -> None:
    about = ("--scope", "period", "--area", "Syria", "--period", "2017-03-01/2017-03-31")
    done = there("claim", "add", *CITED, "--category", "civilian", "--words", "260", *about)
    assert done.stdout == "period-c1: killed civilian 260\n"
    result = there("claim", "add", "al-jinah", *CITED, "--category", "civilian", "--words", "260", *about, exits=2)
    assert "[scope_without_incident]" in result.stderr


def test_a_total_of_several_incidents(there: Any) -> None:
    about = ("--scope", "incident_set", "--counts", "al-jinah", "--counts", "raqqa-school")
    there("claim", "add", *CITED, "--category", "civilian", "--words", "at least 70", *about)
    assert "Figures for several incidents together" in there("show", "al-jinah").stdout
    assert "70 or more “at least 70”" in there("show", "al-jinah").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--words", "a great many indeed"), "unreadable_count"),
        (("--bound", "between", "--min", "9", "--max", "3"), "range_reversed"),
        (("--words", "250000"), "large_count_unconfirmed"),
        (("--words", "33", "--subset-of", "nothing"), "unknown_claim"),
    ],
)
def test_figures_that_are_refused(fresh: Any, words: tuple[str, ...], code: str) -> None:
    result = fresh("claim", "add", "schoolhouse", *CITED, "--category", "civilian", *words, exits=2)
    assert result.stderr.startswith(f"[{code}]"), result.stderr
    assert "killed_civilian" not in ranges_of(fresh, "schoolhouse")


def test_a_place_by_each_notation_says_how_it_was_found(fresh: Any, tmp_path: Path) -> None:
    square = tmp_path / "area.geojson"
    ring = [[38.7, 35.8], [38.8, 35.8], [38.8, 35.9], [38.7, 35.9], [38.7, 35.8]]
    square.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    for words in (
        ("--lon", "38.75647", "--lat", "35.81629", "--precision", "exact", "--primary"),
        ("--mgrs", "37SDV780636", "--precision", "within_100m"),
        ("--place", "Mansoura, Raqqa", "--precision", "settlement"),
        ("--area", str(square), "--precision", "adm3"),
        ("--words", "somewhere", "--precision", "unknown"),
    ):
        assert "schoolhouse: location #" in fresh("location", "add", "schoolhouse", *CITED, *words).stdout
    feature = json.loads(fresh("find", "--text", "schoolhouse", "--format", "geojson").stdout)["features"][0]
    methods = [place["method"] for place in feature["properties"]["locations"]]
    assert methods == ["source_coordinates", "mgrs", "gazetteer", "source_coordinates", "source_coordinates"]
    assert feature["geometry"]["coordinates"] == [38.75647, 35.81629]


def test_a_swapped_pair_is_suggested_not_fixed(fresh: Any) -> None:
    words = ("--lon", "35.81629", "--lat", "138.75647", "--precision", "exact")
    result = fresh("location", "add", "schoolhouse", *CITED, *words, exits=2)
    assert "swapped" in result.stderr
    assert "Places" not in fresh("show", "schoolhouse").stdout


def test_totals_are_listed_apart_from_any_incident(there: Any) -> None:
    lines = there("claim", "totals", "--source", "SNHR").stdout.splitlines()
    coalition = next(line for line in lines if line.startswith("seed-C004 "))
    assert "killed civilian 260" in coalition
    assert "by US-led Coalition" in coalition
    assert "Syrian Network for Human Rights [seed-000]" in coalition
    assert len(there("claim", "totals").stdout.splitlines()) > len(lines) > 20
    assert "[unknown_organisation]" in there("claim", "totals", "--source", "nobody", exits=2).stderr


def test_a_withdrawn_place_is_not_used_any_more(fresh: Any) -> None:
    words = ("--lon", "38.75647", "--lat", "35.81629", "--precision", "exact")
    number = fresh("location", "add", "schoolhouse", *CITED, *words).stdout.partition("#")[2].partition(",")[0]
    assert fresh("location", "withdraw", number, "--why", "wrong").stdout == f"location #{number}: withdrawn\n"
    assert "[unknown_location]" in fresh("location", "withdraw", "99999", "--why", "wrong", exits=2).stderr
    assert "Places" not in fresh("show", "schoolhouse").stdout


def test_a_grading_and_an_attribution(fresh: Any) -> None:
    graded = ("--graded-by", "Airwars", "--date", "2017-04-01", "--why", "two sources")
    done = fresh("grading", "add", "schoolhouse", "--grading", "fair", *graded)
    assert done.stdout == "schoolhouse: fair, by Airwars\n"
    blamed = ("--organisation", "United States", "--strength", "alleged", *CITED)
    done = fresh("attribution", "add", "schoolhouse", *blamed)
    assert done.stdout == "schoolhouse: United States, perpetrator, alleged, by SOHR\n"
    shown = fresh("show", "schoolhouse").stdout
    assert "fair, by Airwars, 2017-04-01: two sources" in shown
    assert "United States (perpetrator, alleged), by Syrian Observatory for Human Rights" in shown
    assert "schoolhouse" in fresh("find", "--belligerent", "United States", "--grading", "fair").stdout
