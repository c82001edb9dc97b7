"""What a text says round the names in it: relations, units after a comma, words for the kind of place.

A text is cut at commas and "in" into clauses. The first clause says where; each further one is a unit that it lies in
("Aleppo province") or, where it is a relation itself ("west of Raqqa"), an anchor. Within a clause, openers ("5 km
north of", "near", "between") cut off the names that follow them, enders ("countryside") those before. What a parser
cannot know is left to the gazetteer: "Western Mosul" is a part and "Eastern Ghouta" a name, "Yarmouk Camp" is called
so and "Aleppo town" is not. Such readings are kept (``whole``, ``Phrase.readings``) and are to be looked up first,
spelled exactly. Texts of more than 300 characters stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from db.vocabulary import PlaceKind
from gazetteer.search import phrase_words as words
from gazetteer.search.phrase_names import (
    PlaceText,
    cleaned,
    hyphened,
    plain_name,
    side_by_side,
    split_at,
    two_names,
    without_brackets,
    without_filler,
    without_lead,
)  # fmt: skip

MAX_LENGTH: Final = 300
"""Characters; the longest text in the data at hand has 70."""


class Relation(StrEnum):
    """How the described place lies to the named ones."""

    AT = "at"
    OFFSET = "offset"  # 5 km north-east of X; 5 km from X
    DIRECTION = "direction"  # west of X
    BETWEEN = "between"  # between X and Y
    ROAD = "road"  # on the road from X to Y; with one name, on the road to Y
    NEAR = "near"
    OUTSKIRTS = "outskirts"
    RURAL = "rural"  # rural X, X countryside
    PART = "part"  # western Mosul
    BORDER = "border"  # X/Y border


@dataclass(frozen=True, slots=True)
class Anchor:
    """A second relation, that binds the described place to another named one: "al Mansoura, *west of Raqqa*".

    Attributes:
        relation: how the described place lies to ``name``; never AT.
        name: the named place.
        other: the second end of BETWEEN, ROAD and BORDER; else empty.
        heading: degrees clockwise from north, or None.
        heading_precision: half its sector, degrees.
        distance_m: metres, of OFFSET.
        distance_precision_m: half the unit of the distance, metres.
        kinds: kinds that a word beside ``name`` stands for.
    """

    relation: Relation
    name: str
    other: str = ""
    heading: float | None = None
    heading_precision: float | None = None
    distance_m: float | None = None
    distance_precision_m: float | None = None
    kinds: frozenset[PlaceKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text taken apart.

    Attributes:
        text: as given.
        relation: how the place lies to ``names``.
        names: never empty. Of AT the readings of the name, best first ("Kobane/Ayn al Arab" are two; what stands in
            brackets is the last). Of BETWEEN, ROAD and BORDER the two ends (of ROAD one, where only one is named).
            Of any other relation the named place first; of RURAL and PART then the whole as a name ("Eastern
            Ghouta"), see ``readings``.
        distance_m: metres, of OFFSET.
        distance_precision_m: half the unit that the distance is given in, metres (point-radius method).
        heading: degrees clockwise from north, of OFFSET, DIRECTION, PART, RURAL, OUTSKIRTS; None where none is given.
        heading_precision: half the sector that the word for the heading stands for, degrees.
        context: units named after commas or after "in", as written ("Aleppo province"): country, governorate, district.
        kinds: kinds of place that words beside the names stand for ("town", "حي"); empty where there are none.
        landmark: words for a thing in the named place ("school", "Omar mosque"), empty where there are none.
        anchors: further relations that the place must satisfy, each where its own named place is found.
        context_maybe: a unit or another name of the place, which only the gazetteer can tell: what stands in brackets
            or after a dash, the first unit after a building's name, X of an anchor "rural X" or "eastern X".
        whole: the first clause that names a place, without marks and empty space, kind words and all: the name itself
            where the gazetteer has it so ("Yarmouk Camp", "Tabqa dam", "Rural Damascus").
    """

    text: str
    relation: Relation
    names: tuple[str, ...]
    distance_m: float | None = None
    distance_precision_m: float | None = None
    heading: float | None = None
    heading_precision: float | None = None
    context: tuple[str, ...] = ()
    kinds: frozenset[PlaceKind] = frozenset()
    landmark: str = ""
    anchors: tuple[Anchor, ...] = ()
    context_maybe: tuple[str, ...] = ()
    whole: str = ""

    @property
    def readings(self) -> tuple[str, ...]:
        """Names by which the gazetteer may have the very place, not one that it lies to: ``whole`` first."""
        if self.relation is Relation.AT:
            return tuple(dict.fromkeys((self.whole, *self.names)))
        named_so = self.names[1:] if self.relation in _NAMED_WHOLE else ()
        return tuple(dict.fromkeys((self.whole, *named_so)))


@dataclass(slots=True)
class _Clause:
    """What one clause says."""

    relation: Relation = Relation.AT
    names: list[str] = field(default_factory=list)
    heading: tuple[float | None, float | None] = (None, None)
    distance: tuple[float | None, float | None] = (None, None)
    kinds: frozenset[PlaceKind] = frozenset()
    landmark: list[str] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    maybe: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    whole: str = ""

    def anchor(self) -> Anchor:
        """The clause as a relation of another clause's place."""
        two = self.relation in _TWO_ENDS and len(self.names) > 1
        return Anchor(
            self.relation, self.names[0], self.names[1] if two else "", *self.heading, *self.distance, self.kinds
        )


_TWO_ENDS = frozenset({Relation.BETWEEN, Relation.ROAD, Relation.BORDER})
_NAMED_WHOLE = frozenset({Relation.RURAL, Relation.PART})
_HEADINGS = ("heading", "french", "arabic", "side")
_TO_SPLIT = re.compile(r"[,،;؛()\[\]{}/|\d]|\s[-–—\u0640]\s|\b[dlDL]['’]")
_COMMA = re.compile(r"(?<!\d)[,،]|[,،](?!\d)|[;؛|]")
_WORD = re.compile(r"[^\s-]+")


def parse_phrase(text: str) -> Phrase:
    """Take a place text apart; a text without any relation is AT with one name.

    Args:
        text: as a person wrote it, English, French or Arabic. Any text is taken; what cannot be read is a name.
    """
    clean = cleaned(text)
    whole = PlaceText(clean, words.flat(clean))
    if len(clean) > MAX_LENGTH:
        return Phrase(text, Relation.AT, (clean,), whole=clean)
    if _TO_SPLIT.search(clean) is None and words.SIGNALS.isdisjoint(_WORD.findall(whole.low)):
        return _phrase(text, clean, _plain(without_lead(whole)))
    bare, asides = without_brackets(whole)
    pieces = [piece for part in split_at(bare, _COMMA) for piece in split_at(part, words.IN)]
    first = _joined([replace(_clause(piece), whole=without_lead(piece).raw) for piece in pieces or [whole]])
    for aside in asides:
        _put_aside(first, _clause(aside), aside.raw)
    return _phrase(text, first.whole, first)


def _phrase(text: str, whole: str, clause: _Clause) -> Phrase:
    names = clause.names or [whole]
    if clause.relation in _NAMED_WHOLE and whole not in names:
        names = [*names, whole]
    heading, sector = clause.heading
    distance, unit = clause.distance
    return Phrase(
        text, clause.relation, tuple(dict.fromkeys(names)), distance, unit, heading, sector, tuple(clause.context),
        clause.kinds, " ".join(clause.landmark), tuple(clause.anchors), tuple(dict.fromkeys(clause.maybe)), whole,
    )  # fmt: skip


def _joined(clauses: Sequence[_Clause]) -> _Clause:
    """The first clause, with what the others say of it."""
    first, *others = clauses
    for clause in others:
        if len(clause.names) == 0:
            first.landmark += clause.landmark
        elif len(first.names) == 0:
            # "the school in Al Mansoura": what is named is where the thing is.
            clause.landmark, clause.anchors = first.landmark + clause.landmark, clause.anchors + first.anchors
            if first.relation is not Relation.AT and clause.relation is Relation.AT:
                clause.relation, clause.heading, clause.distance = first.relation, first.heading, first.distance
            first = clause
        elif words.RIF_DIMASHQ in clause.names:
            first.context.append(words.RIF_DIMASHQ)
        elif clause.relation is not Relation.AT:
            first.anchors += [clause.anchor(), *clause.anchors]
            # "rural Aleppo" lies in the governorate of that name, "Eastern Ghouta" may be a name.
            named_so = {Relation.RURAL: clause.names, Relation.PART: [*clause.names, clause.whole]}
            first.maybe += named_so.get(clause.relation, [])
        elif _names_a_building(first, clause):
            # "Omar mosque, Al Jinah": the mosque's name is not the place's.
            first.landmark = [first.names[0], *first.landmark]
            first.names, first.kinds = [*clause.names, *first.names], clause.kinds
            first.maybe.append(clause.whole)
        else:
            first.context.append(clause.whole)
            first.anchors += clause.anchors
    return first


def _names_a_building(first: _Clause, clause: _Clause) -> bool:
    building = any(words.flat(word) in words.BUILDINGS for word in first.landmark)
    unit = clause.kinds & {PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3}
    country = words.flat(clause.names[0]) in words.COUNTRIES
    return building and first.relation is Relation.AT and len(first.context) == 0 and not unit and not country


def _put_aside(first: _Clause, aside: _Clause, text: str) -> None:
    """Add what stands in brackets: a relation, a word for the kind, a unit, or another name ("Al-Rai (Choban Bey)")."""
    if words.DISTANCE_ALONE.fullmatch(words.flat(text)) is not None:
        return  # "40 miles (65 km) north of"
    if len(aside.names) == 0:
        first.kinds |= aside.kinds
        first.landmark += aside.landmark
    elif aside.relation is not Relation.AT:
        first.anchors.append(aside.anchor())
    elif PlaceKind.ADM1 in aside.kinds or words.flat(text) in words.COUNTRIES:
        first.context.append(text)
    else:
        first.maybe.append(aside.names[0])
        if first.relation is Relation.AT and aside.names[0] == text:
            first.names += aside.names


def _clause(text: PlaceText) -> _Clause:
    """Take one clause apart: its relation, or a plain name."""
    text = without_lead(text)
    ended = _rif_dimashq(text) or _bordered(text) or _road_named(text)
    if ended is not None:
        return ended
    openers = words.openers_in(text.low)
    if len(openers) == 0:
        return _unopened(text)
    related = _all_related(text, openers)
    if None in related:
        openers = [opener for opener, clause in zip(openers, related, strict=True) if clause is not None]
        related = _all_related(text, openers)
    said = [clause for clause in related if clause is not None]
    if len(said) == 0:
        return _plain(text)
    before = without_filler(text.cut(0, openers[0][1].start()))
    head = _road_named(before) or _plain(before)
    if len(head.names) > 0:
        head.anchors += [clause.anchor() for clause in said if len(clause.names) > 0]
        return head
    main, *rest = said
    main.landmark = head.landmark + main.landmark
    main.anchors += [clause.anchor() for clause in rest if len(clause.names) > 0]
    return main


def _all_related(text: PlaceText, openers: Sequence[tuple[str, re.Match[str]]]) -> list[_Clause | None]:
    """What each opener says of the text up to the next one."""
    bounds = [*(found.start() for _, found in openers[1:]), len(text.raw)][: len(openers)]
    return [
        _related(kind, found, text.cut(found.end(), end)) for (kind, found), end in zip(openers, bounds, strict=True)
    ]


def _related(kind: str, found: re.Match[str], target: PlaceText) -> _Clause | None:
    """What an opener says of the text after it; None where that is no place it can be said of."""
    relation, target = Relation(kind), target.cut(1) if target.raw.startswith("'") else target
    groups = found.groupdict()
    heading = words.heading_of(
        groups.get("heading") or groups.get("french") or groups.get("arabic") or groups.get("side") or ""
    )
    if groups.get("french"):
        target = PlaceText(*(words.FRENCH_ARTICLE.sub("", written) for written in target))
    if relation in _TWO_ENDS:
        return _ends(relation, found, target)
    clause = _Clause(relation, heading=heading)
    if relation is Relation.OFFSET:
        clause.distance = words.distance_of(found)
    elif relation is Relation.DIRECTION:
        target = _measured(clause, target)
    elif relation in (Relation.RURAL, Relation.OUTSKIRTS):
        target = _sided(clause, target)
    return _named(clause, target)


def _named(clause: _Clause, target: PlaceText) -> _Clause:
    """``clause`` with the names, kinds and landmark of its target."""
    place = plain_name(without_lead(target))
    clause.names, clause.kinds, clause.landmark = place.names, place.kinds, place.landmark
    if clause.relation is Relation.RURAL and words.flat(" ".join(place.names)) in ("damascus", "damas"):
        clause.names = [*place.names, words.RIF_DIMASHQ]
    if clause.relation is Relation.DIRECTION and words.flat(" ".join(place.names)) in words.COUNTRIES:
        # Nobody means outside of the country: "شمال سوريا" is the north of Syria.
        clause.relation = Relation.PART
    return clause


def _measured(clause: _Clause, target: PlaceText) -> PlaceText:
    """The target without a distance at its end, which is put to the clause: "شمال حلب بـ 15 كم"."""
    found = words.DISTANCE_END.search(target.low)
    if found is None:
        return target
    clause.relation, clause.distance = Relation.OFFSET, words.distance_of(found)
    return target.cut(0, found.start())


def _sided(clause: _Clause, target: PlaceText) -> PlaceText:
    """The target without an Arabic heading at its end: "ريف حلب الشمالي"; an English one stands first."""
    after, before = words.ARABIC_SUFFIX.search(target.low), words.PREFIX_HEADING.match(target.low)
    if after is not None:
        clause.heading = words.heading_of(after["heading"])
        return target.cut(0, after.start())
    if before is not None and clause.heading[0] is None:
        clause.heading = words.heading_of(before["heading"])
        return target.cut(before.end())
    return target


def _ends(relation: Relation, found: re.Match[str], target: PlaceText) -> _Clause | None:
    """BETWEEN, ROAD or BORDER of the two places in ``target``; None where it does not hold two."""
    road = relation is Relation.ROAD
    ends = two_names(target, words.ROAD_ENDS if road else words.ENDS)
    if ends is None and found[0].endswith(("طريق", "اوتوستراد", "اتوستراد")):
        ends = side_by_side(target)
    if ends is None:
        one_end = road and found["link"] in ("to", "from", "de")
        return _named(_Clause(relation), target) if one_end else None
    places = [plain_name(without_lead(end)) for end in ends]
    if any(len(place.names) == 0 for place in places):
        return None
    return _Clause(relation, [place.names[0] for place in places], kinds=places[0].kinds | places[1].kinds)


def _bordered(text: PlaceText) -> _Clause | None:
    """BORDER of "Syria/Turkey border", with a unit after it ("... border Idlib Governorate"); else None."""
    found = words.BORDER_END.search(text.low)
    ends = None if found is None else hyphened(text.cut(0, found.start()))
    if found is None or ends is None or len(ends) < 2:
        return None
    after = text.cut(found.end())
    names = [words.LANDS.get(end.low, end.raw) for end in (ends[0], ends[-1])]
    return _Clause(Relation.BORDER, names, context=[after.raw] if after.raw else [])


def _road_named(text: PlaceText) -> _Clause | None:
    """ROAD of "Aleppo-Damascus highway"; None where no road stands last or it is named after one place."""
    found = words.ROAD_END.search(text.low)
    if found is None or any(pattern.search(text.low) for pattern in (words.OPENERS["road"], words.OPENERS["between"])):
        return None
    ends = two_names(text.cut(0, found.start()), words.ROAD_ENDS)
    if ends is None:
        return None
    places = [plain_name(end) for end in ends]
    return _Clause(Relation.ROAD, [place.names[0] for place in places if place.names] or [text.raw])


def _rif_dimashq(text: PlaceText) -> _Clause | None:
    """Rif Dimashq is a governorate; "Rural Damascus" and "Damascus countryside" may also be country round Damascus."""
    side = words.ARABIC_SUFFIX.search(text.low)
    if words.DIMASHQ.fullmatch(text.low, 0, len(text.low) if side is None else side.start()) is None:
        return None
    if side is not None:
        return _Clause(Relation.PART, [text.raw[: side.start()]], words.heading_of(side["heading"]))
    if text.low.startswith(("damascus", "rural")):
        return _Clause(Relation.RURAL, ["Damascus", words.RIF_DIMASHQ])
    return _Clause(names=[text.raw], kinds=frozenset({PlaceKind.ADM1}))


def _plain(text: PlaceText) -> _Clause:
    """A clause that only names a place."""
    name = plain_name(text)
    return _Clause(names=name.names, kinds=name.kinds, landmark=name.landmark, maybe=name.maybe)


def _unopened(text: PlaceText) -> _Clause:
    """A clause without an opener: closed by an ender, begun by a heading ("western Mosul"), or a plain name."""
    ender = words.ENDERS.search(text.low)
    if ender is not None and ender.start() > 0:
        relation = next(Relation(name) for name in ("rural", "near", "outskirts") if ender[name] is not None)
        clause = _Clause(relation, heading=words.heading_of(ender["heading"] or ""))
        return _named(clause, _sided(clause, text.cut(0, ender.start())))
    before, after = words.PREFIX_HEADING.match(text.low), words.SUFFIX_HEADING.search(text.low)
    if before is not None:
        return _named(_Clause(Relation.PART, heading=words.heading_of(before["heading"])), text.cut(before.end()))
    if after is not None and after.start() > 0:
        return _named(_Clause(Relation.PART, heading=words.heading_of(after["heading"])), text.cut(0, after.start()))
    return _plain(text)
