"""Data frames for analysis: any query as an Arrow table or a GeoDataFrame; needs the extra ``analysis``.

A row is an incident, or with ``claims`` a claim; the columns are those of our CSV (docs/formats.md), as types:
unknown is null and not 0, a number of people is an integer that may be null, a flag a truth value that may be
null. Units and descriptions stand in the metadata of the Arrow fields and in ``GeoDataFrame.attrs``.

    >>> from incidents.query import Query
    >>> frame = to_geodataframe(session, Query(text="Al Jinah"))  # doctest: +SKIP
    >>> frame[["name", "killed_civilian_low", "killed_civilian_high"]]  # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from db.errors import ResourceError
from incidents.exports.selection import Selection
from incidents.query import Query, find
from incidents.ranges import Rule

try:
    import geopandas
    import pandas as pd
    import pyarrow as pa

    from incidents.exports.arrow import GEOMETRY, claim_batches, claim_schema, incident_batches, incident_schema
except ModuleNotFoundError as error:
    if error.name not in {"geopandas", "pandas", "pyarrow"}:
        raise
    raise ResourceError(
        "extra_missing",
        f"Data frames are made with {error.name}, which is not installed.",
        fix="Install it: pip install 'incident-atlas[analysis]'",
    ) from error

CRS = "EPSG:4326"
"""Degrees on WGS84; geopandas holds longitude first whatever the reference system says."""


def to_arrow(
    session: Session,
    query: Query,
    *,
    rule: Rule = Rule.ENVELOPE,
    areas: bool = False,
    unlocated: bool = False,
    claims: bool = False,
) -> pa.Table:
    """What ``query`` finds, as an Arrow table.

    Args:
        session: an open session.
        query: what is asked; its ``tier`` decides what may be seen, and is internal unless it says otherwise.
        rule: what the ranges are made by.
        areas: the geometry is the area an incident lies in, a MultiPolygon in degrees, and not a point.
        unlocated: take in what a place query leaves out because it has no place to compare; ``match`` says so.
        claims: a row is a claim (no geometry); totals of several incidents come last.

    Returns:
        A table; each field's metadata hold ``description`` and, where there is one, ``unit``. The column
        ``geometry`` is WKB, longitude first.

    Raises:
        As :func:`incidents.query.find`.
    """
    answer = find(session, query)
    wanted = Selection(
        session,
        answer.keys(unlocated=unlocated),
        tier=query.tier,
        rule=rule,
        as_of=query.as_of,
        areas=areas,
        matches=None if query.area is None else answer.match_of(),
    )
    if claims:
        return pa.Table.from_batches(claim_batches(wanted), claim_schema(wanted))
    return pa.Table.from_batches(incident_batches(wanted), incident_schema(wanted))


def to_geodataframe(
    session: Session,
    query: Query,
    *,
    rule: Rule = Rule.ENVELOPE,
    areas: bool = False,
    unlocated: bool = False,
) -> geopandas.GeoDataFrame:
    """What ``query`` finds, as a GeoDataFrame in EPSG:4326; the claims are in :func:`to_dataframe`.

    Arguments and errors as :func:`to_arrow`.

    Returns:
        A row an incident. Numbers of people are ``Int64`` and flags ``boolean``, both with ``<NA>`` for
        unknown. ``attrs["columns"]`` holds description and unit of each column.
    """
    table = to_arrow(session, query, rule=rule, areas=areas, unlocated=unlocated)
    shapes = geopandas.GeoSeries.from_wkb(table[GEOMETRY].to_pandas(), crs=CRS)
    frame = geopandas.GeoDataFrame(_pandas(table.drop_columns(GEOMETRY)), geometry=shapes)
    frame.attrs = {"columns": columns(table.schema)}
    return frame


def to_dataframe(session: Session, query: Query, *, unlocated: bool = False) -> pd.DataFrame:
    """The claims of what ``query`` finds, a row a claim, totals of several incidents last.

    Arguments, types and errors as :func:`to_geodataframe`.
    """
    table = to_arrow(session, query, unlocated=unlocated, claims=True)
    frame = _pandas(table)
    frame.attrs = {"columns": columns(table.schema)}
    return frame


def columns(schema: pa.Schema) -> dict[str, dict[str, str]]:
    """Description and, where there is one, unit of each column of ``schema``."""
    about = ((field.name, field.metadata or {}) for field in schema)
    return {name: {key.decode(): metadata[key].decode() for key in _known(metadata)} for name, metadata in about}


def _known(metadata: dict[bytes, bytes]) -> list[bytes]:
    return [key for key in (b"description", b"unit") if key in metadata]


def _pandas(table: pa.Table) -> Any:
    """A DataFrame whose integers and truth values stay what they are where some are null."""
    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return table.to_pandas(types_mapper=types.get)
