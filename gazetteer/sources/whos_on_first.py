"""Who's On First as it publishes itself: a folder or zip archive with one GeoJSON file for each place.

Alternative geometries (``85678359-alt-quattroshapes.geojson``) are passed over. The files of a folder are of many
levels; they are given largest first, so that a district finds the governorate it lies in.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

from db.encoding import read_bytes
from db.errors import AtlasError, InputError
from db.strictjson import MAX_BYTES, read_json
from db.vocabulary import PlaceKind
from gazetteer.sources.fields import country_of, level_stated

SUFFIXES = (".geojson", ".json")
_ORDER = tuple(PlaceKind)


@dataclass(frozen=True)
class _Entry:
    """A file that was looked into once."""

    name: str
    read: Callable[[], bytes]
    rank: int
    country: str | None


class FeatureFiles:
    """The features of many files that hold one each.

    Args:
        name: what to call them in errors.
        files: name and reader of the bytes of each.

    Raises:
        InputError: ``empty_file``.
    """

    crs: Mapping[str, Any] = {}
    note: str | None = None

    def __init__(self, name: str, files: Mapping[str, Callable[[], bytes]]) -> None:
        self.name = name
        self._entries = sorted((_look(*item) for item in files.items()), key=lambda entry: (entry.rank, entry.name))
        if len(self._entries) == 0:
            raise InputError("empty_file", "There is no GeoJSON file in it.", where=name)

    def countries(self) -> Iterator[str | None]:
        """The country that each feature says, in no order."""
        return (entry.country for entry in self._entries)

    def features(self) -> Iterator[tuple[int, Any]]:
        """Number from 1 and feature; the error instead of a feature that cannot be read."""
        for number, entry in enumerate(self._entries, start=1):
            try:
                yield number, _feature(entry.name, entry.read)
            except AtlasError as error:
                yield number, error


def folder_files(folder: Path) -> dict[str, Callable[[], bytes]]:
    """The feature files of a folder and its subfolders: name, and how to read it."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES and path.is_file()]
    return {
        path.relative_to(folder).as_posix(): partial(read_bytes, path, limit=MAX_BYTES + 1)
        for path in paths
        if not is_alternative(path.name)
    }


def zip_files(archive: ZipFile) -> dict[str, Callable[[], bytes]]:
    """The feature files of an open zip archive: name, and how to read it."""
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    return {name: partial(read_member, archive, name) for name in sorted(names) if _is_feature_file(name)}


def read_member(archive: ZipFile, name: str) -> bytes:
    """The bytes of a member, of which no more than a JSON file may have are unpacked.

    Raises:
        InputError: ``bad_zip``, ``unsafe_zip`` (encrypted).
    """
    try:
        with archive.open(name) as file:
            return file.read(MAX_BYTES + 1)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError("bad_zip", f"This is no whole zip archive: {error}.", where=name) from error
    except RuntimeError as error:  # zipfile's only sign of a password
        raise InputError("unsafe_zip", "The archive is encrypted.", where=name) from error


def is_alternative(name: str) -> bool:
    """Whether a file of Who's On First holds another geometry of a place that has a file of its own."""
    return "-alt" in PurePosixPath(name).stem


def _is_feature_file(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES and not is_alternative(name)


def _look(name: str, read: Callable[[], bytes]) -> _Entry:
    """A first look: of which level and country; what is wrong with a file is said when its turn comes."""
    try:
        properties = _feature(name, read).get("properties")
    except AtlasError:
        return _Entry(name, read, len(_ORDER), None)
    known = properties if isinstance(properties, Mapping) else {}
    level = level_stated(known)
    return _Entry(name, read, len(_ORDER) if level is None else _ORDER.index(level), country_of(known))


def _feature(name: str, read: Callable[[], bytes]) -> Mapping[str, Any]:
    value = read_json(read(), where=name)
    if not isinstance(value, Mapping) or value.get("type") != "Feature":
        raise InputError("not_a_feature", "A file of a folder holds one GeoJSON feature.", where=name)
    return value
