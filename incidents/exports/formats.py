"""The formats of ``incidents export``: which one a name stands for, and how each is written."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from db.errors import InputError
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.exports.geojsonseq import write_geojsonseq
from incidents.exports.output import atomic_output, is_standard_output, plain_name
from incidents.exports.selection import Selection


class FileFormat(StrEnum):
    """What the file is."""

    GEOJSON = "geojson"
    GEOJSONSEQ = "geojsonseq"
    CSV = "csv"
    CLAIMS = "claims"


BY_SUFFIX = {
    ".geojson": FileFormat.GEOJSON,
    ".json": FileFormat.GEOJSON,
    ".geojsons": FileFormat.GEOJSONSEQ,
    ".geojsonl": FileFormat.GEOJSONSEQ,
    ".csv": FileFormat.CSV,
}
"""The format by the ending of the name, after ``.gz`` or ``.zst`` is taken off."""


def format_of(out: Path, form: FileFormat | None) -> FileFormat:
    """The format asked for, or else the one that the name of the file says; on standard output GeoJSON.

    Raises:
        InputError: ``unknown_format``.
    """
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


def write_export(form: FileFormat, out: Path, wanted: Selection) -> int:
    """Write ``wanted`` to ``out`` in the format ``form``; the file appears only when it is whole.

    Returns:
        The number of incidents, or of claims, in it.

    Raises:
        As :func:`incidents.exports.output.atomic_output`.
    """
    with atomic_output(out) as stream:
        return STREAMED[form](wanted, stream)


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


STREAMED: dict[FileFormat, Callable[[Selection, BinaryIO], int]] = {
    FileFormat.GEOJSON: _geojson,
    FileFormat.GEOJSONSEQ: write_geojsonseq,
    FileFormat.CSV: _incidents_csv,
    FileFormat.CLAIMS: _claims_csv,
}
"""The formats that are written to a stream, first byte first."""
