"""The formats of ``incidents export``: which one a name stands for, and how each is written."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from db.errors import InputError, ResourceError
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.exports.geojsonseq import write_geojsonseq
from incidents.exports.output import atomic_output, atomic_path, is_standard_output, plain_name
from incidents.exports.release import WALKS, write_release
from incidents.exports.selection import Partition, Selection


class FileFormat(StrEnum):
    """What the file is."""

    GEOJSON = "geojson"
    GEOJSONSEQ = "geojsonseq"
    CSV = "csv"
    CLAIMS = "claims"
    FLATGEOBUF = "flatgeobuf"
    GEOPACKAGE = "geopackage"
    GEOPARQUET = "geoparquet"
    RELEASE = "release"


BY_SUFFIX = {
    ".geojson": FileFormat.GEOJSON,
    ".json": FileFormat.GEOJSON,
    ".geojsons": FileFormat.GEOJSONSEQ,
    ".geojsonl": FileFormat.GEOJSONSEQ,
    ".csv": FileFormat.CSV,
    ".fgb": FileFormat.FLATGEOBUF,
    ".gpkg": FileFormat.GEOPACKAGE,
    ".parquet": FileFormat.GEOPARQUET,
    ".geoparquet": FileFormat.GEOPARQUET,
    ".zip": FileFormat.RELEASE,
}
"""The format by the ending of the name, after ``.gz`` or ``.zst`` is taken off."""


def format_of(out: Path, form: FileFormat | None, by: Partition = ()) -> FileFormat:
    """The format asked for, or else the one that the name of the file says; on standard output GeoJSON.

    Raises:
        InputError: ``unknown_format``; ``not_partitioned``, another format than GeoParquet with ``by``.
    """
    if len(by) > 0:
        if form not in {None, FileFormat.GEOPARQUET}:
            raise InputError("not_partitioned", "Only GeoParquet is written in partitions.", got=form)
        return FileFormat.GEOPARQUET
    if is_standard_output(out):
        return form or FileFormat.GEOJSON
    chosen = form or BY_SUFFIX.get(plain_name(out).suffix.lower())
    if chosen is None:
        raise InputError(
            "unknown_format",
            "The name of the file does not say the format.",
            got=out.name,
            fix=f"Name it {', '.join(BY_SUFFIX)}, or give --format {', '.join(FileFormat)}.",
        )
    return chosen


def write_export(form: FileFormat, out: Path, wanted: Selection, by: Partition = ()) -> int:
    """Write ``wanted`` to ``out`` in the format ``form``; the file appears only when it is whole.

    Args:
        form: what the file is.
        out: the file, ``-`` for standard output; with ``by`` a folder.
        wanted: what is exported.
        by: write a folder of GeoParquet files, partitioned by these keys.

    Returns:
        The number of incidents, or of claims, in it.

    Raises:
        As :func:`incidents.exports.output.atomic_output`, and ResourceError: ``extra_missing``, a library that the
        format is written with is not installed.
    """
    if len(by) > 0:
        return _partitioned(wanted, out, by)
    if form in WRITTEN_BY_GDAL:
        suffix, write_file = WRITTEN_BY_GDAL[form]
        with atomic_path(out, suffix) as path:
            return write_file(wanted, path)
    with atomic_output(out) as stream:
        return STREAMED[form](wanted, stream)


def walks(form: FileFormat) -> int:
    """How often a format reads the incidents, for the progress."""
    return WALKS if form is FileFormat.RELEASE else 1


def _optional(name: str) -> ModuleType:
    """The module of :mod:`incidents.exports` that writes a format with libraries which may not be installed."""
    try:
        return import_module(f"incidents.exports.{name}")
    except ModuleNotFoundError as error:
        if error.name not in {"pyarrow", "pyogrio"}:
            raise
        raise ResourceError(
            "extra_missing",
            f"This format is written with {error.name}, which is not installed.",
            fix="Install it: pip install 'incident-atlas[formats]'",
        ) from error


def _geojson(wanted: Selection, stream: BinaryIO) -> int:
    return write_geojson(
        wanted.session,
        wanted.walk(),
        stream,
        tier=wanted.tier,
        rule=wanted.rule,
        as_of=wanted.as_of,
        areas=wanted.areas,
        matches=wanted.matches,
    )


def _incidents_csv(wanted: Selection, stream: BinaryIO) -> int:
    return write_incidents_csv(
        wanted.session,
        wanted.walk(),
        stream,
        tier=wanted.tier,
        rule=wanted.rule,
        as_of=wanted.as_of,
        matches=wanted.matches,
    )


def _claims_csv(wanted: Selection, stream: BinaryIO) -> int:
    return write_claims_csv(wanted.session, wanted.walk(), stream, tier=wanted.tier, as_of=wanted.as_of)


def _partitioned(wanted: Selection, out: Path, by: Partition) -> int:
    count: int = _optional("partitions").write_partitioned(wanted, out, by)
    return count


def _geoparquet(wanted: Selection, stream: BinaryIO) -> int:
    count: int = _optional("geoparquet").write_geoparquet(wanted, stream)
    return count


def _geopackage(wanted: Selection, path: Path) -> int:
    count: int = _optional("geopackage").write_geopackage(wanted, path)
    return count


def _flatgeobuf(wanted: Selection, path: Path) -> int:
    count: int = _optional("flatgeobuf").write_flatgeobuf(wanted, path)
    return count


STREAMED: dict[FileFormat, Callable[[Selection, BinaryIO], int]] = {
    FileFormat.GEOJSON: _geojson,
    FileFormat.GEOJSONSEQ: write_geojsonseq,
    FileFormat.CSV: _incidents_csv,
    FileFormat.CLAIMS: _claims_csv,
    FileFormat.GEOPARQUET: _geoparquet,
    FileFormat.RELEASE: write_release,
}
"""The formats that are written to a stream, first byte first."""

WRITTEN_BY_GDAL: dict[FileFormat, tuple[str, Callable[[Selection, Path], int]]] = {
    FileFormat.GEOPACKAGE: (".gpkg", _geopackage),
    FileFormat.FLATGEOBUF: (".fgb", _flatgeobuf),
}
"""The formats whose library opens the file itself, with the ending that it asks for."""
