"""GeoPackage out: one layer ``incidents`` with a spatial index, its columns described, for QGIS and ArcGIS."""

from __future__ import annotations

from pathlib import Path

from incidents.exports.arrow import incident_batches, incident_schema
from incidents.exports.gdal import write_layer
from incidents.exports.selection import Selection


def write_geopackage(wanted: Selection, path: Path) -> int:
    """Write ``wanted`` to a new file; returns the number of incidents.

    An incident without a place that the tier may see is a row without a geometry.

    Raises:
        As :func:`incidents.exports.gdal.write_layer`.
    """
    return write_layer(
        incident_batches(wanted),
        incident_schema(wanted),
        path,
        driver="GPKG",
        areas=wanted.areas,
        options={"DESCRIPTION": "Incidents of civilian harm; an empty number is unknown, 0 is zero"},
        metadata={name: str(value) for name, value in wanted.made_by().items() if value is not None},
    )
