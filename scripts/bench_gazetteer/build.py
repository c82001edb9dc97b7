"""A database of Syria and Iraq as the bars want it, and the growth of an import with the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench_gazetteer.clock import Clock, child, progress
from bench_gazetteer.figures import Section
from db.schema import upgrade
from db.session import write_session
from db.sqlite import SqliteDatabase
from db.vocabulary import PlaceKind
from gazetteer.sources.areas import import_areas
from gazetteer.sources.embedded import load_embedded
from gazetteer.sources.geonames import import_geonames

LEVELS = {
    "country": PlaceKind.COUNTRY, "region": PlaceKind.ADM1, "county": PlaceKind.ADM2,
    "locality": PlaceKind.SETTLEMENT, "neighbourhood": PlaceKind.NEIGHBOURHOOD,
}  # fmt: skip
LICENCE = "CC0-1.0"
KEY_STEP = 100_000_000
"""What is added to the GeoNames ids of each further copy of a file; GeoNames' own are below it."""

GROWTH = (1, 2, 4)


def build(path: Path, data: Path) -> Section:
    """Fill a new database at ``path`` from the files of ``data``; the rows a second of each."""
    section = Section("1. Imports")
    database = SqliteDatabase(path)
    upgrade(database)
    whole = Clock()
    with write_session(database, who="bench", why="a measurement") as session:
        clock = Clock()
        counts = load_embedded(session, ("SY", "IQ"))
        _add(section, "embedded", sum(counts.values()), clock)
        for name in ("admin1CodesASCII.txt", "admin2Codes.txt"):
            clock = Clock()
            _add(section, name, import_geonames(session, data / name).rows_read, clock)
        for country in ("sy", "iq"):
            for name, level in LEVELS.items():
                file = data / f"{country}_{name}.geojson"
                if file.exists():
                    clock = Clock()
                    log = import_areas(session, file, level=level, country=country.upper(), licence=LICENCE)
                    _add(section, file.name, log.rows_read, clock)
        for name in ("SY.txt", "IQ.txt"):
            clock = Clock()
            _add(section, name, import_geonames(session, data / name).rows_read, clock)
    section.add("all of it, seconds", whole.read()["seconds"])
    section.add("database, MB", path.stat().st_size / 1e6)
    return section


def _add(section: Section, what: str, rows: int, clock: Clock) -> None:
    spent = clock.read()
    progress(f"imported {what}: {rows:,} rows in {spent['seconds']:.1f} s")
    section.add(f"{what}: {rows:,} rows, rows a second", rows / spent["seconds"])


def growth(folder: Path, data: Path) -> tuple[Section, dict[int, Path]]:
    """The import of NL.txt 1, 2 and 4 times over, each in a process of its own; the databases by copies."""
    section = Section("1b. Growth of the import: NL.txt, its places again under other keys")
    databases: dict[int, Path] = {}
    for copies in GROWTH:
        file = folder / f"NL-{copies}.txt"
        repeat(data / "NL.txt", file, copies)
        databases[copies] = folder / f"nl-{copies}.db"
        run: dict[str, Any] = child("import", databases[copies], file)
        progress(f"imported NL.txt {copies}x: {run['rows']:,} rows in {run['seconds']:.1f} s")
        section.add(f"{copies}x ({run['rows']:,} rows): µs a row", 1e6 * run["seconds"] / run["rows"])
        section.add(f"{copies}x: processor µs a row", 1e6 * run["cpu_seconds"] / run["rows"])
        section.add(f"{copies}x: peak MB", run["peak_rss_mb"])
        section.add(f"{copies}x: database MB", run["database_mb"])
    return section, databases


def repeat(file: Path, large: Path, copies: int) -> None:
    """Write ``copies`` of a GeoNames dump, each with keys of its own."""
    lines = [line.partition("\t") for line in file.read_text("utf-8").splitlines(keepends=True)]
    with large.open("w", encoding="utf-8", newline="") as out:
        for number in range(copies):
            out.writelines(f"{int(key) + number * KEY_STEP}{tab}{rest}" for key, tab, rest in lines)
