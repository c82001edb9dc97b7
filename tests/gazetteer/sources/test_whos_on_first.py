"""Files of Who's On First: one feature each, in a folder or an archive."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from db.errors import AtlasError, InputError
from gazetteer.sources.boundary_file import open_boundaries
from gazetteer.sources.whos_on_first import is_alternative


def _one_file_each(folder: Path) -> Path:
    files = {
        "85/1.geojson": {"wof:placetype": "county", "wof:country": "SY"},
        "86/2.geojson": {"wof:placetype": "region", "wof:country": "SY"},
        "86/2-alt-other.geojson": {"wof:placetype": "region", "wof:country": "TR"},
        "meta.csv": None,
    }
    for name, properties in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"type": "Feature", "properties": properties}))
    (folder / "broken.geojson").write_text("{")
    return folder


def _as_zip(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return path


@pytest.mark.parametrize("packed", [lambda folder: folder, _as_zip], ids=["folder", "zip"])
def test_files_of_one_feature_come_largest_level_first_and_a_broken_one_last(
    tmp_path: Path, packed: Callable[[Path], Path]
) -> None:
    with open_boundaries(packed(_one_file_each(tmp_path / "data"))) as file:
        assert [code for code in file.countries() if code is not None] == ["SY", "SY"]
        *good, (number, broken) = list(file.features())
    assert [feature["properties"]["wof:placetype"] for _, feature in good] == ["region", "county"]
    assert number == 3
    assert isinstance(broken, AtlasError)
    assert broken.code == "not_json"


def test_a_folder_without_features_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="empty_file"), open_boundaries(tmp_path):
        pass


@pytest.mark.parametrize(
    ("name", "alternative"), [("85/1.geojson", False), ("85/1-alt-quattroshapes.geojson", True), ("-alt/1.json", False)]
)
def test_another_geometry_of_a_place_is_known_by_its_name(name: str, alternative: bool) -> None:
    assert is_alternative(name) is alternative


def _patched(path: Path, flag: int, damage: bytes) -> Path:
    """The archive with a flag set in all its headers, and its first compressed bytes overwritten."""
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(signature)
        while at >= 0:
            raw[at + offset] |= flag
            at = raw.find(signature, at + 4)
    start = 30 + len("1.geojson")
    raw[start : start + len(damage)] = damage
    path.write_bytes(bytes(raw))
    return path


@pytest.mark.parametrize(
    ("flag", "damage", "code"), [(1, b"", "unsafe_zip"), (0, b"damage", "bad_zip")], ids=["encrypted", "damaged"]
)
def test_a_member_that_cannot_be_read_is_kept_aside(tmp_path: Path, flag: int, damage: bytes, code: str) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.geojson", '{"type": "Feature", "properties": {}}')
        archive.writestr("2.geojson", '{"type": "Feature", "properties": {}}')
    with open_boundaries(_patched(path, flag, damage)) as file:
        errors = [found for _, found in file.features() if isinstance(found, AtlasError)]
    assert [error.code for error in errors] == [code] * (2 if flag else 1)
