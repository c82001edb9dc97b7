"""The doors that bad input comes through: each makes a command, and the files it names, at a desk."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.bad.desk import CITED, WHO, Desk

Command = Callable[[Desk], Sequence[object]]
GOOD = {"code": "shop", "name": "The shop"}
"""An incident that no row is bad for: it shows that nothing of a file with a bad row is kept."""
CLAIM = {"incident": "market", "source": "monitor", "report": "monitor-1", "category": "civilian"}
PLACE = {"precision": "exact", "location_source": "monitor", "location_report": "monitor-1"}
SQUARE = [[37.0, 36.0], [37.1, 36.0], [37.1, 36.1], [37.0, 36.1], [37.0, 36.0]]
BOW_TIE = [[37.0, 36.0], [37.1, 36.1], [37.1, 36.0], [37.0, 36.1], [37.0, 36.0]]


@dataclass(frozen=True)
class Case:
    """An input that is refused: the command that gives it, and what the answer must say."""

    row: str
    title: str
    command: Command
    code: str | None
    says: tuple[str, ...]
    exit_code: int = 2


def case(row: str, title: str, command: Command, code: str | None, *says: str, exit_code: int = 2) -> Any:
    """A case as a parameter whose id starts with its row; ``code`` None is Typer's own message."""
    return pytest.param(Case(row, title, command, code, says, exit_code), id=f"{row} {title}")


def line(*words: object) -> Command:
    """A command without files."""
    return lambda desk: words


def csv_bytes(content: bytes, name: str = "in.csv", *options: str) -> Command:
    """The CSV import of incidents in ``content``."""
    return lambda desk: ("import", "csv", desk.file(name, content), *options, "--by", "tester")


def csv_text(content: str, *options: str) -> Command:
    return csv_bytes(content.encode("utf-8", "surrogatepass"), "in.csv", *options)


def csv_incident(*options: str, **cells: str) -> Command:
    """The CSV import of a good incident and, on line 3, of one with these cells."""
    bad = {"code": "school", "name": "The school"} | cells
    return lambda desk: ("import", "csv", desk.table("in.csv", GOOD, bad), *options, "--by", "tester")


def csv_claim(*options: str, **cells: str) -> Command:
    """The CSV import of a good incident, and of a claim with these cells on line 2 of its file."""

    def command(desk: Desk) -> Sequence[object]:
        claims = desk.table("claims.csv", CLAIM | cells)
        return "import", "csv", desk.table("in.csv", GOOD), "--claims", claims, *options, "--by", "tester"

    return command


def claim(*words: str) -> Command:
    """The command that adds a claim on civilians killed."""
    return line("claim", "add", "market", *CITED, "--category", "civilian", *words, *WHO)


def add(*words: str, code: str = "school") -> Command:
    """The command that adds an incident."""
    return line("add", code, *words, *WHO)


def point(*words: str) -> Command:
    """The command that adds a location."""
    return line("location", "add", "market", *CITED, "--precision", "exact", *words, *WHO)


def own(**properties: Any) -> dict[str, Any]:
    """Our own GeoJSON with a good incident and one with these properties."""
    features = [
        {"type": "Feature", "id": one["code"], "properties": one}
        for one in (dict(GOOD), {"code": "school", "name": "The school"} | properties)
    ]
    return {"type": "FeatureCollection", "format": "incident-atlas/1", "tier": "internal", "features": features}


def own_geojson(document: dict[str, Any] | None = None, **properties: Any) -> Command:
    """The import of our own GeoJSON."""
    content = own(**properties) if document is None else document
    return lambda desk: ("import", "geojson", desk.json("in.geojson", content), "--by", "tester")


def own_claim(**members: Any) -> Command:
    """The import of our own GeoJSON with a claim of these members."""
    said = {"source": "monitor", "report": "monitor-1", "outcome": "killed", "category": "civilian"}
    return own_geojson(claims=[said | members])


def own_place(**members: Any) -> Command:
    """The import of our own GeoJSON with a location of these members."""
    said = {"source": "monitor", "report": "monitor-1", "precision": "exact", "method": "geolocated"}
    return own_geojson(locations=[said | members])


def raw_geojson(content: str | bytes) -> Command:
    """The import of our own GeoJSON as these bytes."""
    return lambda desk: ("import", "geojson", desk.file("in.geojson", content), "--by", "tester")


def polygon(*rings: Any, **members: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)} | members


def ring(corners: int) -> list[list[float]]:
    """A closed ring of so many vertices round 37, 36."""
    steps = [2 * math.pi * number / (corners - 1) for number in range(corners - 1)]
    found = [[37 + 0.1 * math.cos(step), 36 + 0.1 * math.sin(step)] for step in steps]
    return [*found, found[0]]


@cache
def million() -> str:
    """The text of a polygon with a million vertices; made by the first test of it, and no object: a collection of
    garbage passes over every object there is."""
    return json.dumps(polygon(ring(1_000_001)))


def _written(desk: Desk, name: str, geometry: Any) -> Path:
    """A file of ``geometry``: an object, text of one, or a function that makes one."""
    made = geometry() if callable(geometry) else geometry
    return desk.file(name, made) if isinstance(made, str) else desk.json(name, made)


def area(geometry: Any, *words: str) -> Command:
    """The command that adds a location whose area is ``geometry``, see :func:`_written`."""

    def command(desk: Desk) -> Sequence[object]:
        said = ("--precision", "neighbourhood", "--area", _written(desk, "a.geojson", geometry))
        return "location", "add", "market", *CITED, *said, *words, *WHO

    return command


def inside(geometry: Any) -> Command:
    """The query for incidents inside ``geometry``, see :func:`_written`."""

    def command(desk: Desk) -> Sequence[object]:
        return "find", "--polygon", _written(desk, "q.geojson", geometry)

    return command


def both(row: str, title: str, geometry: Any, code: str, *says: str) -> list[Any]:
    """A geometry that is refused both as a location's area and as a query's polygon."""
    return [
        case(row, f"{title}, location", area(geometry), code, *says),
        case(row, f"{title}, query", inside(geometry), code, *says),
    ]


READERS: dict[str, Callable[[Path], Sequence[object]]] = {
    "csv": lambda path: ("import", "csv", path),
    "claims": lambda path: ("import", "csv", "--claims", path),
    "geojson": lambda path: ("import", "geojson", path),
    "ged": lambda path: ("import", "ged", path),
    "geonames": lambda path: ("gazetteer", "import", "geonames", path),
    "boundaries": lambda path: ("gazetteer", "import", "areas", path, "--level", "adm1"),
    "query": lambda path: ("find", "--polygon", path),
    "area": lambda path: (
        "location", "add", "market", *CITED, "--precision", "exact", "--why", "a test", "--area", path,
    ),
}  # fmt: skip
"""Every command that reads a file."""


def every_reader(row: str, title: str, content: bytes, code: str, *says: str) -> list[Any]:
    """A file that no command that reads one accepts."""

    def door(name: str) -> Command:
        return lambda desk: READERS[name](desk.file(f"given.{name}", content))

    return [case(row, f"{title}, {name}", door(name), code, *says) for name in READERS]
