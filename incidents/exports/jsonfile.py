"""JSON out: an array of the flat summaries, for scripts; what stands behind them is in the GeoJSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

import orjson
from sqlmodel import Session

from incidents.dossiers import dossiers
from incidents.exports.masks import mask_for
from incidents.exports.properties import summary
from incidents.ranges import Rule
from incidents.tiers import Tier

if TYPE_CHECKING:
    from incidents.query import Match


def write_json(
    session: Session,
    keys: Iterable[int],
    stream: BinaryIO,
    *,
    tier: Tier = Tier.PUBLIC,
    rule: Rule = Rule.ENVELOPE,
    as_of: datetime | None = None,
    matches: Mapping[int, Match] | None = None,
) -> int:
    """Write the summaries of the incidents ``keys`` as one JSON array, streamed.

    Args:
        session: an open session.
        keys: incident ids, in the order of the array.
        stream: a binary stream.
        tier: what may be seen; hidden incidents are left out.
        rule: what the ranges are made by.
        as_of: an instant in UTC; what was said later is left out.
        matches: by incident id, how it answered a place query; becomes the member ``match``.

    Returns:
        The number of summaries.
    """
    mask = mask_for(session, tier)
    count = 0
    stream.write(b"[")
    for one in dossiers(session, keys, tier=tier, as_of=as_of):
        record = summary(one, mask, rule)
        if matches is not None and one.key in matches:
            record["match"] = matches[one.key].value
        stream.write((b"\n" if count == 0 else b",\n") + orjson.dumps(record))
        count += 1
    stream.write(b"\n]\n")
    return count
