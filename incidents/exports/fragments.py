"""Fragments: the ready default feature of each incident (public tier, envelope, now, as a point), kept compressed.

An export of a million incidents writes them as they are. They are part of the derived read model
(:mod:`incidents.derived`): written in the transaction that changes an incident, never a source of truth.

``refs`` holds what the members beside the features need: longitude and latitude of the point as two doubles (NaN for
none), then ids of four bytes, each four times the id plus its kind, all little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import nan
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from db.derived import is_fresh
from db.keys import one_of
from db.tables import Organisation, metadata
from incidents.dossier_rows import table_of
from incidents.exports.features import Box, box_of, features, joined
from incidents.exports.masks import Mask, mask_for
from incidents.exports.packing import unpacked
from incidents.exports.records import Record
from incidents.exports.selection import Selection
from incidents.exports.tables import References, organisation_codes, report_ids
from incidents.ranges import Rule
from incidents.views import Dossier

if TYPE_CHECKING:
    from incidents.query import Match

BATCH = 500
"""Fragments read at once; bounds the memory to some megabytes."""

REPORT, ORGANISATION, TOTAL = 0, 1, 2
POINT_BYTES = 16
_FRAGMENT = metadata.tables["fragment"]
_READ = sa.select(_FRAGMENT.c.incident_id, _FRAGMENT.c.body, _FRAGMENT.c.refs).where(one_of(_FRAGMENT.c.incident_id))


def held_fragments(session: Session, keys: Sequence[int]) -> set[tuple[int, bytes, bytes]]:
    """Incident, feature and ``refs`` as they are stored of the incidents ``keys``."""
    return set(_held(session, keys))


def _held(session: Session, keys: Sequence[int]) -> Iterator[tuple[int, bytes, bytes]]:
    # Past SQLAlchemy's rows, which cost as much again as the reading.
    cursor: Any = session.connection().execute(_READ, {"keys": list(keys)}).cursor
    for key, packed, refs in cursor.fetchall():
        body = unpacked(packed)
        if body is not None:
            yield key, body, refs


def ready_features(
    session: Session,
    keys: Iterable[int],
    references: References,
    mask: Mask,
    matches: Mapping[int, Match] | None,
    at_once: int = BATCH,
) -> Iterator[tuple[list[Any], Box | None]]:
    """The default features of the incidents ``keys``, ``at_once`` of them, with the box of each part.

    An incident without a fragment is read in full. What the features refer to is noted in ``references``.
    """
    codes = organisations_by_id(session)
    rest = iter(keys)
    while len(batch := list(islice(rest, at_once))) > 0:
        rows = list(_held(session, batch))
        bodies = {key: body for key, body, _ in rows}
        box = _note(references, bodies.keys(), [refs for _, _, refs in rows], codes)
        lacking = [key for key in batch if key not in bodies]
        for one, feature in default_features(session, lacking, mask) if len(lacking) > 0 else ():
            references.add(one)
            bodies[one.key] = orjson.dumps(feature)
            box = joined(box, box_of(feature))
        if matches is not None:
            bodies = {key: _matched(body, matches.get(key)) for key, body in bodies.items()}
        yield [bodies[key] for key in batch if key in bodies], box


def written_features(wanted: Selection) -> Iterator[bytes]:
    """Each incident of ``wanted`` as the JSON of its feature: the ready one where that is what is wanted."""
    session = wanted.session
    if not (wanted.default and is_fresh(session)):
        made = features(
            session, wanted.keys, mask=mask_for(session, wanted.tier), rule=wanted.rule, as_of=wanted.as_of,
            areas=wanted.areas, matches=wanted.matches,
        )  # fmt: skip
        yield from (orjson.dumps(feature) for _, feature in made)
        return
    for at in range(0, len(wanted.keys), BATCH):
        batch = wanted.keys[at : at + BATCH]
        bodies = {key: body for key, body, _ in _held(session, batch)}
        lacking = [key for key in batch if key not in bodies]
        if len(lacking) > 0:
            made = default_features(session, lacking, mask_for(session, wanted.tier))
            bodies |= {one.key: orjson.dumps(feature) for one, feature in made}
        found = [(key, bodies[key]) for key in batch if key in bodies]
        yield from (body if wanted.matches is None else _matched(body, wanted.matches.get(key)) for key, body in found)


def organisations_by_id(session: Session) -> dict[int, str]:
    """The code of every organisation by its id."""
    columns = table_of(Organisation).c
    rows: Any = session.execute(sa.select(columns.id, columns.code)).all()
    return dict(rows)


def default_features(session: Session, keys: Sequence[int], mask: Mask) -> Iterator[tuple[Dossier, Record]]:
    """Those of the incidents ``keys`` that are public, with their default feature."""
    return features(session, keys, mask=mask, rule=Rule.ENVELOPE, as_of=None, areas=False, matches=None)


def packed_refs(one: Dossier, feature: Record, organisations: dict[str, int]) -> bytes:
    """What ``refs`` holds of an incident."""
    geometry = feature["geometry"]
    lon, lat = (nan, nan) if geometry is None else geometry["coordinates"]
    ids = [
        *(key << 2 | REPORT for key in sorted(report_ids(one))),
        *(organisations[code] << 2 | ORGANISATION for code in sorted(organisation_codes(one))),
        *(claim.key << 2 | TOTAL for claim in one.set_claims),
    ]
    return struct.pack(f"<2d{len(ids)}i", lon, lat, *ids)


def _note(references: References, keys: Iterable[int], refs: Sequence[bytes], codes: dict[int, str]) -> Box | None:
    """Tell ``references`` what ``refs`` of the incidents ``keys`` hold; the box of their points."""
    packed = b"".join([one[POINT_BYTES:] for one in refs])
    ids = set(struct.unpack(f"<{len(packed) // 4}i", packed))
    references.add_ids(
        keys,
        reports=[one >> 2 for one in ids if one & 3 == REPORT],
        codes=[codes[one >> 2] for one in ids if one & 3 == ORGANISATION],
        totals={one >> 2 for one in ids if one & 3 == TOTAL},
    )
    points = struct.unpack(f"<{2 * len(refs)}d", b"".join([one[:POINT_BYTES] for one in refs]))
    lons, lats = ([value for value in points[axis::2] if value == value] for axis in (0, 1))
    return None if len(lons) == 0 else (min(lons), min(lats), max(lons), max(lats))


def _matched(body: bytes, match: Match | None) -> bytes:
    """The feature with its last property, how it answered the query."""
    return body if match is None else body[:-2] + b',"match":' + orjson.dumps(match.value) + b"}}"
