"""The release: whole, described, checked, the same bytes twice, and silent on what is hidden."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import pytest

from incidents.exports.columns import INCIDENT_COLUMNS, Role, named
from incidents.exports.release import FOLDER, write_release
from incidents.exports.selection import Selection
from incidents.query import Match
from incidents.tiers import Tier

pytestmark = pytest.mark.sqlite  # the rows are those of test_arrow.py, whatever database they come from

Wanted = Callable[..., Selection]


def unpacked(wanted: Selection) -> dict[str, bytes]:
    out = io.BytesIO()
    write_release(wanted, out)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        return {name.removeprefix(f"{FOLDER}/"): archive.read(name) for name in archive.namelist()}


def test_everything_is_in_it_and_the_checksums_fit(wanted: Wanted) -> None:
    files = unpacked(wanted())
    assert list(files) == [
        "data/incidents.geojson",
        "data/incidents.csv",
        "data/claims.csv",
        "sources.csv",
        "datapackage.json",
        "README.md",
        "SHA256SUMS",
    ]
    sums = dict(reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert len(json.loads(files["data/incidents.geojson"])["features"]) == 5
    assert "| CC BY 4.0 | 1 |" in files["README.md"].decode()


def test_the_dictionary_describes_the_tables(wanted: Wanted) -> None:
    files = unpacked(wanted())
    package = {one["path"]: one for one in json.loads(files["datapackage.json"])["resources"]}
    assert [one["bytes"] for one in package.values()] == [len(files[path]) for path in package]
    fields = package["data/incidents.csv"]["schema"]["fields"]
    assert [field["name"] for field in fields] == named(INCIDENT_COLUMNS, Role.CARRIED, Role.DERIVED)
    assert next(field for field in fields if field["name"] == "killed_civilian_low") == {
        "name": "killed_civilian_low",
        "type": "integer",
        "description": "lowest number; empty is unknown, 0 is zero",
        "unit": "people",
    }
    for path in ("data/incidents.csv", "data/claims.csv", "sources.csv"):
        header = next(csv.reader(io.StringIO(files[path].decode())))
        assert header == [field["name"] for field in package[path]["schema"]["fields"]]


def test_every_source_has_its_licence_and_citation(wanted: Wanted) -> None:
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(unpacked(wanted())["sources.csv"].decode()))}
    assert rows["monitor-1"]["licence"] == "CC BY 4.0"
    assert rows["monitor-1"]["citation"] == "The Monitor (2017)"
    assert rows["monitor-1"]["publisher_name"] == "The Monitor"
    assert rows["voice-1"]["publisher_name"] == "witness"
    assert not any("sealed" in str(row).lower() or "Mrs X" in str(row) for row in rows.values())
    assert "closed-1" in unpacked(wanted(tier=Tier.INTERNAL))["sources.csv"].decode()


def test_two_releases_are_byte_equal(wanted: Wanted) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_release(wanted(), first)
    write_release(wanted(), second)
    assert first.getvalue() == second.getvalue()


def test_half_a_release_has_no_end(wanted: Wanted) -> None:
    class Broken(dict[int, Match]):
        def __contains__(self, _: object) -> bool:
            raise ZeroDivisionError

        def get(self, *_: object) -> Match | None:
            raise ZeroDivisionError

    out = io.BytesIO()
    with pytest.raises(ZeroDivisionError):
        write_release(wanted(matches=Broken()), out)
    assert not zipfile.is_zipfile(out)
