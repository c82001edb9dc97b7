"""Importing files with Airwars' columns; all rows are made up."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from db.engine import Database
from db.errors import InputError
from db.session import read_session, write_session
from db.tables import Report
from incidents.exports.geojson import write_geojson
from incidents.importers.airwars import import_airwars
from incidents.importers.airwars_codes import ACCURACIES, ASSESSMENTS, GRADINGS, STRIKES
from incidents.importers.own_geojson import import_geojson
from incidents.importers.rows import Outcome
from incidents.query import Query, find
from incidents.tiers import Tier
from tests.conftest import ROOT

MADE_UP = ROOT / "tests" / "fixtures" / "airwars" / "made_up.json"

Change = Callable[..., Path]


def imported(database: Database, path: Path, **options: Any) -> Outcome:
    with write_session(database, who="tester", why="an import") as session:
        return import_airwars(session, path, **options)


def exported(database: Database, tier: Tier = Tier.INTERNAL) -> bytes:
    out = io.BytesIO()
    with read_session(database) as session:
        write_geojson(session, find(session, Query(tier=tier)).keys(), out, tier=tier)
    return out.getvalue()


def properties(database: Database, code: str) -> dict[str, Any]:
    features = json.loads(exported(database))["features"]
    found: dict[str, Any] = next(one["properties"] for one in features if one["id"] == code)
    return found


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Writes the made-up file with other values in its second incident."""

    def to_file(**values: Any) -> Path:
        rows = json.loads(MADE_UP.read_text("utf-8"))
        rows[1] |= values
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(rows), "utf-8")
        return path

    return to_file


def as_csv(path: Path) -> Path:
    """The made-up incidents as a CSV; what is an array in JSON is text in a cell."""
    rows = json.loads(MADE_UP.read_text("utf-8"))
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for row in rows:
            cells = {name: json.dumps(value) if isinstance(value, list) else value for name, value in row.items()}
            writer.writerow(cells)
    return path


def test_ranges_are_claims_and_null_is_not_zero(database: Database) -> None:
    imported(database, MADE_UP, retrieved="2020-01-02")
    found = properties(database, "airwars-CS9001")
    said = {claim["code"].removeprefix("airwars-CS9001-"): claim for claim in found["claims"]}
    assert {code: (one["bound"], one["minimum"], one["maximum"]) for code, one in said.items()} == {
        "civilian-killed": ("between", 4, 9),
        "civilian-injured": ("at_most", None, 12),
        "child-killed": ("exact", 2, 2),
        "combatant-killed": ("between", 0, 3),
        "conceded-1-killed": ("exact", 0, 0),
    }
    assert {one["source"] for one in said.values()} == {"airwars", "Invented Coalition"}
    assert (said["conceded-1-killed"]["perpetrator"], said["conceded-1-killed"]["category"]) == (
        "Invented Coalition",
        "civilian",
    )
    (nobody,) = properties(database, "airwars-CS9003")["claims"]
    assert (nobody["bound"], nobody["minimum"], nobody["maximum"]) == ("exact", 0, 0)


def test_codes_present_and_former_are_kept(database: Database) -> None:
    imported(database, MADE_UP, retrieved="2020-01-02")
    codes = properties(database, "airwars-CS9001")["codes"]
    assert {(one["code"], one["former"]) for one in codes} == {("CS9001", False), ("CS9002", False), ("S901", True)}
    assert {one["scheme"] for one in codes} == {"airwars"}


def test_the_codes_of_the_source_come_back_from_an_export(database: Database) -> None:
    imported(database, MADE_UP)
    found = properties(database, "airwars-CS9001")
    note = dict(line.split(": ", 1) for line in found["note"].splitlines())
    assert (note["strike_status_slug"], note["civilian_harm_status_slug"]) == ("declared-strike", "confirmed")
    assert note["journalists_killed_min"] == "1"
    assert [place["source_code"] for place in found["locations"]] == ["Village", "100 m"]
    notes = [one["note"] for one in found["attributions"] if one["role"] == "perpetrator"]
    kept = [dict(line.split(": ", 1) for line in text.splitlines()) for text in notes]
    assert [(one["type"], one["assessment_slug"]) for one in kept] == [
        ("known", "credible-substantiated"),
        ("suspected", "not_yet_assessed"),
    ]
    assert kept[0]["mgrs_coordinate"] == "37SDV780636"


def test_gradings_status_and_attributions(database: Database) -> None:
    imported(database, MADE_UP)
    first, second = (properties(database, code) for code in ("airwars-CS9001", "airwars-CS9003"))
    assert [one["grading"] for one in first["gradings"] + second["gradings"]] == ["confirmed", "discounted"]
    assert (first["strike_status"], second["strike_status"]) == ("declared", "contested")
    assert (first["civilian_harm_reported"], second["civilian_harm_reported"]) == ("yes", "no")
    assert [(one["name"], one["role"], one["strength"]) for one in first["attributions"]] == [
        ("Invented Coalition", "perpetrator", "confirmed"),
        ("Invented Air Force", "perpetrator", "alleged"),
        ("Invented Brigade", "target", "alleged"),
    ]


def test_an_assessment_is_dated_no_finer_than_the_file_does(database: Database) -> None:
    imported(database, MADE_UP)
    (thread,) = properties(database, "airwars-CS9001")["investigations"]
    assert (thread["authority"], thread["state"]) == ("Invented Coalition", "credible")
    assert [(one["state"], one["taken"], one["reason"]) for one in thread["steps"]] == [
        ("open", "2017-03-02/2019-05-06", "none_given"),
        ("credible", "2017-03-02/2019-05-06", "strike_blast"),
    ]


def test_places_keep_their_accuracy_and_the_square_its_size(database: Database) -> None:
    imported(database, MADE_UP)
    village, square = properties(database, "airwars-CS9001")["locations"]
    assert (village["lon"], village["lat"], village["precision"], village["radius_m"]) == (
        38.25, 35.5, "settlement", 2000.0,
    )  # fmt: skip
    assert (square["method"], square["precision"], square["radius_m"]) == ("mgrs", "within_100m", 100.0)
    assert (square["lon"], square["lat"]) == pytest.approx((38.757, 35.817), abs=0.001)
    (nowhere,) = properties(database, "airwars-CS9003")["locations"]
    assert (nowhere["precision"], nowhere["lon"], nowhere["place_words"]) == ("unknown", None, "Invented quarter, Iraq")


def test_a_point_of_no_stated_accuracy_is_only_words(database: Database, change: Change) -> None:
    imported(database, change(latitude="33.25", longitude="44.5"))
    (place,) = properties(database, "airwars-CS9003")["locations"]
    assert (place["precision"], place["lon"]) == ("unknown", None)
    assert "33.25, 44.5" in place["place_words"]


def test_statements_are_those_of_the_belligerent(database: Database) -> None:
    imported(database, MADE_UP)
    said = properties(database, "airwars-CS9001")["statements"]
    assert [(one["by"], one["stated"], one["words"]) for one in said] == [
        ("Invented Coalition", "2017-04-05", "The report is credible."),
        ("Invented Coalition", "2018-06-07", "Nothing is to be added."),
    ]
    assert said[1]["report"] == "airwars-CS9001"


def test_statements_joined_in_one_cell_are_told_apart(database: Database, change: Change) -> None:
    text = "2017-04-05\nhttps://coalition.example/a\nFirst words.\n\nMore of them.\n\n2017-05-06\nSecond words."
    imported(database, change(belligerents=[{"belligerent_name": "Invented Coalition", "civcas_statements": text}]))
    said = properties(database, "airwars-CS9003")["statements"]
    assert [(one["stated"], one["words"]) for one in said] == [
        ("2017-04-05", "First words.\n\nMore of them."),
        ("2017-05-06", "Second words."),
    ]


def test_the_window_is_one_moment_between_two_days_or_a_part_of_one(database: Database) -> None:
    imported(database, MADE_UP)
    first, second = (properties(database, code) for code in ("airwars-CS9001", "airwars-CS9003"))
    assert (first["edtf"], first["tz"]) == ("[2017-03-02..2017-03-03]", "Asia/Damascus")
    assert (second["edtf"], second["part_of_day"], second["tz"]) == ("2017-03-05", "during_the_night", "Asia/Baghdad")


def test_a_local_time_is_taken_in_the_zone_of_the_country(database: Database, change: Change) -> None:
    imported(database, change(local_time_start="19:30", local_time_end="20:15:00", local_time_of_day=None))
    found = properties(database, "airwars-CS9003")
    assert found["edtf"] == "[2017-03-05T19:30..2017-03-05T20:15]"
    assert found["start_utc"] == "2017-03-05T16:30:00Z"


def test_the_same_file_again_changes_nothing_as_json_or_csv(database: Database, tmp_path: Path) -> None:
    assert imported(database, as_csv(tmp_path / "made_up.csv")).added == 2
    before = exported(database)
    again = imported(database, MADE_UP)
    assert (again.added, again.unchanged, again.rejected) == (0, 2, ())
    assert exported(database) == before


def test_an_export_of_it_is_read_back_byte_for_byte(database: Database, edition: Any, tmp_path: Path) -> None:
    imported(database, MADE_UP)
    path = tmp_path / "all.geojson"
    path.write_bytes(exported(database))
    other = edition.empty()
    try:
        with write_session(other, who="tester", why="an import") as session:
            import_geojson(session, path)
        assert exported(other) == path.read_bytes()
    finally:
        edition.remove(other)


BAD = {
    "unknown grading": ({"civilian_harm_status_slug": "plausible"}, "unknown_value"),
    "unknown status": ({"strike_status_slug": "denied"}, "unknown_value"),
    "unknown accuracy": (
        {"latitude": "33.25", "longitude": "44.5", "geolocation_accuracy_name": "roughly"},
        "unknown_value",
    ),
    "null island": (
        {"latitude": "0", "longitude": "0", "geolocation_accuracy_name": "Street"},
        "null_island",
    ),
    "half a point": ({"latitude": "33.25"}, "half_a_point"),
    "range reversed": ({"children_killed_min": 5, "children_killed_max": 1}, "range_reversed"),
    "words in a number": ({"children_killed_min": "dozens"}, "words_in_number_cell"),
    "no code": ({"code": " "}, "missing_code"),
    "an object of PHP": ({"belligerents": 'O:8:"stdClass":0:{}'}, "php_serialised"),
    "cut by PHP": ({"strike_status_slug": 'a:1:{i:0;s:9:"short";}'}, "php_serialised"),
    "texts for belligerents": ({"belligerents": 'a:1:{i:0;s:1:"x";}'}, "wrong_type"),
    "assessed at no time": (
        {"belligerents": [{"belligerent_name": "Invented Coalition", "assessment_slug": "credible"}]},
        "missing_date",
    ),
    "two assessments of one organisation": (
        {
            "post_modified": "2019-05-06",
            "belligerents": [
                {"belligerent_name": "Invented Coalition", "assessment_slug": state}
                for state in ("non_credible", "open_incident")
            ],
        },
        "two_assessments",
    ),
    "no such square": (
        {"belligerents": [{"belligerent_name": "Invented Coalition", "mgrs_coordinate": "37SDV780"}]},
        "bad_mgrs",
    ),
}


@pytest.mark.input
@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_keeps_everything_out_unless_partial(database: Database, change: Change, case: str) -> None:
    values, code = BAD[case]
    with pytest.raises(InputError) as caught:
        imported(database, change(**values))
    assert caught.value.code == code
    assert "line 2" in str(caught.value)
    outcome = imported(database, change(**values), partial=True)
    assert (outcome.added, [one.error.code for one in outcome.rejected]) == (1, [code])


def test_without_a_licence_nothing_of_it_leaves_below_internal(database: Database) -> None:
    for licence, opened in ((None, False), ("A licence", True), (None, True)):
        imported(database, MADE_UP, licence=licence)
        for tier in (Tier.PUBLIC, Tier.RESTRICTED):
            content = exported(database, tier)
            assert (len(json.loads(content)["features"]) == 2, b"Invented" in content) == (opened, opened)
        with read_session(database) as session:
            pages = session.exec(select(Report).where(col(Report.code).startswith("airwars-"))).all()
            wanted = ("A licence", True) if opened else (None, False)
            assert {(page.licence, page.may_export) for page in pages} == {wanted}


def test_cells_that_php_serialised_are_read(database: Database, change: Change) -> None:
    said = 'a:1:{i:0;a:2:{s:4:"date";s:10:"2017-04-05";s:9:"statement";s:4:"Yes.";}}'
    party = f'a:2:{{s:16:"belligerent_name";s:18:"Invented Coalition";s:17:"civcas_statements";{said}}}'
    values = {
        "code": 'a:2:{i:0;a:1:{s:4:"code";s:6:"CS9003";}i:1;a:1:{s:4:"code";s:6:"CS9004";}}',
        "strike_status_slug": 'a:2:{s:5:"value";s:13:"likely-strike";s:5:"label";s:13:"Likely strike";}',
        "civilian_harm_status_slug": 'a:2:{i:0;s:4:"fair";i:1;s:4:"weak";}',
        "belligerents": f"a:1:{{i:0;{party}}}",
    }
    imported(database, change(**values))
    found = properties(database, "airwars-CS9003")
    assert [one["code"] for one in found["codes"]] == ["CS9003", "CS9004"]
    assert (found["strike_status"], [one["grading"] for one in found["gradings"]]) == ("likely", ["fair", "weak"])
    assert [(one["by"], one["stated"], one["words"]) for one in found["statements"]] == [
        ("Invented Coalition", "2017-04-05", "Yes.")
    ]


def test_belligerents_in_numbered_columns_are_those_of_a_spreadsheet(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    first = "belligerent_1_belligerent_name,belligerent_1_type,belligerent_1_deaths_conceded_min"
    second = "belligerent_2_belligerent_name,belligerent_2_type,belligerent_invented-coalition"
    path.write_text(
        f"code,{first},{second}\nCS9009,Invented Coalition,known,3,Invented Air Force,suspected,1\n", "utf-8"
    )
    outcome = imported(database, path)
    assert (outcome.added, outcome.kept, outcome.left) == (1, (), ())
    found = properties(database, "airwars-CS9009")
    assert [(one["name"], one["strength"]) for one in found["attributions"]] == [
        ("Invented Coalition", "confirmed"),
        ("Invented Air Force", "alleged"),
    ]
    assert [(one["bound"], one["minimum"]) for one in found["claims"]] == [("at_least", 3)]


def test_unknown_columns_are_kept_and_private_ones_named(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text("code,colour,summary,victims,empty\nCS9009,blue,Words of a person.,A name.,\n", "utf-8")
    outcome = imported(database, path)
    assert (outcome.kept, outcome.left) == (("colour",), ("summary", "victims"))
    content = exported(database)
    assert properties(database, "airwars-CS9009")["note"] == "colour: blue"
    assert b"of a person" not in content
    assert b"A name" not in content


def test_a_note_without_room_says_what_it_left_out(database: Database, change: Change) -> None:
    outcome = imported(database, change(geolocation_notes="x" * 4_000))
    assert outcome.flagged == 1
    assert "civilian_harm_status_slug: discounted" in properties(database, "airwars-CS9003")["note"]


def test_a_long_statement_is_kept_in_parts(database: Database, change: Change) -> None:
    words = " ".join(["word"] * 1_500)
    imported(database, change(belligerents=[{"belligerent_name": "Invented Coalition", "civcas_statements": words}]))
    said = [one["words"] for one in properties(database, "airwars-CS9003")["statements"]]
    assert (len(said), " ".join(said)) == (2, words)


@pytest.mark.parametrize(
    ("country", "tz", "flagged"),
    [("Yemen", "Asia/Aden", 0), ("The Gaza Strip", "Asia/Gaza", 0), ("Russia", "UTC", 1), ("Nowhere", "UTC", 1)],
)
def test_the_zone_is_that_of_the_place_or_said_to_be_unknown(
    database: Database, change: Change, country: str, tz: str, flagged: int
) -> None:
    outcome = imported(database, change(country_name=country))
    assert (properties(database, "airwars-CS9003")["tz"], outcome.flagged) == (tz, flagged)


def test_a_country_of_several_zones_is_decided_by_the_point(database: Database, change: Change) -> None:
    place = {"longitude": "37.55", "latitude": "47.1", "geolocation_accuracy_name": "City"}
    imported(database, change(country_name="Ukraine", local_time="10:30", **place))
    found = properties(database, "airwars-CS9003")
    assert (found["tz"], found["start_utc"]) == ("Europe/Kyiv", "2017-03-05T08:30:00Z")


def test_columns_of_other_names_are_mapped(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "renamed.csv"
    path.write_text("Reference,date\nCS9009,2017-03-09\n", "utf-8")
    assert imported(database, path, names={"Reference": "code"}).added == 1
    assert properties(database, "airwars-CS9009")["claims"] == []
    for names, code in (
        ({}, "missing_column"),
        ({"Reference": "cod"}, "unknown_field"),
        ({"Reference": "code", "Datum": "date"}, "missing_column"),
        ({"Reference": "date"}, "missing_column"),
    ):
        with pytest.raises(InputError, match=code):
            imported(database, path, names=names)


def test_every_code_of_ours_is_one_of_theirs() -> None:
    for table in (GRADINGS, STRIKES):
        assert len(set(table.values())) == len(table)
    assert len(ACCURACIES) == 12
    assert set(ASSESSMENTS.values()) == {"not_assessed", "open", "non_credible", "credible", "duplicate"}
