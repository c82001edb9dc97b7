"""Importing files as ACLED gives them out; all rows are made up."""

from __future__ import annotations

import csv
import functools
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acled_files import MADE_UP, write_changed
from sqlmodel import select

from db.engine import Database
from db.errors import InputError
from db.session import read_session, write_session
from db.tables import Report
from incidents.exports.geojson import write_geojson
from incidents.importers.acled import import_acled
from incidents.importers.rows import Outcome
from incidents.query import Query, find
from incidents.tiers import Tier

Change = Callable[..., Path]


def imported(database: Database, path: Path, **options: Any) -> Outcome:
    with write_session(database, who="tester", why="an import") as session:
        return import_acled(session, path, **options)


def exported(database: Database, tier: Tier = Tier.INTERNAL) -> bytes:
    out = io.BytesIO()
    with read_session(database) as session:
        write_geojson(session, find(session, Query(tier=tier)).keys(), out, tier=tier)
    return out.getvalue()


def all_properties(database: Database) -> list[dict[str, Any]]:
    found = {one["id"]: one["properties"] for one in json.loads(exported(database))["features"]}
    return [found[f"acled-{key}"] for key in ("SYR900001", "SYR900002", "IRQ900003")]


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Writes the made-up file with other values in its first row."""

    return functools.partial(write_changed, tmp_path / "changed.csv")


def test_the_codes_of_the_source_come_back_from_an_export(database: Database) -> None:
    assert imported(database, MADE_UP).added == 3
    with MADE_UP.open(encoding="utf-8", newline="") as file:
        given = list(csv.DictReader(file))
    for row, found in zip(given, all_properties(database), strict=True):
        note = dict(line.split(": ", 1) for line in found["note"].splitlines())
        for name in ("time_precision", "geo_precision", "event_type", "sub_event_type", "actor1", "actor2", "inter1"):
            assert note[name] == row[name]
        assert [place["source_code"] for place in found["locations"]] == [row["geo_precision"]]
        assert [(one["scheme"], one["code"]) for one in found["codes"]] == [("acled", row["event_id_cnty"])]
        assert "Words that are not read" not in json.dumps(found)


def test_fatalities_are_one_figure_and_an_empty_cell_is_none(database: Database) -> None:
    imported(database, MADE_UP)
    said = [
        [(one["category"], one["bound"], one["minimum"], one["maximum"]) for one in found["claims"]]
        for found in all_properties(database)
    ]
    assert said == [[("total_people", "exact", 5, 5)], [("total_people", "exact", 0, 0)], []]


def test_places_are_as_fine_as_their_code(database: Database) -> None:
    imported(database, MADE_UP)
    places = [found["locations"][0] for found in all_properties(database)]
    assert [(place["precision"], place["method"]) for place in places] == [
        ("settlement", "source_coordinates"),
        ("near_settlement", "source_coordinates"),
        ("adm1", "centroid"),
    ]
    assert (places[0]["lon"], places[0]["lat"]) == (38.25, 35.5)


def test_days_are_as_fine_as_their_code(database: Database) -> None:
    imported(database, MADE_UP)
    assert [(found["edtf"], found["tz"]) for found in all_properties(database)] == [
        ("2017-03-15", "Asia/Damascus"),
        ("[2017-03-09..2017-03-21]", "Asia/Damascus"),
        ("[2017-03-01..2017-03-20]", "Asia/Baghdad"),  # it was last changed on 20 March
    ]


def test_sides_are_not_blamed_and_people_are_no_organisation(database: Database) -> None:
    imported(database, MADE_UP)
    assert [
        [(one["name"], one["role"], one["strength"]) for one in found["attributions"]]
        for found in all_properties(database)
    ] == [
        [("Invented Air Force", "side", "alleged")],
        [("Invented Militia", "perpetrator", "likely")],
        [("Invented Army", "side", "alleged")],
    ]


@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.RESTRICTED])
def test_nothing_of_it_leaves_below_internal(database: Database, tier: Tier) -> None:
    imported(database, MADE_UP)
    content = exported(database, tier)
    assert json.loads(content)["features"] == []
    assert b"Invented" not in content
    with read_session(database) as session:
        assert session.exec(select(Report).where(Report.code == "acled")).one().may_export is False


def test_the_same_file_again_changes_nothing(database: Database) -> None:
    imported(database, MADE_UP)
    before = exported(database)
    again = imported(database, MADE_UP)
    assert (again.added, again.unchanged, again.rejected) == (0, 3, ())
    assert exported(database) == before


def test_unknown_columns_are_kept_and_the_narrative_is_named(database: Database, change: Change) -> None:
    outcome = imported(database, change(population_1km="120"))
    assert (outcome.kept, outcome.left) == (("population_1km",), ("notes",))
    assert "population_1km: 120" in all_properties(database)[0]["note"]


def test_a_column_of_another_name_is_mapped(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "renamed.csv"
    path.write_text(MADE_UP.read_text("utf-8").replace("fatalities", "deaths", 1), "utf-8")
    assert imported(database, path, names={"deaths": "fatalities"}).added == 3
    assert all_properties(database)[0]["claims"][0]["minimum"] == 5


BAD = {
    "geo_precision": ({"geo_precision": "4"}, "unknown_value"),
    "time_precision": ({"time_precision": ""}, "unknown_value"),
    "id": ({"event_id_cnty": "900001"}, "bad_id"),
    "day": ({"event_date": "03/15/2017"}, "bad_date"),
    "no such day": ({"event_date": "30 February 2017"}, "bad_date"),
    "last change": ({"timestamp": "yesterday"}, "bad_date"),
    "latitude": ({"latitude": "95"}, "out_of_range"),
    "null island": ({"latitude": "0", "longitude": "0"}, "null_island"),
    "negative": ({"fatalities": "-1"}, "negative_count"),
    "words": ({"fatalities": "dozens"}, "words_in_number_cell"),
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
    assert (outcome.added, [one.error.code for one in outcome.rejected]) == (2, [code])
