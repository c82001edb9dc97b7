"""Learning: a place that a person confirmed for a text becomes a name, and is found by it from then on.

Who confirmed it and when is in the change set, where it was read in the name's ``source``. The text names a place that
the gazetteer has, under a spelling it may not have had, or one that it lacks: then the place is added, under the source
``attested``. A text that only says where something is from a place ("5 km north of Idlib"), or that names an
administrative unit, teaches no name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from sqlmodel import Session

from db.cells import clean_text
from db.errors import AtlasError, InputError
from db.import_log import Progress
from db.tables import Place
from db.tables.base import LINE
from db.vocabulary import NameKind, PlaceKind, PrecisionLevel
from gazetteer.attested_places import AttestedText, PlacesNear, unit_key
from gazetteer.coordinates import parse_coordinates
from gazetteer.geodesy import distance_m
from gazetteer.points import check_point
from gazetteer.precision import default_radius_m
from gazetteer.search.phrases import Relation, parse_phrase
from gazetteer.search.sound import sound_key
from gazetteer.sources.codes import AdminCodes
from gazetteer.sources.names import Named, NameRecord, NameWriter, clean_name, match_key
from gazetteer.sources.own_csv import usual_radius_m
from gazetteer.sources.store import BATCH, PlaceRecord, PlaceWriter
from gazetteer.units import refresh_units

SOURCE = "attested"
CLUSTER_M = 10_000.0
"""Confirmed points of one text farther apart than this are namesakes."""

AT_ONCE = 20_000  # rows judged together; bounds the memory
_ADMIN = frozenset({PlaceKind.COUNTRY, PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3})
_SLUG_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Attestation:
    """A place text and where a person confirmed that it is.

    Args:
        text: as it was read.
        lon: degrees.
        lat: degrees.
        source: where it was read; kept with the name.
        country: ISO 3166 two-letter code.
        admin1: governorate as the source writes it; tells namesakes apart.
        place_key: ``source:source_key`` of the entry that the person chose; None where only the point is confirmed.
        precision: of the point; gives the extent of a new place.
        licence: of the source; goes to a new place.
    """

    text: str
    lon: float
    lat: float
    source: str
    country: str | None = None
    admin1: str | None = None
    place_key: str | None = None
    precision: PrecisionLevel | None = None
    licence: str | None = None


class Learned(StrEnum):
    """What became of a confirmed text."""

    NAMED = "named"
    PLACED = "placed"
    KNOWN = "known"
    SKIPPED = "skipped"
    REJECTED = "rejected"


@dataclass
class AttestCounts:
    """How many rows became what.

    Attributes:
        read: rows.
        named: whose text became a name of a place that was there.
        placed: for which a place was added.
        known: whose place had the name already, or from which a person withdrew it.
        skipped: whose text names no place of its own: a relation, an administrative unit.
        rejected: that cannot be right.
        errors: number from 0 of the first rejected rows, and why.
    """

    read: int = 0
    named: int = 0
    placed: int = 0
    known: int = 0
    skipped: int = 0
    rejected: int = 0
    errors: list[tuple[int, AtlasError]] = field(default_factory=list)

    MOST_ERRORS = 100

    def count(self, learned: Learned, rows: int = 1) -> None:
        """Add ``rows`` rows that became ``learned``."""
        setattr(self, learned.value, getattr(self, learned.value) + rows)

    def reject(self, number: int, error: AtlasError) -> None:
        """Count row ``number`` as rejected; the first are kept with the reason."""
        self.rejected += 1
        if len(self.errors) < self.MOST_ERRORS:
            self.errors.append((number, error))


@dataclass(eq=False, slots=True)
class _Case(AttestedText):
    """Rows that say the same; ``place_id`` is set once it is known which place they mean."""

    row: Attestation = field(kw_only=True)
    kind: PlaceKind = field(kw_only=True)
    may_place: bool = field(kw_only=True)
    numbers: list[int] = field(kw_only=True)
    place_id: int | None = None
    learned: Learned = Learned.SKIPPED


def attest(
    session: Session, text: str, *, lon: float, lat: float, source: str, country: str | None = None,
    admin1: str | None = None, place_key: str | None = None, precision: PrecisionLevel | None = None,
) -> Place:  # fmt: skip
    """Learn from one confirmed place; see `attest_many`.

    Args:
        session: an open write session; its change set says who confirmed it.
        text: as it was read.
        lon: degrees.
        lat: degrees.
        source: where it was read.
        country: ISO 3166 two-letter code.
        admin1: governorate as the source writes it.
        place_key: ``source:source_key`` of the chosen entry.
        precision: of the point.

    Returns:
        The place that has the name now.

    Raises:
        InputError: ``names_no_place`` (a relation or a unit teaches no name), and what is wrong with the row;
            NotFoundError: ``unknown_place``.
    """
    row = Attestation(text, lon, lat, source, country, admin1, place_key, precision)
    counts = AttestCounts()
    cases = _learn(session, [(0, row)], AdminCodes(session), counts)
    if len(counts.errors) > 0:
        raise counts.errors[0][1]
    found = cases[0].place_id if len(cases) > 0 else None
    if found is None:
        fix = "Confirm a text that names the place itself, or the entry it names."
        raise InputError("names_no_place", "The text names no place of its own.", where=source, got=text, fix=fix)
    if counts.placed > 0:
        refresh_units(session)
    return session.get_one(Place, found)


def attest_many(session: Session, rows: Iterable[Attestation], *, progress: Progress | None = None) -> AttestCounts:
    """Learn from many confirmed places at once; doing it again changes nothing.

    With ``place_key`` the text becomes a name of that entry. Else of the place that was attested under it before not
    more than 10 km away, of the nearest one within 2 km whose name sounds like it, or of one called just so whose
    extent holds the point. Else a place is added; confirmed points of one text in one governorate not more than 10 km
    apart are one.

    Args:
        session: an open write session.
        rows: in any order.
        progress: called with the number of rows handled.

    Returns:
        What became of them.
    """
    counts, iterator, units = AttestCounts(), iter(enumerate(rows)), AdminCodes(session)
    while batch := list(islice(iterator, AT_ONCE)):
        _learn(session, batch, units, counts)
        if progress is not None:
            progress(counts.read)
    if counts.placed > 0:
        refresh_units(session)
    return counts


def _learn(
    session: Session, rows: Sequence[tuple[int, Attestation]], units: AdminCodes, counts: AttestCounts
) -> list[_Case]:
    """Learn from some rows; returns what they say, each thing once."""
    counts.read += len(rows)
    cases = _cases(rows, units, counts)
    near = PlacesNear(session, cases)
    for case in cases:
        if case.row.place_key is None:
            case.place_id = near.attested(case) or near.like(case)
            continue
        case.place_id = near.keyed(case.row.place_key)
        if case.place_id is None:
            error = near.unknown(case.row.place_key)
            for number in case.numbers:
                counts.reject(number, error)
    cases = [case for case in cases if case.place_id is not None or case.row.place_key is None]
    _join_groups(cases, near)
    placed = _place(session, [case for case in cases if case.place_id is None and case.may_place])
    _name(session, [case for case in cases if case.place_id is not None and case not in placed])
    for case in cases:
        counts.count(case.learned, len(case.numbers))
    return cases


def _cases(rows: Sequence[tuple[int, Attestation]], units: AdminCodes, counts: AttestCounts) -> list[_Case]:
    """The distinct rows that can teach a name."""
    found: dict[Attestation, _Case | None] = {}
    for number, row in rows:
        if row not in found:
            try:
                found[row] = _case(row, units)
            except AtlasError as error:
                counts.reject(number, error)
                continue
        case = found[row]
        if case is None:
            counts.count(Learned.SKIPPED)
        else:
            case.numbers.append(number)
    return [case for case in found.values() if case is not None]


def _case(row: Attestation, units: AdminCodes) -> _Case | None:
    """What a row says; None where the text teaches no name.

    Raises:
        InputError: the point is none, or a text may not be stored.
    """
    lon, lat = check_point(row.lon, row.lat, where=f"confirmed place {row.text!r}")
    clean_text(row.source, "source", max_length=LINE)
    clean_text(row.admin1 or "", "admin1", max_length=LINE)
    read = parse_phrase(clean_name(clean_text(row.text, "place text", max_length=LINE)))
    whole = read.landmark != "" or read.relation in (Relation.PART, Relation.RURAL)
    names = [read.whole] if whole else [name for name in read.names if name not in read.context_maybe]
    names = [name for name in dict.fromkeys(map(clean_name, names)) if match_key(name) != ""]
    unit = len(read.kinds & _ADMIN) > 0 and PlaceKind.SETTLEMENT not in read.kinds
    related = not whole and read.relation is not Relation.AT
    # "5 km north of Idlib" confirmed for a village teaches no name of it, and coordinates none at all.
    if len(names) == 0 or related or _is_coordinates(row.text) or (row.place_key is None and unit):
        return None
    kind = PlaceKind.LANDMARK if read.landmark else PlaceKind.OTHER if whole else _kind(read.kinds)
    # "Damascus city (Mezzeh)" can lie in Mezzeh: no reason to believe in another Damascus there.
    may_place = len(read.context_maybe) == 0 and len(read.anchors) == 0
    code = units.admin1(row.country, row.admin1) if row.admin1 else None
    return _Case(
        tuple(names), lon, lat, row.country, None if code is None else code[0], row.admin1,
        row=row, kind=kind, may_place=may_place, numbers=[],
    )  # fmt: skip


def _is_coordinates(text: str) -> bool:
    try:
        return parse_coordinates(text) is not None
    except InputError:
        return True


def _kind(kinds: frozenset[PlaceKind]) -> PlaceKind:
    return PlaceKind.NEIGHBOURHOOD if kinds == {PlaceKind.NEIGHBOURHOOD} else PlaceKind.SETTLEMENT


def _join_groups(cases: Sequence[_Case], near: PlacesNear) -> None:
    """Give a text without a place the one that the same text has not more than 10 km away."""
    groups: dict[tuple[str | None, str, str], set[int]] = {}
    for case in cases:
        if case.place_id is not None:
            groups.setdefault(_group(case), set()).add(case.place_id)
    for case in cases:
        if case.place_id is None:
            case.place_id = near.nearest(case, groups.get(_group(case), set()), CLUSTER_M)


def _group(case: _Case) -> tuple[str | None, str, str]:
    return case.country, unit_key(case.admin1, case.admin1_name), sound_key(case.names[0])


def _place(session: Session, cases: Sequence[_Case]) -> set[_Case]:
    """Add a place for each cluster of points of one text; returns the cases that have one now."""
    groups: dict[tuple[str | None, str, str], list[_Case]] = {}
    for case in sorted(cases, key=lambda case: (-len(case.numbers), case.lon, case.lat, case.names)):
        groups.setdefault(_group(case), []).append(case)
    clusters = _merged([cluster for group in groups.values() for cluster in _clusters(group)])
    writer = PlaceWriter(session)
    for start in range(0, len(clusters), BATCH):
        part = clusters[start : start + BATCH]
        ids = writer.ids_of([_record(cluster) for cluster in part])
        for cluster, place_id in zip(part, ids, strict=True):
            for case in cluster:
                case.place_id, case.learned = place_id, Learned.PLACED
    return {case for cluster in clusters for case in cluster}


def _clusters(cases: Sequence[_Case]) -> list[list[_Case]]:
    """The cases of one text by where they are, the most frequent point of each cluster first."""
    return _gathered([[case] for case in cases], lambda one, other: _apart(one, other) <= CLUSTER_M)


def _merged(clusters: Sequence[list[_Case]]) -> list[list[_Case]]:
    """Clusters that sound alike and lie within 2 km, in one governorate, are one place in several spellings."""
    cells: dict[tuple[int, int], list[list[_Case]]] = {}
    for cluster in clusters:
        x, y = _cell(cluster[0])
        beside = [held for dx in (-1, 0, 1) for dy in (-1, 0, 1) for held in cells.get((x + dx, y + dy), [])]
        same = next((held for held in beside if _mergeable(held[0], cluster)), None)
        if same is None:
            cells.setdefault((x, y), []).append(cluster)
        else:
            same.extend(cluster)
    return [cluster for held in cells.values() for cluster in held]


def _mergeable(held: _Case, cluster: Sequence[_Case]) -> bool:
    units = {unit_key(case.admin1, case.admin1_name) for case in (held, cluster[0])} - {""}
    return len(units) <= 1 and held.sounds_like(cluster[0]) and all(_apart(held, case) <= CLUSTER_M for case in cluster)


def _cell(case: _Case) -> tuple[int, int]:
    return round(case.lon / 0.03), round(case.lat / 0.03)


def _gathered(parts: Sequence[list[_Case]], together: Callable[[_Case, _Case], bool]) -> list[list[_Case]]:
    found: list[list[_Case]] = []
    for part in parts:
        same = next((held for held in found if together(held[0], part[0])), None)
        if same is None:
            found.append(part)
        else:
            same.extend(part)
    return found


def _apart(one: _Case, other: _Case) -> float:
    return distance_m(one.lon, one.lat, other.lon, other.lat)


def _record(cases: Sequence[_Case]) -> PlaceRecord:
    """The new place of a cluster: at its most frequent point, with an extent that holds the others."""
    first = cases[0]
    names = list(dict.fromkeys(name for case in cases for name in case.names))
    radii = [default_radius_m(case.row.precision) for case in cases if case.row.precision is not None]
    least = min((radius for radius in radii if radius is not None), default=usual_radius_m(first.kind, None))
    spread = max(_apart(first, case) for case in cases)
    admin1 = first.admin1_name
    identity = f"{first.country}|{unit_key(first.admin1, admin1)}|{names[0]}|{first.lon!r}|{first.lat!r}"
    slug = "-".join(match_key(names[0]).split())[:_SLUG_LENGTH]
    return PlaceRecord(
        source=SOURCE, source_key=f"{slug}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}", name=names[0],
        kind=first.kind, lon=first.lon, lat=first.lat, names=names[1:], country=first.country, admin1=first.admin1,
        admin1_name=admin1, radius_m=None if least is None else max(least, spread), licence=first.row.licence,
        kinds=dict.fromkeys(names, NameKind.ATTESTED), name_source=first.row.source,
    )  # fmt: skip


def _name(session: Session, cases: Sequence[_Case]) -> None:
    """Write the texts of cases whose place is known as its names."""
    writer = NameWriter(session)
    for start in range(0, len(cases), BATCH):
        part = cases[start : start + BATCH]
        records = [
            NameRecord(case.place_id, name, kind=NameKind.ATTESTED, source=case.row.source)
            for case in part for name in case.names if case.place_id is not None
        ]  # fmt: skip
        verdicts = iter(writer.write(records))
        for case in part:
            ways = {next(verdicts) for _ in case.names}
            case.learned = Learned.NAMED if ways & {Named.ADDED, Named.COMPLETED} else Learned.KNOWN
