"""A cleaned text cut into numbers, degree marks, compass letters, labels and what is none of these."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto


class Kind(Enum):
    """What a piece of the text is."""

    NUMBER = auto()
    UNIT = auto()  # one of ° ' "
    COMPASS = auto()  # one of N S E W
    LABEL = auto()  # lat or lon
    STOP = auto()  # ends a number group


@dataclass(frozen=True, slots=True)
class Token:
    """One piece.

    Args:
        kind: what it is.
        text: canonical: digits with their sign, one of ``NSEW``, ``lat`` or ``lon``, ``°``, ``'`` or ``"``.
        joined: a hyphen or colon stands directly between this number and the one before.
        letter: a unit written with a letter, as it stood; else empty.
    """

    kind: Kind
    text: str
    joined: bool = False
    letter: str = ""


@dataclass(slots=True)
class Scan:
    """The pieces of a text, in its order, and what stood between them that is none."""

    tokens: list[Token] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    bad_commas: bool = False
    loose_dash: bool = False
    square: bool = False

    def all_of(self, kind: Kind) -> list[Token]:
        """The pieces of one kind."""
        return [token for token in self.tokens if token.kind is kind]

    def last_is(self, kind: Kind, back: int = 1) -> bool:
        """Whether the ``back``-th piece from the end is of ``kind``."""
        return len(self.tokens) >= back and self.tokens[-back].kind is kind


_TOKEN = re.compile(
    r"(?P<blank> )|(?P<number>[0-9]+(?:[.,][0-9]+)*)|(?P<word>[^\W\d_]+)(?P<point>\.?)|(?P<mark>[°'\"])"
    r"|(?P<stop>[,;/|&])|(?P<dash>[-–])|(?P<plus>\+)|(?P<colon>[:=])|(?P<other>.)",
    re.DOTALL,
)
_ENCLOSED = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_DATUM = re.compile(r"\(?\bWGS[ -]?(?:19)?84\b\)?", re.IGNORECASE)


def _words(**senses: str) -> dict[str, str]:
    return {word: sense for sense, words in senses.items() for word in words.split()}


_COMPASS = _words(
    N="n north شمال شمالا شمالي الشمال", S="s south جنوب جنوبا جنوبي الجنوب", E="e east شرق شرقا شرقي الشرق",
    W="w west غرب غربا غربي الغرب",
)  # fmt: skip
_LABELS = _words(
    lat="lat latitude عرض العرض", lon="lon long lng longitude طول الطول"
)  # fmt: skip
_UNITS = {"°": "d deg degs degree degrees درجة درجات", "'": "m min mins minute minutes دقيقة دقائق",
          '"': "s sec secs second seconds ثانية ثوان ثواني"}  # fmt: skip
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_FILLERS = frozenset({"coordinates", "coordinate", "coords", "coord", "gps", "إحداثيات", "الإحداثيات", "خط", "دائرة"})
_AND = frozenset({"and", "و"})
VOCABULARY = frozenset({*_COMPASS, *_LABELS, *_UNIT_OF, *_FILLERS, *_AND})
_SIGNED = frozenset("-+–")
_BEFORE_SIGN = frozenset(" ,;/|&:=")


def scan(text: str) -> Scan:
    """The pieces of a cleaned text.

    Args:
        text: from `cleaning.clean`, at most 256 characters.
    """
    found = Scan()
    text = _DATUM.sub("", text).strip().rstrip(".")
    enclosed = _ENCLOSED.fullmatch(text)
    if enclosed is not None:
        text, found.square = (enclosed[1] or enclosed[2] or "").strip(), enclosed[2] is not None
    before, pending = " ", ""
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup or "other", match[0]
        after = text[match.end() : match.end() + 1]
        if kind == "number":
            _number(found, piece, pending)
            pending = ""
        elif kind in {"dash", "plus", "colon"}:
            pending = _sign(found, piece, before, after)
        elif kind in {"word", "point"}:
            _word(found, match["word"])
        elif kind == "mark":
            found.tokens.append(Token(Kind.UNIT, piece))
        elif kind == "stop":
            found.tokens.append(Token(Kind.STOP, piece))
        elif kind == "other":
            found.unknown.append(piece)
        before = piece[-1]
    return found


def _sign(found: Scan, piece: str, before: str, after: str) -> str:
    """What a dash, plus or colon means for the number after it: a sign, ``:`` for a joint, or nothing."""
    if before.isdigit() and after.isdigit() and piece != "+":
        return ":"
    if piece in _SIGNED and after.isdigit():
        # After a letter or mark ("latitude-36.3", "06\"-43") a hyphen may stand between the two: no certain minus.
        return piece if before in _BEFORE_SIGN or piece == "+" else "–"
    if piece in ":=" and (found.last_is(Kind.LABEL) or found.last_is(Kind.COMPASS) or len(found.tokens) == 0):
        return ""
    if piece in "-–" and before == " " and after == " ":
        found.loose_dash = True
        found.tokens.append(Token(Kind.STOP, piece))
    else:
        found.unknown.append(piece)
    return ""


def _number(found: Scan, piece: str, pending: str) -> None:
    """Take a run of digits, points and commas apart; ``36,33`` stays one number until the whole text is known."""
    sign = pending if pending in _SIGNED else ""
    if "," in piece and ("." in piece or piece.count(",") > 1):
        parts = piece.split(",")
        found.bad_commas |= any(part.count(".") != 1 for part in parts)
        found.tokens.append(Token(Kind.NUMBER, sign + parts[0], joined=pending == ":"))
        for part in parts[1:]:
            found.tokens += [Token(Kind.STOP, ","), Token(Kind.NUMBER, part)]
    elif piece.count(".") > 1:
        found.unknown.append(piece)
    else:
        found.tokens.append(Token(Kind.NUMBER, sign + piece, joined=pending == ":"))


def _word(found: Scan, word: str) -> None:
    """Take a run of letters: a unit, compass letter or label, two of them together, or no coordinate at all."""
    lower = word.lower()
    if _is_unit(found, word):
        letter = word if len(word) == 1 else ""
        found.tokens.append(Token(Kind.UNIT, _UNIT_OF[lower], letter=letter))
    elif lower in _COMPASS:
        found.tokens.append(Token(Kind.COMPASS, _COMPASS[lower]))
    elif lower in _LABELS:
        found.tokens.append(Token(Kind.LABEL, _LABELS[lower]))
    elif len(lower) == 2 and lower[0] in "dms" and lower[1] in "nsew":  # "06sN"
        _word(found, word[0])
        _word(found, word[1])
    elif lower in _AND:
        found.tokens.append(Token(Kind.STOP, lower))
    elif lower not in _FILLERS:
        found.unknown.append(word)


def _is_unit(found: Scan, word: str) -> bool:
    """Whether a word marks degrees, minutes or seconds here.

    ``m`` is a metre, not a minute, unless degrees stand before; ``s`` is the south unless minutes stand before,
    written as a letter of the same case (36d20m06s, but 33d52m10S).
    """
    unit = _UNIT_OF.get(word.lower())
    if unit is None or not found.last_is(Kind.NUMBER):
        return False
    if len(word) > 1 or unit == "°":
        return True
    if not found.last_is(Kind.UNIT, back=2):
        return False
    before = found.tokens[-2]
    if unit == "'":
        return before.text == "°"
    return before.text == "'" and before.letter != "" and before.letter.islower() == word.islower()
