"""Plain names of places: without the words for the kind of place and for landmarks, and apart from each other."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from db.vocabulary import PlaceKind
from gazetteer.search import phrase_words as words

_ARTICLES = [[word] for word in ("al", "el", "ad", "ar", "ash", "as", "an", "at", "az")]  # "Jubb ad Dam"
_OLD_CITIES = (["old", "city"], ["old", "town"])
_NO_NAME = re.compile(r"an?|the|[a-z]{1,2}-?\d{1,3}")  # "a farm", "M5 highway"
_EDGES = ' \t"“”«»„*:;,.!?؟،-–—_=|<>'
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# Direction marks, joiners and half surrogates (which no database takes), vowel signs, and tatweel inside a word.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]|"
    "(?<=\\w)\u0640+|\u0640+(?=\\w)"
)
_BRACKET = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_DASH = re.compile(r"\s-\s?|\s?-\s|\s\u0640\s")
_SPACED_DASH = re.compile(r"\s[-\u0640]\s")
_SLASH = re.compile(r"(?<!\d)\s?/\s?|\s?/\s?(?!\d)|\s(?:aka|a\.k\.a\.|also known as)\s")


class PlaceText(NamedTuple):
    """A text and its flat form, of one length."""

    raw: str
    low: str

    def cut(self, start: int, end: int | None = None) -> PlaceText:
        """The characters from ``start`` to ``end`` without space and stops at their ends."""
        raw, low = self.raw[start:end], self.low[start:end]
        front = len(raw) - len(raw.lstrip(_EDGES))
        back = len(raw.rstrip(_EDGES))
        return PlaceText(raw[front:back], low[front:back])


def cleaned(text: str) -> str:
    """``text`` composed, without control characters, direction marks and half surrogates, its spaces single."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = _INVISIBLE.sub("", _CONTROLS.sub(" ", text))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def split_at(text: PlaceText, pattern: re.Pattern[str]) -> list[PlaceText]:
    """The parts between the matches of ``pattern`` in the flat text, without empty ones."""
    parts, start = [], 0
    for found in pattern.finditer(text.low):
        parts.append(text.cut(start, found.start()))
        start = found.end()
    parts.append(text.cut(start))
    return [part for part in parts if part.raw]


def without_brackets(text: PlaceText) -> tuple[PlaceText, list[PlaceText]]:
    """The text with its bracketed parts blanked, and these; a bracket without its other half is a space."""
    asides = [text.cut(*found.span(1)) for found in _BRACKET.finditer(text.raw)]
    raw = re.sub(r"[()\[\]{}]", " ", _BRACKET.sub(lambda found: " " * len(found[0]), text.raw))
    tidy = " ".join(raw.split())
    return PlaceText(tidy, words.flat(tidy)), [aside for aside in asides if aside.raw]


def without_lead(text: PlaceText) -> PlaceText:
    """``text`` without "in the" and the like at its start, unless nothing would be left."""
    found = words.LEADING.match(text.low)
    return text if found is None or found.end() >= len(text.raw) else text.cut(found.end())


def without_filler(text: PlaceText) -> PlaceText:
    """``text``; empty where it has only words that name nothing ("located", "a few kilometres")."""
    return PlaceText("", "") if all(words.FILLER.fullmatch(word) for word in text.low.split()) else text


def two_names(text: PlaceText, joins: re.Pattern[str]) -> tuple[PlaceText, PlaceText] | None:
    """The two names in ``text``: at a word that joins, a spaced dash, an attached و, or a hyphen between names."""
    found = joins.search(text.low)
    if found is not None:
        return text.cut(0, found.start()), text.cut(found.end())
    parts = split_at(text, _DASH)
    if len(parts) == 1:
        at = _joining_waw(text.raw)
        parts = [text.cut(0, at), text.cut(at + 1)] if at is not None else hyphened(text)
    return (parts[0], parts[-1]) if len(parts) > 1 else None


def _joining_waw(raw: str) -> int | None:
    """Where an attached و stands for "and"."""
    for word in re.finditer(r"\s(و\w\w+)", raw):
        if word[1] not in words.LIKE_AND:
            return word.start(1)
    return None


def hyphened(text: PlaceText) -> list[PlaceText]:
    """The parts of "Raqqa-Deir ez-Zor" and "Syria/Turkey": cut at each hyphen that is not inside a name."""
    cuts = [0]
    for found in re.finditer(r"[-/]", text.low):
        before = re.split(r"[\s-]", text.low[: found.start()])[-1]
        if found[0] == "/" or before not in words.NAME_PARTS:
            cuts.append(found.end())
    pieces = zip(cuts, [*(cut - 1 for cut in cuts[1:]), None], strict=True)
    return [part for start, end in pieces if (part := text.cut(start, end)).raw]


def side_by_side(text: PlaceText) -> tuple[PlaceText, PlaceText] | None:
    """The names of "طريق حلب دمشق", cut at the first space where a name can end; None for one name."""
    for space in re.finditer(r"\s", text.low):
        if text.low[: space.start()].split()[-1] not in words.NAME_PARTS:
            return text.cut(0, space.start()), text.cut(space.end())
    return None


@dataclass(slots=True)
class PlainName:
    """What a text without relations says.

    Attributes:
        names: readings of the name, best first; none where there are only words for a kind or a landmark.
        kinds: what the words for a kind stand for.
        landmark: words for a thing in the place.
        maybe: names that may also be those of a unit it lies in.
    """

    names: list[str] = field(default_factory=list)
    kinds: frozenset[PlaceKind] = frozenset()
    landmark: list[str] = field(default_factory=list)
    maybe: list[str] = field(default_factory=list)


def plain_name(text: PlaceText) -> PlainName:
    """A name, or several of one place, without the words for its kind and for a landmark."""
    if "/" not in text.low and "-" not in text.low and " a" not in text.low:
        return _one_name(text)
    aliases = split_at(text, _SLASH)
    dashed = split_at(aliases[0], _SPACED_DASH) if len(aliases) == 1 else aliases[:1]
    first = _one_name(dashed[0]) if dashed else PlainName()
    for other in (*dashed[1:], *aliases[1:]):
        alias = _one_name(other)
        first.names += alias.names
        first.kinds |= alias.kinds
        if other not in aliases:
            first.maybe += alias.names
    return first


def _one_name(text: PlaceText) -> PlainName:
    """A name without the words for its kind and for a landmark at its ends; no name where there are only such words."""
    raw, low = text.raw.split(), [word.strip("'.") for word in text.low.split()]
    name = PlainName()
    while len(raw) > 0 and any(take(raw, low, name) for take in (_old_city, _kind_last, _kind_first, _landmark)):
        pass
    left = " ".join(raw).strip(_EDGES)
    if len(name.landmark) > 0:
        left = re.sub("['’]s$", "", left)
    if left and len(name.landmark) > 0 and _NO_NAME.fullmatch(words.flat(left)) is not None:
        name.landmark[:0], left = [left], ""
    name.names = [left] if left else []
    return name


def _old_city(raw: list[str], low: list[str], name: PlainName) -> bool:
    """Move "Old City" and "Old City of" to the landmark: it is no city of its own."""
    if low[-2:] in _OLD_CITIES:
        name.landmark[:0] = raw[-2:]
        del raw[-2:], low[-2:]
    elif low[:2] in _OLD_CITIES and low[2:3] == ["of"]:
        name.landmark += raw[:2]
        del raw[:3], low[:3]
    else:
        return False
    return True


def _kind_last(raw: list[str], low: list[str], name: PlainName) -> bool:
    kinds = words.KINDS_AFTER.get(low[-1])
    if kinds is None:
        return False
    if len(low) > 1 and low[-2:] == ["sub", "district"]:
        kinds = words.KINDS_AFTER["subdistrict"]
    del raw[-1], low[-1]
    while len(low) > 0 and low[-1] in words.KIND_QUALIFIERS:
        del raw[-1], low[-1]
    name.kinds |= kinds
    return True


def _kind_first(raw: list[str], low: list[str], name: PlainName) -> bool:
    kinds = words.KINDS_BEFORE.get(low[0])
    if kinds is None:
        return False
    del raw[0], low[0]
    name.kinds |= kinds
    _drop_of(raw, low)
    return True


def _drop_of(raw: list[str], low: list[str]) -> None:
    """Take "of", "de" and "d'" from the start."""
    while len(low) > 0 and low[0] in ("of", "de", "du", "the"):
        del raw[0], low[0]
    if len(low) > 0 and low[0].startswith("d'"):
        raw[0], low[0] = raw[0][2:], low[0][2:]


def _landmark(raw: list[str], low: list[str], name: PlainName) -> bool:
    """Move landmark words from the end of the name, or Arabic and "hospital of" from its start, to the landmark."""
    taken = 0
    if low[-1] in words.LANDMARKS and low[-2:-1] not in _ARTICLES:
        taken = 1
        while taken < len(low) and low[-1 - taken] in words.LANDMARK_QUALIFIERS | words.LANDMARKS:
            taken += 1
        name.landmark[:0] = raw[len(raw) - taken :]
        del raw[len(raw) - taken :], low[len(low) - taken :]
    elif low[0] in words.LANDMARKS_BEFORE or (low[0] in words.LANDMARKS and low[1:2] in (["of"], ["de"])):
        taken = 1
        name.landmark.append(raw[0])
        del raw[0], low[0]
        _drop_of(raw, low)
        while len(low) > 1 and low[-1] in words.LANDMARK_ADJECTIVES:
            name.landmark.append(raw.pop())
            del low[-1]
    if taken > 0 and low[:1] == ["former"]:
        name.landmark.insert(0, raw.pop(0))
        del low[0]
    return taken > 0
