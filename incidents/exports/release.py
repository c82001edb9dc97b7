"""A release: one zip file with the data, what every column means, every source with its licence, and checksums.

The same database and options give the same bytes. It holds, in a folder ``incident-atlas``:

* ``README.md``: what is in it, how it was made, how to read it;
* ``data/incidents.geojson``, ``data/incidents.csv``, ``data/claims.csv``;
* ``sources.csv``: each report cited, with address, licence and citation;
* ``datapackage.json``: the data dictionary, a Data Package of Frictionless Data;
* ``SHA256SUMS``: for ``sha256sum --check``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import orjson
from sqlmodel import select

from db.cells import neutralise_cell
from db.tables import Organisation
from incidents.dossiers import dossiers
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.exports.kinds import CLAIM_TYPES, INCIDENT_TYPES, Kind, Typed
from incidents.exports.masks import mask_for
from incidents.exports.records import Record
from incidents.exports.selection import Selection
from incidents.exports.tables import References, licences

FOLDER = "incident-atlas"
WALKS = 4
"""How often the incidents are read: once for each file."""

NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""

READABLE = 0o644 << 16
UNIX = 3

SOURCE_COLUMNS = {
    "code": "code of the report",
    "publisher": "code of who published it",
    "publisher_name": "its name",
    "title": "title of the report",
    "url": "address",
    "archive_url": "address of an archived copy",
    "published": "day, month or interval of publication",
    "language": "BCP 47",
    "licence": "what its content may be used under; empty is not recorded",
    "citation": "how it asks to be cited",
}
TABLE_TYPES: dict[Kind, Record] = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.REAL: {"type": "number"},
    Kind.FLAG: {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
    Kind.INSTANT: {"type": "datetime"},
    Kind.DAY: {"type": "date"},
}
"""Field types of Table Schema."""


@dataclass(frozen=True)
class Member:
    """A file of the release: its path in the folder, SHA-256 and size in bytes."""

    path: str
    sha256: str
    size: int


def write_release(wanted: Selection, stream: BinaryIO) -> int:
    """Write ``wanted`` as a release; returns the number of incidents."""
    archive = zipfile.ZipFile(stream, "w")
    try:
        count = _fill(_Folder(archive), wanted)
    except BaseException:
        archive.fp = None  # else its end is written even now, and half a release looks like a whole one
        raise
    archive.close()
    return count


def _fill(folder: _Folder, wanted: Selection) -> int:
    count = _write_data(folder, wanted)
    with folder.member("sources.csv") as out:
        under = _write_sources(wanted, out)
    dictionary = orjson.dumps(_data_package(folder.members, wanted), option=orjson.OPT_INDENT_2)
    for name, text in (("datapackage.json", dictionary), ("README.md", _readme(wanted, count, under).encode())):
        with folder.member(name) as out:
            out.write(text + b"\n")
    sums = "".join(f"{member.sha256}  {member.path}\n" for member in folder.members)
    with folder.member("SHA256SUMS") as out:
        out.write(sums.encode())
    return count


def _write_data(folder: _Folder, wanted: Selection) -> int:
    """The three files of data; returns the number of incidents."""
    session, many = wanted.session, len(wanted.keys)
    seen: dict[str, Any] = {"tier": wanted.tier, "as_of": wanted.as_of}
    ruled = seen | {"rule": wanted.rule, "matches": wanted.matches}
    with folder.member("data/incidents.geojson") as out:
        write_geojson(session, wanted.walk(), out, areas=wanted.areas, **ruled)
    with folder.member("data/incidents.csv") as out:
        count = write_incidents_csv(session, wanted.walk(many), out, **ruled)
    with folder.member("data/claims.csv") as out:
        write_claims_csv(session, wanted.walk(2 * many), out, **seen)
    return count


class _Folder:
    """Files that go into the archive one after the other, hashed on the way."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: list[Member] = []

    @contextmanager
    def member(self, path: str) -> Iterator[BinaryIO]:
        """A stream into the file ``path``."""
        info = zipfile.ZipInfo(f"{FOLDER}/{path}", NO_TIME)
        info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, READABLE, UNIX
        with self._archive.open(info, "w", force_zip64=True) as stream:
            hashed = _Hashed(stream.write)
            yield cast("BinaryIO", hashed)
        self.members.append(Member(path, hashed.digest.hexdigest(), hashed.size))


class _Hashed(io.RawIOBase):
    """Passes on what is written, counts and hashes it."""

    def __init__(self, write: Callable[[bytes], int]) -> None:
        self._write = write
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        view = bytes(cast("bytes", data))
        self.digest.update(view)
        self.size += len(view)
        return self._write(view)


def _write_sources(wanted: Selection, stream: BinaryIO) -> Counter[str | None]:
    """The reports cited by anything in the data; returns how many stand under each licence."""
    mask = mask_for(wanted.session, wanted.tier)
    references = References(wanted.session, mask)
    keys = wanted.walk(3 * len(wanted.keys))
    for one in dossiers(wanted.session, keys, tier=wanted.tier, as_of=wanted.as_of):
        references.add(one)
    references.judgements()  # which cite some more
    under: Counter[str | None] = Counter()
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(SOURCE_COLUMNS)
    rows = wanted.session.exec(select(Organisation.code, Organisation.name)).all()
    names = {mask.code(code): mask.name(name) for code, name in rows}
    for report in references.reports():
        report["publisher_name"] = names[report["publisher"]]
        writer.writerow([neutralise_cell(str(report[name] or "")) for name in SOURCE_COLUMNS])
        under[report["licence"]] += 1
    text.detach()  # closing the wrapper would close the caller's stream
    return under


def _data_package(members: list[Member], wanted: Selection) -> Record:
    """The data dictionary: datapackage.org, version 1, with the unit of a column beside its description."""
    fields = {
        "data/incidents.csv": [_table_field(typed) for typed in INCIDENT_TYPES],
        "data/claims.csv": [_table_field(typed) for typed in CLAIM_TYPES],
        "sources.csv": [{"name": name, "type": "string", "description": text} for name, text in SOURCE_COLUMNS.items()],
    }
    return {
        "profile": "data-package",
        "name": FOLDER,
        "title": "Incidents of civilian harm, with what each source said",
        "made": wanted.made_by(),
        "resources": [_resource(member, fields.get(member.path)) for member in members],
    }


def _resource(member: Member, fields: list[Record] | None) -> Record:
    name = member.path.rpartition("/")[2]
    found: Record = {
        "name": name.replace(".", "-"),
        "path": member.path,
        "bytes": member.size,
        "hash": f"sha256:{member.sha256}",
        "encoding": "utf-8",
    }
    if fields is None:
        return found | {"format": "geojson", "mediatype": "application/geo+json"}
    schema = {"fields": fields, "missingValues": [""], "primaryKey": "code"}
    return found | {"profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "schema": schema}


def _table_field(typed: Typed) -> Record:
    found: Record = {"name": typed.column.name, **TABLE_TYPES[typed.kind], "description": typed.column.about}
    return found | ({} if typed.unit is None else {"unit": typed.unit})


def _readme(wanted: Selection, count: int, under: Counter[str | None]) -> str:
    as_of = "now" if wanted.as_of is None else f"{wanted.made_by()['as_of']}: what was said later is left out"
    lines = "\n".join(f"| {row['licence'] or 'not recorded'} | {row['reports']:,} |" for row in licences(under))
    return README.format(
        count=count,
        tier=wanted.tier.value,
        rule=wanted.rule.value,
        as_of=as_of,
        generator=wanted.made_by()["generator"],
        licences=lines,
    )


README = """# Incidents of civilian harm

{count:,} incidents with what each source said about them, written by {generator}.

| | |
| --- | --- |
| tier | {tier} |
| ranges by the rule | {rule} |
| as of | {as_of} |

| file | what it holds |
| --- | --- |
| data/incidents.geojson | every incident with all places, claims, gradings and investigations (RFC 7946) |
| data/incidents.csv | a flat row an incident |
| data/claims.csv | a row a claim: who said what number, where and when |
| sources.csv | every report cited, with its licence and how it asks to be cited |
| datapackage.json | every column of the tables with its type, unit and meaning |
| SHA256SUMS | checksums; `sha256sum --check SHA256SUMS` |

## How to read it

- A number belongs to a source. The ranges of an incident are worked out from the claims by the rule named above.
- An empty cell is unknown, 0 is zero, and *denied* is a column of its own.
- Add each `event` up once, and no two categories: a child is a civilian too.
- A text that a spreadsheet would take for a formula has an apostrophe in front.

## Citation and licences

Cite the sources you use, as `sources.csv` says; each keeps its own licence:

| licence | reports |
| --- | --- |
{licences}"""
