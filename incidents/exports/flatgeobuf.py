"""FlatGeobuf out: one layer in a file that can be read in parts over HTTP.

Its spatial index has no room for a row without a geometry, and no incident is left out: the index is written
only where every incident has a place that the tier may see, as in the answer to a place query.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from incidents.exports.arrow import GEOMETRY, incident_batches, incident_schema
from incidents.exports.gdal import write_layer
from incidents.exports.selection import Selection


def write_flatgeobuf(wanted: Selection, path: Path) -> int:
    """Write ``wanted`` to a new file in a folder that temporary files may be written to.

    Returns:
        The number of incidents.

    Raises:
        As :func:`incidents.exports.gdal.write_layer`.
    """
    schema = incident_schema(wanted)
    # Whether there can be an index is known only at the end, and the batches are too many to hold.
    spool = path.with_suffix(".arrow")
    located = True
    with pa.OSFile(str(spool), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for batch in incident_batches(wanted):
            located = located and batch[GEOMETRY].null_count == 0
            writer.write_batch(batch)
    with pa.OSFile(str(spool), "rb") as source, pa.ipc.open_stream(source) as reader:
        return write_layer(
            reader,
            schema,
            path,
            driver="FlatGeobuf",
            areas=wanted.areas,
            options={"SPATIAL_INDEX": "YES" if located else "NO", "TEMPORARY_DIR": str(path.parent)},
        )
