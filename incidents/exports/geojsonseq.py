"""GeoJSON text sequences (RFC 8142) out: a record separator, a feature, a line feed, and so on.

Each feature is that of :mod:`incidents.exports.geojson`. A reader takes one after the other and finds the next
whole one where a file was cut; there is no member beside the features, so reports and organisations are named
in each feature (``sources``) and nowhere else.
"""

from __future__ import annotations

from typing import BinaryIO

import orjson

from incidents.exports.features import features
from incidents.exports.masks import mask_for
from incidents.exports.selection import Selection

RECORD_SEPARATOR = b"\x1e"


def write_geojsonseq(wanted: Selection, stream: BinaryIO) -> int:
    """Write ``wanted`` as a sequence of features, each as it is read; returns the number of features."""
    found = features(
        wanted.session,
        wanted.walk(),
        mask=mask_for(wanted.session, wanted.tier),
        rule=wanted.rule,
        as_of=wanted.as_of,
        areas=wanted.areas,
        matches=wanted.matches,
    )
    count = 0
    for _, feature in found:
        stream.write(RECORD_SEPARATOR + orjson.dumps(feature) + b"\n")
        count += 1
    return count
