"""The reference systems that a client may ask in and be answered in (OGC API Features, Part 2).

All else of the product has longitude first: what goes out gets the axes of a system, in its order, here alone.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from db.errors import InputError

if TYPE_CHECKING:
    from pyproj import Transformer


class Crs(StrEnum):
    """A reference system, by the address that stands for it."""

    CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    WGS84 = "http://www.opengis.net/def/crs/EPSG/0/4326"
    WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"


LONGEST_NUMBER = 20
"""Digits before or after the point; a number of a hundred million digits is written in ten characters."""
POLE = 90.0


def only_degrees(crs: Crs) -> None:
    """Refuse another system where the form of the answer has longitude and latitude.

    Raises:
        InputError: ``unsupported_crs``.
    """
    if crs is not Crs.CRS84:
        raise InputError(
            "unsupported_crs", "Such a file has longitude and latitude.", where="crs", fix="Ask for items as GeoJSON."
        )


def content_crs(crs: Crs) -> dict[str, str]:
    """The header that says in which system an answer is."""
    return {"Content-Crs": f"<{crs}>"}


def feature_in(feature: bytes, crs: Crs) -> bytes:
    """A feature as GeoJSON text in ``crs``; without a geometry where that has no coordinates for it, as at a pole."""
    if crs is Crs.CRS84:
        return feature
    found: dict[str, Any] = orjson.loads(feature)
    if found["geometry"] is not None:
        found["geometry"] = _geometry_in(found["geometry"], crs)
    return orjson.dumps(found)


def _geometry_in(geometry: dict[str, Any], crs: Crs) -> orjson.Fragment | None:
    def moved(points: np.ndarray) -> np.ndarray:
        there = np.column_stack(_transformer(crs).transform(points[:, 0], points[:, 1]))
        return np.round(there, 2) if crs is Crs.WEB_MERCATOR else there

    shape = shapely.from_geojson(orjson.dumps(geometry))
    # Some versions of PROJ place a pole at infinity, others merely far away.
    if crs is Crs.WEB_MERCATOR and (np.abs(shapely.get_coordinates(shape)[:, 1]) == POLE).any():
        return None
    return orjson.Fragment(shapely.to_geojson(shapely.transform(shape, moved)))


def plain_box(text: str, crs: Crs) -> str:
    """A box that is given in ``crs``, as west,south,east,north in degrees; a text that is none is given back.

    Without exponents, and without the heights that a client may send.
    """
    try:
        numbers = [Decimal(part.strip()) for part in text.split(",")]
    except InvalidOperation:
        return text
    if any(not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER for number in numbers):
        return text
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if crs is not Crs.CRS84 and len(numbers) == 4:
        x, y = _transformer(crs).transform(numbers[::2], numbers[1::2], direction="INVERSE")
        numbers = [Decimal(str(number)) for number in (x[0], y[0], x[1], y[1])]
    return ",".join(f"{number:f}" for number in numbers)


@cache
def _transformer(crs: Crs) -> Transformer:
    from pyproj import Transformer  # takes long to import, and few ask for another system

    return Transformer.from_crs("OGC:CRS84", f"EPSG:{crs.rpartition('/')[2]}")
