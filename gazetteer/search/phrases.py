"""What a text says round the names in it: relations, units after a comma, words for the kind of place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from db.vocabulary import PlaceKind


class Relation(StrEnum):
    """How the described place lies to the named ones."""

    AT = "at"
    OFFSET = "offset"  # 5 km north-east of X; 5 km from X
    DIRECTION = "direction"  # west of X
    BETWEEN = "between"  # between X and Y
    ROAD = "road"  # on the road from X to Y
    NEAR = "near"
    OUTSKIRTS = "outskirts"
    RURAL = "rural"  # rural X, X countryside
    PART = "part"  # western Mosul


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text taken apart.

    Attributes:
        text: as given.
        relation: how the place lies to ``names``.
        names: the named places, best reading first where the relation is AT; the two ends of BETWEEN and ROAD.
        distance_m: metres, of OFFSET.
        distance_precision_m: half the unit that the distance is given in, metres (point-radius method).
        heading: degrees clockwise from north, of OFFSET, DIRECTION and PART; None where none is given.
        heading_precision: half the sector that the word for the heading stands for, degrees.
        context: units named after commas, in brackets or after "in": country, governorate, district.
        kinds: kinds of place that a word for it stands for ("town", "حي"); empty where there is none.
        landmark: words for a thing in the named place ("school", "mosque"), empty where there are none.
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


def parse_phrase(text: str) -> Phrase:
    """Take a place text apart; a text without any relation is AT with one name.

    Args:
        text: as a person wrote it, English, French or Arabic.
    """
    return Phrase(text, Relation.AT, (text,))
