"""A text and what is said beside it, made into something to look for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from sqlmodel import Session

from db.vocabulary import PlaceKind
from gazetteer.search.candidates import Wanted, find_candidates
from gazetteer.search.context import Context, UnitNames, country_of_text
from gazetteer.search.index import NO_UNIT, Memory, PlaceIndex, index_of, memory_of
from gazetteer.search.model import choice, distances_m, model, near_mass, order
from gazetteer.search.phrases import Anchor, Phrase, Relation, parse_phrase

_WORD = re.compile(r"\w+")
_COMMA = re.compile("[,،]")
NOT_USED = "was not used."
LEAST_SHARE = 0.5  # of the choice, for a named neighbour to be taken


@dataclass(frozen=True, slots=True)
class Question:
    """What to look for, and where.

    Attributes:
        phrase: the text taken apart.
        memory: what is kept of the database.
        index: the index to look in.
        context: units and neighbours.
        notes: what was not understood, one sentence each.
        unknown: whether a part of what was said was not understood.
        units: words of the text that were understood as units, and are no readings of the name.
    """

    phrase: Phrase
    memory: Memory
    index: PlaceIndex
    context: Context
    notes: tuple[str, ...] = ()
    unknown: bool = False
    units: frozenset[str] = frozenset()

    @property
    def evidence(self) -> str:
        """What is known beside the name: ``none``, ``admin1`` or ``admin2`` (`gazetteer.search.model.EVIDENCE`)."""
        if len(self.context.adm2) > 0:
            return "admin2"
        # A named neighbour says about as much as a governorate; no labelled texts have one.
        return "admin1" if len(self.context.adm1) > 0 or len(self.context.near) > 0 else "none"

    def wanted(self, readings: Sequence[str], kinds: frozenset[PlaceKind]) -> Wanted:
        """What is looked for when the name is read as ``readings``, those that are units of it left out."""
        readings = [reading for reading in readings if reading not in self.units] or readings
        phrase = self.phrase
        if phrase.relation is Relation.AT and phrase.landmark != "" and len(phrase.anchors) > 0:
            # "al-Badiya school near Raqqa": the school may have an entry of its own.
            readings = (*readings, f"{phrase.names[0]} {phrase.landmark}")
        words = frozenset(_WORD.findall(self.phrase.text.lower()))
        quarter = PlaceKind.NEIGHBOURHOOD in kinds
        return Wanted(tuple(readings), words, kinds, landmark=quarter or self.phrase.landmark != "")


def ask(
    session: Session, text: str, *, country: str | None = None, admin1: str | None = None, admin2: str | None = None,
    near: Sequence[str] | tuple[float, float] = (),
) -> Question:  # fmt: skip
    """Take a text and its context apart; the arguments are those of `gazetteer.locate.locate`."""
    phrase = parse_phrase(text)
    notes: list[str] = []
    memory = memory_of(session)
    code = _country(session, memory, country, phrase, notes)
    index = index_of(session, memory, code)
    units = unit_names(index, code)
    phrase = _with_units_of_headings(phrase, units)
    adm1 = _units(units, PlaceKind.ADM1, admin1, "governorate", notes)
    adm2 = _units(units, PlaceKind.ADM2, admin2, "district", notes, within=adm1, required=adm1)
    first, second, used = _said_units(session, memory, units, phrase, adm1, notes)
    adm1, adm2 = adm1 or first, adm2 or second
    if admin2 is not None and len(adm2) == 0:
        adm2 = _unit_of_seat(session, index, Context(code, adm1), admin2, notes)
    code = _only_country(index, adm1 or adm2) if country is None and code is None else code
    points, heading = _neighbours(session, index, Context(code, adm1, adm2), phrase, near, notes)
    unknown = any(note.endswith(NOT_USED) for note in notes)
    return Question(phrase, memory, index, Context(code, adm1, adm2, points, heading), tuple(notes), unknown, used)


def _with_units_of_headings(phrase: Phrase, units: UnitNames) -> Phrase:
    """``phrase`` with "North Darfur" after a comma as the unit of that name, not as what lies north of a Darfur."""
    if len(phrase.anchors) == 0:
        return phrase
    clauses = [clause.strip() for clause in _COMMA.split(phrase.text)[1:]]
    called = [clause for clause in clauses if clause not in phrase.context and units.has_name(clause)]
    held = {anchor: any(clause.endswith(anchor.name) for clause in called) for anchor in phrase.anchors}
    if not any(held.values()):
        return phrase
    anchors = tuple(anchor for anchor, is_unit in held.items() if not is_unit)
    maybe = tuple(clause for clause in phrase.context_maybe if clause not in called)
    return replace(phrase, anchors=anchors, context=(*called, *phrase.context), context_maybe=maybe)


def _only_country(index: PlaceIndex, units: frozenset[int]) -> str | None:
    """The country of the stated units, which is stated with them; None where they are of several."""
    countries = {index.countries[index.rows_of_unit[unit][0]] for unit in units}
    return next(iter(countries)) if len(countries) == 1 else None


_UNIT_NAMES: WeakKeyDictionary[PlaceIndex, dict[str | None, UnitNames]] = WeakKeyDictionary()


def unit_names(index: PlaceIndex, country: str | None = None) -> UnitNames:
    """The units of an index by name, gathered once.

    Args:
        index: of one country, or of all.
        country: ISO 3166 two-letter code: only its units, so that an answer does not depend on which index is in
            memory; None for all.
    """
    held = _UNIT_NAMES.setdefault(index, {})
    if country not in held:
        held[country] = UnitNames(index, country)
    return held[country]


def _country(session: Session, memory: Memory, country: str | None, phrase: Phrase, notes: list[str]) -> str | None:
    """The country that is given, else the one that the text names last."""
    if country is not None:
        code = country_of_text(session, memory, country)
        if code is None:
            notes.append(f"The gazetteer has no country {country!r}; it {NOT_USED}")
        return code
    for unit in reversed(phrase.context):
        code = country_of_text(session, memory, unit)
        if code is not None:
            return code
    return None


def _units(
    units: UnitNames, kind: PlaceKind, text: str | None, word: str, notes: list[str], *,
    within: frozenset[int] = frozenset(), required: frozenset[int] = frozenset(),
) -> frozenset[int]:  # fmt: skip
    """The units of a given name; a note where there are none."""
    if text is None or text.strip() == "":
        return frozenset()
    found = units.find(text, kind, within=within)
    if len(found) == 0:
        where = " in that governorate" if len(required) > 0 else ""
        notes.append(f"The gazetteer has no {word} {text!r}{where}; it {NOT_USED}")
    return found


def _said_units(
    session: Session, memory: Memory, units: UnitNames, phrase: Phrase, adm1: frozenset[int], notes: list[str]
) -> tuple[frozenset[int], frozenset[int], frozenset[str]]:
    """First- and second-order units that the text itself names, and the words that do."""
    first: frozenset[int] = frozenset()
    second: frozenset[int] = frozenset()
    used: set[str] = set()
    for said in (*reversed(phrase.context), *reversed(phrase.context_maybe)):
        if country_of_text(session, memory, said) is not None:
            used.add(said)
            continue
        governorates = units.find(said, PlaceKind.ADM1)
        if len(governorates) > 0 and len(first) == 0 and not units.is_rather(said, PlaceKind.ADM2, governorates):
            first = governorates
            used.add(said)
            continue
        if said in phrase.context_maybe and said == phrase.names[0]:
            continue  # the only name that is left is the place, though a district is called so too
        districts = units.find(said, PlaceKind.ADM2, within=adm1 or first)
        if len(districts) > 0 and len(second) == 0:
            second = districts
            used.add(said)
        elif len(districts) == 0 and said in phrase.context:
            notes.append(f"The gazetteer has no unit {said!r}; it {NOT_USED}")
    return first, second, frozenset(used)


def best_point(
    session: Session, index: PlaceIndex, context: Context, name: str, kinds: frozenset[PlaceKind] = frozenset()
) -> int | None:
    """The row of the place that ``name`` most likely means, if nothing else comes near; else None."""
    found = find_candidates(session, index, Wanted((name,), kinds=kinds), context)
    if len(found.rows) == 0:
        return None
    share = choice(model().scores(found.features))[:-1]
    apart = distances_m(index.lon[found.rows], index.lat[found.rows])
    mass = near_mass(share, apart)
    best = int(order(share, mass, apart)[0])
    if found.names[best] < 0 or mass[best] < LEAST_SHARE:
        return None
    return int(found.rows[best])


def _unit_of_seat(
    session: Session, index: PlaceIndex, context: Context, district: str, notes: list[str]
) -> frozenset[int]:
    """The district that holds the town which an unknown district is named after: it, or what it was cut from."""
    row = best_point(session, index, context, district)
    unit = NO_UNIT if row is None else int(index.adm2[row])
    if row is None or unit == NO_UNIT:
        return frozenset()
    holder = index.name[index.rows_of_unit[unit][0]]
    notes[-1] = f"The gazetteer has no district {district!r}; the one that holds {index.name[row]} was used: {holder}."
    return frozenset({unit})


def _neighbours(
    session: Session, index: PlaceIndex, context: Context, phrase: Phrase,
    near: Sequence[str] | tuple[float, float], notes: list[str],
) -> tuple[tuple[tuple[float, float], ...], tuple[float, float] | None]:  # fmt: skip
    """The points that the place is near, and the heading from the first of them."""
    if len(near) == 2 and all(isinstance(value, int | float) for value in near):
        return ((float(near[0]), float(near[1])),), None
    points: list[tuple[float, float]] = []
    heading = None
    for anchor in phrase.anchors:
        row = best_point(session, index, context, anchor.name, anchor.kinds)
        if row is None:
            notes.append(f"The place {anchor.name!r} that the text refers to is not sure; it {NOT_USED}")
            continue
        if heading is None and len(points) == 0:
            heading = _heading(anchor)
        points.append((float(index.lon[row]), float(index.lat[row])))
    for name in [near] if isinstance(near, str) else near:
        row = best_point(session, index, context, str(name))
        if row is None:
            notes.append(f"The neighbouring place {name!r} is not sure; it {NOT_USED}")
        else:
            points.append((float(index.lon[row]), float(index.lat[row])))
    return tuple(points), heading


def _heading(anchor: Anchor) -> tuple[float, float] | None:
    if anchor.heading is None or anchor.heading_precision is None:
        return None
    return anchor.heading, anchor.heading_precision
