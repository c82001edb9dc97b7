"""A recorder's desk: a ledger, files, and the command line, for the tests of bad input."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from incidents.cli.main import app

WHO = ("--why", "a test", "--by", "tester")
CITED = ("--source", "monitor", "--report", "monitor-1")
GEONAMES = (
    ("101", "Al Jinah", "Al Jinah,الجينة", "36.11305", "36.78763", "P", "PPL", "09", "1200"),
    ("102", "Al Mansurah", "Mansura,المنصورة", "35.83650", "38.75570", "P", "PPL", "04", "9000"),
    ("103", "Al Mansurah", "Mansura", "36.18000", "37.02000", "P", "PPL", "09", "500"),
)
"""Key, name, other names, latitude, longitude, class, feature, governorate and people of three places."""


@dataclass(frozen=True)
class Answer:
    """What a command ended with and printed."""

    exit_code: int
    out: str
    err: str

    @property
    def code(self) -> str | None:
        """The stable code of the error, if one was printed."""
        return self.err[1 : self.err.index("]")] if self.err.startswith("[") else None


@dataclass(frozen=True)
class Desk:
    """A folder with a database, and the command line that works on it."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "incidents.db"

    def run(self, *words: object) -> Answer:
        """Run a command; a traceback fails the test."""
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        assert "Traceback" not in result.output
        return Answer(result.exit_code, result.stdout, result.stderr)

    def done(self, *words: object) -> str:
        """Run a command that must succeed; returns what it printed."""
        answer = self.run(*words)
        assert answer.exit_code == 0, answer.err
        return answer.out

    def files(self) -> list[Path]:
        """Every file in and beside the folder, but the database's own."""
        return sorted(path for path in self.folder.parent.rglob("*") if ".db" not in path.name)

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def table(self, name: str, *rows: Mapping[str, str], encoding: str = "utf-8", **options: Any) -> Path:
        """A CSV file with the columns that the rows have."""
        columns = list(dict.fromkeys(column for row in rows for column in row))
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, columns, **options)
        writer.writeheader()
        writer.writerows(rows)
        return self.file(name, out.getvalue().encode(encoding))

    def json(self, name: str, value: Any) -> Path:
        return self.file(name, json.dumps(value, ensure_ascii=False))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query on the database as it is in the file."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(query, values).fetchall()

    def digest(self) -> str:
        """A digest of every row of every table, the journal and the import runs included."""
        return digest(self.database)


def digest(path: Path, leave_out: Iterable[str] = ()) -> str:
    """A digest of every row of every table of a SQLite file but those named."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        content = [
            (name, connection.execute(f'SELECT * FROM "{name}"').fetchall())
            for name in sorted(set(names) - set(leave_out))
        ]
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()


def geonames_line(key: str, name: str, others: str, lat: str, lon: str, kind: str, feature: str, *more: str) -> str:
    """A line of a GeoNames dump: 19 columns."""
    governorate, people = more
    cells = [key, name, name, others, lat, lon, kind, feature, "SY", "", governorate, "", "", "", people, "", "300",
             "Asia/Damascus", "2020-01-01"]  # fmt: skip
    return "\t".join(cells) + "\n"


def lay_out(desk: Desk) -> None:
    """Record a small invented ledger with the commands that a person has."""
    desk.done("db", "upgrade")
    for code, kind in (("monitor", "casualty_monitor"), ("echo", "local_media"), ("coalition", "coalition")):
        desk.done("organisation", "add", code, "--name", code.title(), "--kind", kind, *WHO)
        desk.done("report", "add", f"{code}-1", "--publisher", code, "--title", f"What {code} says", *WHO)
    for code in ("market", "clinic", "road", "bridge"):
        words = ("--country", "SY", "--start", "2017-03-17", "--tz", "Asia/Damascus")
        desk.done("add", code, "--name", f"The {code}", *words, *WHO)
    total = ("--category", "total_people", "--words", "10")
    desk.done("claim", "add", "market", *CITED, *total, *WHO)
    step = ("--authority", "coalition", "--state", "open", "--date", "2017-03-22")
    desk.done("status", "set", "market", *step, *WHO)
    desk.done("same", "judge", "market", "clinic", "--why", "one night", "--by", "tester")
    desk.done("same", "judge", "clinic", "road", "--verdict", "different", "--why", "two roads", "--by", "tester")
    lines = "".join(geonames_line(*place) for place in GEONAMES)
    desk.done("gazetteer", "import", "geonames", desk.file("SY.txt", lines), "--by", "tester")
