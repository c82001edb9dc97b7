"""Place names in, places out; a name that could be two places is never settled here."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from rapidfuzz import fuzz
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, col, select

from db.errors import AmbiguousError, NotFoundError
from db.tables import Area, Place, PlaceName, metadata
from db.vocabulary import PlaceKind
from gazetteer.context import ADMIN_KINDS, Unit, covers, lies_in, unit_of, units_of_code
from gazetteer.folding import fold
from gazetteer.geodesy import circle, distance_m
from gazetteer.geometry import read_wkb
from gazetteer.search.candidates import COLUMN, NO_NAME, Wanted, find_candidates
from gazetteer.search.context import Context
from gazetteer.search.index import index_of, memory_of
from gazetteer.sources.codes import source_rank
from gazetteer.sources.store import match_key

SAME_PLACE_M = 2_000.0
"""Two sources' points for one settlement lie closer than this (GeoNames and its copies differ by metres)."""

KIND_ORDER = tuple(PlaceKind)
NEAREST = 5
MOST_APART = 0.25  # of the letters of a name, in the weights of `gazetteer.search.likeness`
LONGEST_ASKED = 300  # characters

_LIVED_IN = frozenset({PlaceKind.NEIGHBOURHOOD, PlaceKind.LANDMARK, PlaceKind.OTHER})
_KINDS_OF_WORDS: dict[str, tuple[Collection[PlaceKind], ...]] = {
    "governorate province muhafazat محافظة": ({PlaceKind.ADM1},),
    # Part of a city is called a district too: al-Jadida district in Mosul.
    "district qada county قضاء منطقة": ({PlaceKind.ADM2, PlaceKind.NEIGHBOURHOOD},),
    "subdistrict nahiya nahiyah nahiyat ناحية": ({PlaceKind.ADM3},),
    "town village city قرية مدينة بلدة": ({PlaceKind.SETTLEMENT}, _LIVED_IN),
    # GeoNames files many quarters as populated places.
    "neighbourhood neighborhood حي": ({PlaceKind.NEIGHBOURHOOD}, {PlaceKind.SETTLEMENT}),
}
"""Words for a kind of place, and the kinds they stand for, best first."""
_KIND_WORDS = {fold(word): tiers for words, tiers in _KINDS_OF_WORDS.items() for word in words.split()}
_KEYED = re.compile(r"(?P<source>[a-z]+):(?P<key>\S+)")
_COMMA = re.compile(r"[,،;؛]")
_NAMES = metadata.tables["place_name"]


@dataclass(frozen=True)
class PlaceMatch:
    """A place that answers to a name.

    Attributes:
        place: the entry of the source believed first.
        name: the name of it that matched.
        others: entries of other sources for the same place.
    """

    place: Place
    name: str
    others: tuple[Place, ...] = ()

    def line(self) -> str:
        """The candidate on one line; the ``source:key`` at its start names it without doubt."""
        place = self.place
        parts = [f"{place.source}:{place.source_key}", place.name, place.kind.value]
        parts += [part for part in (place.admin1_name or place.admin1, place.country) if part]
        parts.append(f"lon {place.lon:.5f}, lat {place.lat:.5f}")
        if place.population is not None:
            parts.append(f"{place.population:,} people")
        return " | ".join(parts)


def find_places(
    session: Session, text: str, *, country: str | None = None, admin1: str | None = None,
    kinds: Collection[PlaceKind] | None = None,
) -> list[PlaceMatch]:  # fmt: skip
    """All places that answer to ``text``, one for each place whatever the number of its sources.

    Names match exactly on their folded form without words for the kind of place. Such a word ("Aleppo
    governorate", "محافظة حلب", "Aleppo city") keeps only places of that kind, or so named. What
    follows a comma ("Al Jinah, Aleppo province"; "Al Mansurah, Raqqa, Syria") names the units the place lies in.

    Args:
        session: an open session.
        text: a name, or ``source:key`` as a list of candidates shows it.
        country: ISO 3166 two-letter code, or a country's name.
        admin1: name or GeoNames code of the first-order unit.
        kinds: only these kinds.

    Returns:
        The matches in a fixed order: by kind, country, governorate, name and key. Empty where there is none.

    Raises:
        NotFoundError: ``unknown_context``, a unit named after a comma or in ``country`` or ``admin1`` is not in
            the gazetteer.
    """
    keyed = _by_key(session, text)
    if keyed is not None:
        return [keyed]
    head, *context = [part.strip() for part in _COMMA.split(text)]
    if match_key(head) == "":
        return []
    found = _named(session, text, kinds) if len(context) > 0 else []
    if len(found) == 0:
        found = _named(session, head, kinds)
    else:
        context = []
    for part in [*context, *(word for word in (admin1, country) if word is not None)]:
        if part:
            units = _units(session, part)
            found = [match for match in found if lies_in(session, match.place, units)]
    merged = _merged(session, _widened(session, found))
    return sorted(_of_kind(head if context else text, merged), key=_order)


def one_place(
    session: Session, text: str, *, country: str | None = None, admin1: str | None = None,
    kinds: Collection[PlaceKind] | None = None,
) -> Place:  # fmt: skip
    """The one place that answers to ``text``; the arguments are those of :func:`find_places`.

    Raises:
        NotFoundError: ``unknown_place``, with the nearest names; ``unknown_context``.
        AmbiguousError: ``ambiguous_place``, with a line for each candidate. Nothing settles it here, not even that
            one of them is a large city.
    """
    found = find_places(session, text, country=country, admin1=admin1, kinds=kinds)
    if len(found) == 0:
        raise _unknown(session, text, elsewhere=_elsewhere(session, text))
    if len(found) > 1:
        raise AmbiguousError(
            "ambiguous_place", f"{len(found)} places answer to this name.", [match.line() for match in found], got=text,
            fix="Say which: add its governorate after a comma, or a word for its kind (Aleppo governorate, Aleppo "
            "city), or give the source:key that starts its line.",
        )  # fmt: skip
    return found[0].place


def area_of(session: Session, place: Place) -> BaseGeometry | None:
    """The area that a place stands for.

    Args:
        session: an open session.
        place: from :func:`one_place`.

    Returns:
        Its polygon; else a circle of its radius; else None: of a unit without boundaries only a point is known.
        The remedy is then ``incidents gazetteer import areas FILE --level adm1``.
    """
    if place.area_id is not None:
        return read_wkb(session.get_one(Area, place.area_id).wkb)
    if place.radius_m is not None:
        return circle(place.lon, place.lat, place.radius_m)
    return None


def _by_key(session: Session, text: str) -> PlaceMatch | None:
    """The place called by its source and key; None where ``text`` is no such call."""
    found = _KEYED.fullmatch(text.strip())
    if found is None:
        return None
    query = select(Place).where(
        Place.source == found["source"], Place.source_key == found["key"], ~col(Place.withdrawn)
    )  # fmt: skip
    place = session.exec(query).first()
    return None if place is None else PlaceMatch(place, place.name)


def _named(session: Session, text: str, kinds: Collection[PlaceKind] | None) -> list[PlaceMatch]:
    """The places one of whose names has the key of ``text``, each once."""
    key = match_key(text)
    if key == "":
        return []
    query = (
        select(Place, PlaceName.name)
        .join(PlaceName, col(PlaceName.place_id) == col(Place.id))
        .where(PlaceName.folded == key, ~col(Place.withdrawn), ~col(PlaceName.withdrawn))
        .order_by(col(Place.id), col(PlaceName.id))
    )
    if kinds is not None:
        query = query.where(col(Place.kind).in_(list(kinds)))
    matches: dict[int, PlaceMatch] = {}
    whole = fold(text)
    for place, name in session.exec(query):
        # The spelling that agrees to the last word is the one to show and to judge by.
        if place.key not in matches or (fold(name) == whole and fold(matches[place.key].name) != whole):
            matches[place.key] = PlaceMatch(place, name)
    return list(matches.values())


def _units(session: Session, text: str) -> list[Unit]:
    """The countries, governorates and districts that ``text`` names, by code or name.

    Raises:
        NotFoundError: ``unknown_context``.
    """
    units = units_of_code(session, text) + [unit_of(match.place) for match in _named(session, text, ADMIN_KINDS)]
    if len(units) == 0:
        raise _unknown(session, text, code="unknown_context", kinds=ADMIN_KINDS)
    return units


def _widened(session: Session, found: Sequence[PlaceMatch]) -> list[PlaceMatch]:
    """``found``, and for each unit its entries in other sources, which may have the polygon but not the name."""
    matches = {match.place.key: match for match in found}
    for match in found:
        place = match.place
        if place.kind is PlaceKind.COUNTRY and place.country is not None:
            same = [Place.country == place.country]
        elif place.kind in (PlaceKind.ADM1, PlaceKind.ADM2) and _unit_code(place) is not None:
            same = [Place.country == place.country, Place.admin1 == place.admin1, Place.admin2 == place.admin2]
        else:
            continue
        of_kind = select(Place).where(Place.kind == place.kind, ~col(Place.withdrawn), *same)
        for other in session.exec(of_kind.order_by(col(Place.id))):
            matches.setdefault(other.key, PlaceMatch(other, match.name))
    return list(matches.values())


def _unit_code(place: Place) -> tuple[str | None, ...] | None:
    """What two sources' entries of one unit have in common; None where the unit has no code."""
    if place.kind is PlaceKind.COUNTRY:
        return None if place.country is None else (place.country,)
    if place.kind is PlaceKind.ADM1:
        return None if place.admin1 is None else (place.country, place.admin1)
    if place.kind is PlaceKind.ADM2:
        return None if place.admin2 is None else (place.country, place.admin1, place.admin2)
    return None


def _merged(session: Session, found: Sequence[PlaceMatch]) -> list[PlaceMatch]:
    """One match for each place: entries of several sources for it are joined under the one believed first."""
    groups: list[list[PlaceMatch]] = []
    for match in sorted(found, key=_belief):
        group = _group_of(session, match.place, groups)
        if group is None:
            groups.append([match])
        else:
            group.append(match)
    return [PlaceMatch(g[0].place, g[0].name, tuple(match.place for match in g[1:])) for g in groups]


def _belief(match: PlaceMatch) -> tuple[bool, int, int]:
    """A unit with a polygon before one without; then by source; the newest entry of a source first."""
    place = match.place
    return place.kind in ADMIN_KINDS and place.area_id is None, source_rank(place.source), -place.key


def _group_of(session: Session, place: Place, groups: list[list[PlaceMatch]]) -> list[PlaceMatch] | None:
    """The group that ``place`` belongs to: of the same id or unit first, else the same kind close by."""
    for group in groups:
        if any(_same_id(place, member.place) for member in group):
            return group
    for group in groups:
        # Two entries of one source are two places, however close: it would have one entry otherwise.
        if all(place.source != member.place.source for member in group) and _close(session, place, group[0].place):
            return group
    return None


def _same_id(one: Place, other: Place) -> bool:
    if one.kind in ADMIN_KINDS and one.kind is other.kind and _unit_code(one) is not None:
        return _unit_code(one) == _unit_code(other)
    geonames = one.source != "areas" and other.source != "areas"
    return geonames and one.source != other.source and one.source_key == other.source_key


def _close(session: Session, one: Place, other: Place) -> bool:
    if one.kind is not other.kind or one.kind in ADMIN_KINDS:
        return False
    if distance_m(one.lon, one.lat, other.lon, other.lat) <= SAME_PLACE_M:
        return True
    return any(
        area.area_id is not None and covers(session, area.key, area.kind, point)
        for area, point in ((one, other), (other, one))
    )


def _of_kind(text: str, found: list[PlaceMatch]) -> list[PlaceMatch]:
    """``found``, held to the words for a kind of place in ``text``.

    A governorate that is not loaded must not come out as the city of its name, so nothing may be left. A place
    whose very name has the word ("Yarmouk Camp", "Al Jadidah District") stays whatever its kind.
    """
    whole = fold(text)
    words = whole.replace("sub district", "subdistrict").split()
    wanted = [_KIND_WORDS[word] for word in words if word in _KIND_WORDS]
    # A name that is nothing but such words, "Al Madinah", says nothing of the kind.
    if len(wanted) == 0 or len(wanted) == len(words):
        return found
    named_so = [match for match in found if fold(match.name) == whole and match.place.kind not in ADMIN_KINDS]
    for kinds in wanted[0]:
        narrowed = [match for match in found if match.place.kind in kinds or match in named_so]
        if len(narrowed) > 0:
            return narrowed
    return []


def _order(match: PlaceMatch) -> tuple[int, str, str, str, str, str]:
    place = match.place
    return (
        KIND_ORDER.index(place.kind), place.country or "", place.admin1_name or place.admin1 or "", place.name,
        place.source, place.source_key,
    )  # fmt: skip


def _elsewhere(session: Session, text: str) -> list[str]:
    """The places of that name of another kind, or outside the units named after the comma."""
    head = _COMMA.split(text)[0]
    return [
        match.line() for match in sorted(_merged(session, _widened(session, _named(session, head, None))), key=_order)
    ]


def _unknown(
    session: Session, text: str, *, code: str = "unknown_place", kinds: Collection[PlaceKind] | None = None,
    elsewhere: Sequence[str] = (),
) -> NotFoundError:  # fmt: skip
    if len(elsewhere) > 0:
        lines = "".join(f"\n  - {line}" for line in elsewhere)
        why = "No place of this name is of this kind and lies there."
        return NotFoundError(code, why, got=text, fix=f"Of this name there are:{lines}")
    near = nearest_names(session, text, kinds=kinds)
    what = "place" if code == "unknown_place" else "country, governorate or district"
    fix = f"Names like it: {', '.join(near)}." if near else "Load more places: incidents gazetteer import geonames FILE"
    return NotFoundError(code, f"The gazetteer has no {what} of this name.", got=text, fix=fix)


def nearest_names(session: Session, text: str, *, kinds: Collection[PlaceKind] | None = None) -> list[str]:
    """Names that sound like ``text``, best first, at most five.

    Args:
        session: an open session.
        text: a name that was not found.
        kinds: only names of such places.
    """
    head = _COMMA.split(text)[0]
    if match_key(head) == "" or len(head) > LONGEST_ASKED:
        return []
    memory = memory_of(session)
    index = index_of(session, memory)
    found = find_candidates(session, index, Wanted((head,), kinds=frozenset(kinds or ())), Context())
    apart = found.features[:-1, COLUMN["letters_apart"]]
    key = match_key(head)
    near = [
        (float(cost), -fuzz.ratio(key, index.folded[name]), index.text[name])
        for cost, name in zip(apart, found.names, strict=True)
        if name != NO_NAME and cost <= MOST_APART * max(3, len(key))
    ]
    return list(dict.fromkeys(name for _, _, name in sorted(near)))[:NEAREST]


@dataclass(frozen=True)
class GazetteerCount:
    """How many places and names of one source, country, kind and licence there are."""

    source: str
    country: str | None
    kind: PlaceKind
    licence: str | None
    places: int
    with_polygon: int
    names: int


def gazetteer_info(session: Session) -> list[GazetteerCount]:
    """What the gazetteer holds, by source, country, kind and licence; ordered by them."""
    per_place = sa.select(_NAMES.c.place_id, sa.func.count().label("n")).group_by(_NAMES.c.place_id).subquery()
    table = metadata.tables["place"].c
    key = (table.source, table.country, table.kind, table.licence)
    counts = sa.func.count(), sa.func.count(table.area_id), sa.func.coalesce(sa.func.sum(per_place.c.n), 0)
    query = (
        sa.select(*key, *counts).outerjoin(per_place, per_place.c.place_id == table.id).group_by(*key).order_by(*key)
    )
    return [GazetteerCount(*row) for row in session.execute(query)]
