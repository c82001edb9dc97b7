"""Every code of Airwars and ACLED in, and word for word out again from each export that carries everything."""

from __future__ import annotations

import csv
import io
import itertools
import json
from pathlib import Path
from typing import Any

from db.engine import Database
from db.session import read_session, write_session
from incidents.exports.csvfile import write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.importers.acled import import_acled
from incidents.importers.airwars import import_airwars
from incidents.importers.airwars_codes import ACCURACIES, ASSESSMENTS, GRADINGS, REASONS, STRIKES, TYPES
from incidents.importers.foreign_cells import noted
from incidents.importers.own_geojson import import_geojson
from incidents.query import Query, find
from incidents.tiers import Tier

GRADED = ("Confirmed", "Fair", "Weak", "Contested", "Discounted", None)
STRUCK = ("Declared strike", "Likely strike", "Contested strike", "Single source claim", None)
LOCATED = (
    "Province/governorate", "District", "Subdistrict", "City", "Town", "Village", "Neighbourhood/area", "Street",
    "Nearby landmark", "Within 100m (via Coalition)", "Within 1m (via Coalition)", "Exact location (via Airwars)",
    "Exact location (via Coalition)", "Exact location (other)", None,
)  # fmt: skip
ASSESSED = (*ASSESSMENTS, None)
REASONED = (*REASONS, None)
FIGURES = ((0, 0), (None, None), (0, None), (None, 0), (0, 3), (2, 2))
PRECISIONS = tuple(itertools.product("123", "123"))


def slug(name: str | None) -> str | None:
    return None if name is None else name.lower().replace("/", "_").replace(" (", "_").strip(")").replace(" ", "-")


def airwars_rows() -> list[dict[str, Any]]:
    """A row for each code: as many as the longest of the lists is long, twice, once with names and once with slugs."""
    rows = []
    for number in range(2 * len(LOCATED)):
        form = "name" if number < len(LOCATED) else "slug"
        write = (lambda text: text) if form == "name" else slug
        place, least = LOCATED[number % len(LOCATED)], FIGURES[number % len(FIGURES)]
        party = {"belligerent_name": "Invented Coalition", "type": (*TYPES, None)[number % 3]}
        party |= {"assessment_slug": ASSESSED[number % len(ASSESSED)], "reasons": REASONED[number % len(REASONED)]}
        rows.append({
            "code": f"CS{9000 + number}", "date": "2017-03-05", "country_name": "Syria", "post_modified": "2019-05-06",
            f"civilian_harm_status_{form}": write(GRADED[number % len(GRADED)]),
            f"strike_status_{form}": write(STRUCK[number % len(STRUCK)]),
            f"geolocation_accuracy_{form}": write(place), "latitude": "35.5", "longitude": "38.25",
            "civilian_harm_reported": ("1", "0", None)[number % 3],
            "civilian_non_combatants_killed_min": least[0], "civilian_non_combatants_killed_max": least[1],
            "belligerents": [party],
        })  # fmt: skip
    return rows


def acled_rows() -> list[dict[str, Any]]:
    return [
        {
            "event_id_cnty": f"SYR{number}", "event_date": "2017-03-15", "time_precision": time, "geo_precision": place,
            "country": "Syria", "location": "Invented town", "latitude": "35.5", "longitude": "38.25",
            "fatalities": ("0", "", "12")[number % 3],
        }
        for number, (place, time) in enumerate(PRECISIONS, start=1)
    ]  # fmt: skip


def carried(database: Database) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """The properties by code of an internal GeoJSON, and the rows of an internal CSV."""
    one, table = io.BytesIO(), io.BytesIO()
    with read_session(database) as session:
        keys = find(session, Query(tier=Tier.INTERNAL)).keys()
        write_geojson(session, keys, one, tier=Tier.INTERNAL)
        write_incidents_csv(session, keys, table, tier=Tier.INTERNAL)
    features = {feature["id"]: feature["properties"] for feature in json.loads(one.getvalue())["features"]}
    rows = csv.DictReader(io.StringIO(table.getvalue().decode("utf-8-sig"), newline=""))
    return features, {row["code"]: row for row in rows}


def copied(database: Database, edition: Any, path: Path) -> Database:
    """Another database into which the internal GeoJSON of this one was read."""
    out = io.BytesIO()
    with read_session(database) as session:
        write_geojson(session, find(session, Query(tier=Tier.INTERNAL)).keys(), out, tier=Tier.INTERNAL)
    path.write_bytes(out.getvalue())
    other: Database = edition.empty()
    with write_session(other, who="tester", why="a copy") as session:
        import_geojson(session, path)
    return other


def test_the_lists_hold_every_code_that_is_read() -> None:
    words = [{slug(name) for name in names if name is not None} for names in (GRADED, STRUCK)]
    assert [{word.replace("-", "_") for word in found if word is not None} for found in words] == [
        set(GRADINGS), set(STRIKES)
    ]  # fmt: skip
    places = {str(slug(name)).partition("_via")[0].partition("_other")[0].replace("-", "_") for name in LOCATED[:-1]}
    assert places == set(ACCURACIES)


def test_every_code_of_airwars_comes_back(database: Database, edition: Any, tmp_path: Path) -> None:
    rows = airwars_rows()
    path = tmp_path / "codes.json"
    path.write_text(json.dumps(rows), "utf-8")
    with write_session(database, who="tester", why="an import") as session:
        assert import_airwars(session, path).added == len(rows)
    other = copied(database, edition, tmp_path / "all.geojson")
    try:
        for features, table in (carried(database), carried(other)):
            for row in rows:
                check_airwars(row, features[f"airwars-{row['code']}"], table[f"airwars-{row['code']}"])
    finally:
        edition.remove(other)


def check_airwars(row: dict[str, Any], found: dict[str, Any], cells: dict[str, str]) -> None:
    own = [name for name in row if name.startswith(("civilian_harm", "strike_status", "geolocation_accuracy"))]
    for name in own:
        assert noted(found["note"], name) == row[name]
        assert noted(cells["note"], name) == row[name]
    place = row.get("geolocation_accuracy_name", row.get("geolocation_accuracy_slug"))
    assert [one["source_code"] for one in found["locations"]] == [place]
    (party,) = row["belligerents"]
    note = found["attributions"][0]["note"]
    for name in ("type", "assessment_slug", "reasons"):
        assert noted(note, name) == party[name]
    figures = [row[f"civilian_non_combatants_killed_{end}"] for end in ("min", "max")]
    said = [[one["minimum"], one["maximum"]] for one in found["claims"]]
    assert said == ([] if figures == [None, None] else [figures])
    low, high = ("" if figures == [None, None] or end is None else str(end) for end in figures)
    if None not in figures:
        assert (cells["killed_civilian_low"], cells["killed_civilian_high"]) == (low, high)
    if figures == [None, None]:
        assert (cells["killed_civilian_low"], cells["killed_civilian_text"]) == ("", "")


def test_every_code_of_acled_comes_back(database: Database, edition: Any, tmp_path: Path) -> None:
    rows = acled_rows()
    path = tmp_path / "codes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with write_session(database, who="tester", why="an import") as session:
        assert import_acled(session, path).added == len(PRECISIONS)
    other = copied(database, edition, tmp_path / "all.geojson")
    try:
        for features, table in (carried(database), carried(other)):
            for row in rows:
                found, cells = features[f"acled-{row['event_id_cnty']}"], table[f"acled-{row['event_id_cnty']}"]
                for name in ("geo_precision", "time_precision"):
                    assert noted(found["note"], name) == noted(cells["note"], name) == row[name]
                assert [one["source_code"] for one in found["locations"]] == [row["geo_precision"]]
                said = [str(one["minimum"]) for one in found["claims"]]
                assert said == ([row["fatalities"]] if row["fatalities"] != "" else [])
                assert cells["killed_total_people_low"] == row["fatalities"]
    finally:
        edition.remove(other)
