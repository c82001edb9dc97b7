"""Files of UCDP GED for the tests: the few real rows, with cells changed or rows added."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import shapely
from sqlmodel import Session, col, select

from db.engine import Database
from db.session import read_session, write_session
from db.tables import Claim, Incident, Location, Place, PlaceName, metadata
from db.vocabulary import PlaceKind
from gazetteer.folding import fold
from gazetteer.sources.areas import store_area
from incidents.importers.ged import GedCounts, import_ged

FEW = Path(__file__).parents[2] / "fixtures" / "ged"
LEFT_OUT = {"import_run", "import_row", "change_set"}
"""What a second import adds to: the log of imports."""


def write_file(
    path: Path,
    *,
    changes: Mapping[str, Mapping[str, str]] | None = None,
    copies: int = 1,
    source: str = "syria_few.csv",
) -> Path:
    """A copy of a fixture at ``path``.

    Args:
        path: where.
        changes: cells to change, by event id.
        copies: how often all rows are repeated, each time with new ids.
        source: name of the fixture.
    """
    with (FEW / source).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        names = list(reader.fieldnames or [])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        for number in range(copies):
            for row in rows:
                key = str(int(row["id"]) + 1_000_000 * number) if number else row["id"]
                writer.writerow({**row, "id": key, **(changes or {}).get(row["id"], {})})
    return path


def put(database: Database, path: Path, *, batch: int = 1000) -> GedCounts:
    """Import a file."""
    return import_ged(database, path, who="tester", batch=batch)


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the log of imports, and its edits in the journal."""
    with read_session(database) as session:
        return {
            table.name: [
                tuple(row._mapping.values())
                for row in session.execute(table.select().order_by(*table.primary_key))
                if row._mapping.get("table_name") != "import_run"
            ]
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


def claims_of(session: Session, code: str) -> dict[str, Claim]:
    """The claims of an incident by the end of their codes."""
    query = select(Claim).join(Incident).where(Incident.code == code).order_by(col(Claim.id))
    return {claim.code.removeprefix(f"{code}-"): claim for claim in session.exec(query)}


def locations_of(session: Session, code: str) -> list[Location]:
    """The locations of an incident, oldest first."""
    query = select(Location).join(Incident).where(Incident.code == code).order_by(col(Location.id))
    return list(session.exec(query))


def incident(session: Session, code: str) -> Incident:
    """The incident with this code."""
    return session.exec(select(Incident).where(Incident.code == code)).one()


def load_hama(database: Database) -> int:
    """Load a square as the governorate of Hama; returns the id of its polygon."""
    with write_session(database, who="tester", why="a boundary") as session:
        area = store_area(session, shapely.box(36.0, 34.5, 38.0, 36.0))
        place = Place(
            source="areas", source_key="hama", name="Hama", kind=PlaceKind.ADM1, country="SY", lon=37, lat=35.2,
            area_id=area,
        )  # fmt: skip
        session.add(place)
        session.flush()
        session.add(PlaceName(place_id=place.key, name="Hamah Governorate", folded=fold("Hamah Governorate")))
    return area
