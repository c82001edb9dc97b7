"""The words that incidents are found by, as each tier may know them: names, codes, places, and words of claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.derived import among, is_fresh
from db.errors import InputError
from db.search import TIER_BITS as ID_BITS
from db.search import put_texts, stored_texts, texts_with_part, texts_with_words
from db.tables import Claim, Incident, IncidentCode, IncidentName, Location, Report
from db.vocabulary import Geoprivacy
from gazetteer.folding import fold
from incidents.spots import TIER_BITS
from incidents.tiers import Tier, citable_row, current_location, known_place, seen

LONGEST_WORD = 100
"""Characters; PostgreSQL takes no word of more than 2,046 bytes. Longer ones are cut, when asked for too."""
BATCH = 5_000


def refresh_words(session: Session, keys: Sequence[int]) -> None:
    """Rewrite the texts of the incidents ``keys``, ascending."""
    put_texts(session, keys, text_rows(session, keys))


def differing_texts(session: Session, keys: Sequence[int]) -> set[int]:
    """Those of ``keys``, ascending, whose texts are not those that they should have."""
    return {row[1] for row in {*stored_texts(session, keys)} ^ {*text_rows(session, keys)}}


def text_rows(session: Session, keys: Sequence[int]) -> list[tuple[int, int, int, str, str]]:
    """The texts that the incidents ``keys`` should have: id, incident, tiers, words, names; by id."""
    texts: dict[tuple[int, str, str], int] = defaultdict(int)
    for key, tiers, words, names in _texts(session, keys, tuple(Tier), None):
        texts[key, " ".join(sorted(words)), "\n".join(sorted(names))] |= tiers
    rows = [(key << ID_BITS | tiers, key, tiers, words, names) for (key, words, names), tiers in texts.items()]
    return sorted(rows)


def ids_with_text(session: Session, text: str, tier: Tier, as_of: datetime | None) -> Any:
    """SQL, or a list: ids of the incidents that ``text`` finds.

    It finds those in which each of its words begins a word; where there are none, those of which a name, a place
    name or the code holds it as a whole. A code that somebody else gave is found whole.

    Raises:
        InputError: the text is blank.
    """
    if len(text.strip()) == 0:
        raise InputError("blank", "The text to search for is blank.")
    coded = sa.select(_c(IncidentCode.incident_id).label("incident_id")).where(_c(IncidentCode.code) == text)
    part = fold(text)
    if part == "":
        # Nothing but signs: as a pattern it would find every name.
        return coded.union(sa.select(_c(Incident.id)).where(_c(Incident.code).contains(text, autoescape=True)))
    words = [word[:LONGEST_WORD] for word in part.split()]
    if as_of is not None or not is_fresh(session):
        return [*_compared(session, words, part, tier, as_of), *session.execute(coded).scalars()]
    found = texts_with_words(session, words, TIER_BITS[tier])
    if session.execute(sa.select(found.subquery()).limit(1)).first() is None:
        found = texts_with_part(session, part, TIER_BITS[tier])
    return coded.union_all(sa.select(found.subquery().c.incident_id))


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def _compared(session: Session, words: Sequence[str], part: str, tier: Tier, as_of: datetime | None) -> list[int]:
    """The answer from the records themselves: any day, and whatever was not put into the index yet."""
    beginning: list[int] = []
    holding: list[int] = []
    last = 0
    key_of: Any = Incident.id
    while len(
        keys := session.execute(sa.select(key_of).where(key_of > last).order_by(key_of).limit(BATCH)).scalars().all()
    ):
        for key, _, own, names in _texts(session, keys, (tier,), as_of):
            if all(any(word.startswith(asked) for word in own) for asked in words):
                beginning.append(key)
            if any(part in name for name in names):
                holding.append(key)
        last = keys[-1]
    return beginning or holding


@dataclass
class _Texts:
    """What is known of an incident: the tiers that may see it, and names and claims by the tiers that may know them."""

    tiers: int
    names: dict[int, set[str]]
    said: dict[int, set[str]]

    def add(self, texts: dict[int, set[str]], tiers: int, text: str) -> None:
        """Put a folded text among the names or the claims."""
        if tiers & self.tiers:
            texts.setdefault(tiers & self.tiers, set()).add(text)

    def parts(self) -> list[int]:
        """The tiers in parts that know the same: most incidents have one."""
        alike = self.names.keys() | self.said.keys() == {self.tiers}
        return [self.tiers] if alike else [bit for bit in TIER_BITS.values() if self.tiers & bit]


def _texts(
    session: Session, keys: Sequence[int], tiers: tuple[Tier, ...], as_of: datetime | None
) -> Iterator[tuple[int, int, set[str], set[str]]]:
    """Each incident for the tiers that may see it: id, bits of those that know the same, words and names, folded."""
    connection = session.connection()  # its rows are plain ones; those of the session cost twice as much
    found = {
        row.id: _Texts(row.tiers, {row.tiers: {fold(row.code)}}, {})
        for row in connection.execute(_incidents(tiers).where(among(_c(Incident.id), keys)))
        if row.tiers != 0
    }
    for row in connection.execute(_names().where(among(_c(IncidentName.incident_id), keys))):
        if (own := found.get(row.incident_id)) is not None:
            own.add(own.names, own.tiers, row.folded)
    for row in connection.execute(_places(tiers, as_of).where(among(_c(Location.incident_id), keys))):
        if (own := found.get(row.incident_id)) is not None:
            own.add(own.names, row.tiers, fold(row.text))
    for row in connection.execute(_claims(tiers, as_of).where(among(_c(Claim.incident_id), keys))):
        if (own := found.get(row.incident_id)) is not None:
            own.add(own.said, row.tiers, fold(row.text))
    for key, own in found.items():
        for part in own.parts():
            names, said = _known(own.names, part), _known(own.said, part)
            yield key, part, _words(names | said), names - {""}


def _known(texts: dict[int, set[str]], part: int) -> set[str]:
    """The texts that the tiers ``part`` may know."""
    return set().union(*(found for tiers, found in texts.items() if tiers & part))


def _words(texts: Iterable[str]) -> set[str]:
    words = set(" ".join(texts).split())
    return {word[:LONGEST_WORD] for word in words} if max(map(len, words), default=0) > LONGEST_WORD else words


# The statements below lack the incidents asked for: putting one together takes longer than to run it for one incident,
# and each change asks for them.


def _mask(tiers: tuple[Tier, ...], condition: Any) -> Any:
    """SQL: the bits of those ``tiers`` for which ``condition`` (a function of the tier) holds."""
    return sum((sa.case((condition(tier), TIER_BITS[tier]), else_=0) for tier in tiers), start=sa.literal(0))


@cache
def _incidents(tiers: tuple[Tier, ...]) -> Any:
    visible = _mask(tiers, lambda tier: _c(Incident.visibility).in_(seen(tier))).label("tiers")
    return sa.select(_c(Incident.id), _c(Incident.code), visible).where(~_c(Incident.withdrawn))


@cache
def _names() -> Any:
    return sa.select(_c(IncidentName.incident_id), _c(IncidentName.folded))


@lru_cache(maxsize=32)
def _places(tiers: tuple[Tier, ...], as_of: datetime | None) -> Any:
    def known(tier: Tier) -> Any:
        conditions = [current_location(tier, as_of), citable_row(tier), known_place(Report, as_of)]
        if tier is not Tier.INTERNAL:
            # The name of a lowered place would let a reader search for what was hidden.
            conditions.append(_c(Location.geoprivacy) == Geoprivacy.EXACT)
        return sa.and_(*conditions)

    return (
        sa.select(_c(Location.incident_id), _c(Location.place_name).label("text"), _mask(tiers, known).label("tiers"))
        .join(Report, _c(Report.id) == Location.report_id)
        .where(_c(Location.place_name).is_not(None))
    )


@lru_cache(maxsize=32)
def _claims(tiers: tuple[Tier, ...], as_of: datetime | None) -> Any:
    query = (
        sa.select(_c(Claim.incident_id), _c(Claim.words).label("text"), _mask(tiers, citable_row).label("tiers"))
        .join(Report, _c(Report.id) == Claim.report_id)
        .where(_c(Claim.words).is_not(None))
    )
    if as_of is None:
        return query.where(~_c(Claim.withdrawn))
    stands = ~_c(Claim.withdrawn) | (_c(Claim.withdrawn_on) > as_of)
    return query.where(stands, sa.func.coalesce(Claim.stated_end, Report.published_end) <= as_of)
