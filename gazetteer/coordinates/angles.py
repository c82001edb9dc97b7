"""Degrees in text: decimal, with minutes, with seconds; with marks, letters, labels, or bare in the usual order.

Two bare decimals are latitude, then longitude, as ISO 6709 has it and as people write. Everything that leaves a second
reading open is refused: a decimal comma that may separate two numbers, whole numbers without marks, one compass letter
for two numbers, a hyphen that may be a minus.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from gazetteer.coordinates.point import LIMITS, Coordinates, Degrees, Given, Notation
from gazetteer.coordinates.scanner import VOCABULARY, Kind, Scan, Token, scan

_AXIS = {"N": "lat", "S": "lat", "E": "lon", "W": "lon"}
_UNITS = ("°", "'", '"')
_NOTATIONS = (Notation.DECIMAL, Notation.DEGREES_MINUTES, Notation.DEGREES_MINUTES_SECONDS)
_COMPACT = {("lat", 4): 2, ("lat", 6): 2, ("lon", 5): 3, ("lon", 7): 3}
"""Axis and digits before the point of DDMM, DDMMSS, DDDMM and DDDMMSS; the value says how many are degrees."""

_LETTERS = re.compile(r"[^\W\d_]+")
_FINE_NUMBER = re.compile(r"(?<![0-9.])[0-9]{1,3}\.[0-9]{2}(?![0-9]*\.[0-9])|(?<![0-9.,])[0-9]{1,3},[0-9]{4}")
_DEGREE_MARK = re.compile(r"[0-9] ?°")
_DECIMAL = re.compile(r"[0-9][.,][0-9]")
_EXPONENT = re.compile(r"[0-9]\.?[eE][-+]?[0-9]{1,3}(?![0-9.])")
_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")
_NOT_FINITE = frozenset({"nan", "inf", "infinity", "null", "none"})
_FIX = "Write latitude and longitude like 36.3350, 43.1189 or 36°20'06\"N 43°07'08\"E, and nothing else."
_MARK_FIX = "Write each with its letter: 36°20'06\"N 43°07'08\"E, or as decimals: 36.3350, 43.1189."
_COMMA_FIX = "Write decimal points, and a comma only between the two: 36.3350, 43.1189."


@dataclass(slots=True)
class Angle:
    """One angle as written: up to three numbers with their marks, a compass letter, a label."""

    numbers: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    sign: str = ""
    compass: str = ""
    label: str = ""
    joined: bool = False

    @property
    def axis(self) -> str:
        """``lat`` or ``lon`` as the label or letter says, else empty."""
        return self.label or _AXIS.get(self.compass, "")

    @property
    def marked(self) -> bool:
        """Whether a mark, letter or label says that this is an angle."""
        return self.axis != "" or any(unit != "" for unit in self.units)

    @property
    def fractional(self) -> bool:
        """Whether the last number has a decimal point or comma."""
        return _DECIMAL.search(self.numbers[-1]) is not None


def read_angles(given: Given, text: str) -> Coordinates | None:
    """The point that two angles in degrees stand for; None where the text is a name that happens to hold digits.

    Args:
        given: the text as given.
        text: the same, cleaned.

    Raises:
        InputError: ``extra_text``, ``not_finite``, ``malformed``, ``half_missing``, ``too_many_numbers``,
            ``decimal_comma``, ``whole_degrees``, ``ambiguous_split``, ``ambiguous_sign``, ``ambiguous_order``,
            ``missing_hemisphere``, ``same_axis``, ``label_conflict``, ``sign_and_hemisphere``, ``sixty_or_more``,
            ``out_of_range``, ``maybe_swapped``, ``null_island``.
    """
    if not _worth_scanning(text):
        return None
    found = scan(text)
    if _EXPONENT.search(text) is not None and _all_short(text) and _DECIMAL.search(text) is not None:
        raise given.bad("malformed", "A coordinate has an exponent.", _FIX)
    if len(found.unknown) > 0:
        _check_alone(given, text, found)
        return None
    if found.bad_commas:
        raise given.bad("decimal_comma", "A comma may be a decimal sign here or stand between numbers.", _COMMA_FIX)
    if _is_bare_number(found) or (_only_whole(found) and _is_no_pair(found)):
        return None
    angles = _Walk(given, found).angles()
    if angles is None:
        return None
    return _pair(given, found, angles)


def _worth_scanning(text: str) -> bool:
    """Whether every word may belong to coordinates, or numbers stand there that can be nothing else."""
    for word in _LETTERS.findall(text):
        lower = word.lower()
        if len(lower) > 2 and lower not in VOCABULARY and lower not in _NOT_FINITE:
            return _is_strong(text)
    return True


def _is_strong(text: str) -> bool:
    """Whether a text that holds other words holds coordinates too: two fine decimals or two degree marks."""
    return len(_FINE_NUMBER.findall(text)) > 1 or len(_DEGREE_MARK.findall(text)) > 1


def _all_short(text: str) -> bool:
    return all(len(word) == 1 for word in _LETTERS.findall(text))


def _check_alone(given: Given, text: str, found: Scan) -> None:
    """Refuse coordinates among other words; leave a name with numbers alone."""
    others = {word.lower() for word in found.unknown} - {"-", "+"}
    decimals = len(_DECIMAL.findall(text))
    if len(others) > 0 and others <= _NOT_FINITE and decimals > 0:
        raise given.bad("not_finite", "A coordinate is not a finite number.", _FIX)
    if len(others) > 0 and all(_DOTTED.fullmatch(piece) for piece in others):  # 36.20.06N, or a date
        long_parts = sum(len(part) > 3 for piece in others for part in piece.split("."))
        if len(found.all_of(Kind.COMPASS)) > 1 or long_parts > 1:
            raise given.bad("malformed", "A number has more than one point.", _MARK_FIX)
        return
    if others == {"."} and len(found.all_of(Kind.NUMBER)) > 1 and _LETTERS.search(text) is None:
        raise given.bad("malformed", "A point stands apart from its number.", _FIX)
    if _is_strong(text) or (decimals > 1 and _all_short(text)):
        rest = " ".join(found.unknown)
        why = f"Beside coordinates there is something that is no part of them: {rest[:40]!r}."
        raise given.bad("extra_text", why, _FIX)


def _only_whole(found: Scan) -> bool:
    """Whether nothing but bare whole numbers and compass words stand there, as in "7 North" or "12/14"."""
    marks = found.all_of(Kind.UNIT) + found.all_of(Kind.LABEL)
    return len(marks) == 0 and all(token.text.lstrip("+-–").isdigit() for token in found.all_of(Kind.NUMBER))


def _is_bare_number(found: Scan) -> bool:
    """Whether one whole number stands there, with a word that may be a label, as in "Long 7"."""
    numbers = found.all_of(Kind.NUMBER)
    return len(numbers) < 2 and len(found.all_of(Kind.UNIT)) == 0 and all(one.text.isdigit() for one in numbers)


def _is_no_pair(found: Scan) -> bool:
    """Whether whole numbers cannot be a pair of angles: one alone, a span, a date, a telephone number."""
    numbers = found.all_of(Kind.NUMBER)
    if len(found.all_of(Kind.COMPASS)) > 1 and len(numbers) > 1:
        return False
    large = any(len(token.text.lstrip("+-–")) > 3 for token in numbers)
    lettered = len(found.all_of(Kind.COMPASS)) > 0
    joints = sum(token.joined for token in numbers)
    return len(numbers) < 2 or large or lettered or (joints > 0 and len(numbers) - joints < 2)


class _Walk:
    """The pieces of a text gathered into angles."""

    def __init__(self, given: Given, found: Scan) -> None:
        self._given, self._plain = given, _only_whole(found)
        self._done: list[Angle] = []
        self._open = Angle()
        self._tokens = found.tokens
        self._header = self._take_header()
        self._leads = {kind: self._is_first(kind) for kind in (Kind.COMPASS, Kind.LABEL)}

    def _is_first(self, kind: Kind) -> bool:
        """Whether pieces of this kind stand before their numbers ("N36") rather than after ("36N")."""
        kinds = [token.kind for token in self._tokens if token.kind in {kind, Kind.NUMBER}]
        return len(kinds) > 0 and kinds[0] is kind

    def _take_header(self) -> list[str]:
        """The axes of "lat/lon: 36.3, 43.1", whose two labels stand before both numbers."""
        kinds = [token.kind for token in self._tokens]
        start = kinds.index(Kind.NUMBER) if Kind.NUMBER in kinds else 0
        labels = [token.text for token in self._tokens[:start] if token.kind is Kind.LABEL]
        if len(labels) != 2 or kinds.count(Kind.LABEL) != 2 or Kind.COMPASS in kinds[:start]:
            return []
        self._tokens = self._tokens[start:]
        return labels

    def angles(self) -> list[Angle] | None:
        """The angles in their order; None for bare whole numbers with compass words in no order of coordinates."""
        steps: dict[Kind, Callable[[Token], bool]] = {
            Kind.NUMBER: self._number, Kind.UNIT: self._unit, Kind.COMPASS: self._compass, Kind.LABEL: self._label,
            Kind.STOP: self._stop,
        }  # fmt: skip
        fits = True
        for token in self._tokens:
            fits &= steps[token.kind](token)
        dangling = len(self._open.numbers) == 0 and self._open.axis != ""
        self._stop(None)
        if fits and not dangling:
            self._name_axes()
            return self._done
        if self._plain:
            return None
        raise self._given.bad("malformed", "The numbers, marks and letters do not make two angles.", _FIX)

    def _name_axes(self) -> None:
        if len(self._header) == len(self._done) == 2:
            for angle, label in zip(self._done, self._header, strict=True):
                angle.label = label

    def _number(self, token: Token) -> bool:
        sign, digits = (token.text[0], token.text[1:]) if token.text[0] in "+-–" else ("", token.text)
        angle = self._open
        if len(angle.numbers) > 0 and not token.joined:
            full = len(angle.numbers) == 3 or angle.units[-1] == '"'
            if full or sign != "" or angle.fractional:
                self._stop(None)
        if len(self._open.numbers) == 0:
            self._open.sign = sign
        self._open.numbers.append(digits)
        self._open.units.append("")
        self._open.joined |= token.joined
        return len(self._open.numbers) <= 3

    def _unit(self, token: Token) -> bool:
        angle = self._open
        if len(angle.numbers) == 0 or angle.units[-1] != "":
            return False
        if token.text == "°" and len(angle.numbers) > 1:
            number = angle.numbers.pop()
            angle.units.pop()
            self._stop(None)
            self._open.numbers, self._open.units = [number], [""]
        self._open.units[-1] = token.text
        return True

    def _compass(self, token: Token) -> bool:
        return self._name(token, Kind.COMPASS)

    def _label(self, token: Token) -> bool:
        return self._name(token, Kind.LABEL)

    def _name(self, token: Token, kind: Kind) -> bool:
        """Give a letter or label to the angle that follows, or to the one just ended."""
        name = "compass" if kind is Kind.COMPASS else "label"
        if self._leads[kind]:
            if len(self._open.numbers) > 0:
                self._stop(None)
            angle = self._open
        elif len(self._open.numbers) > 0 or len(self._done) == 0:
            angle = self._open
        else:
            angle = self._done[-1]
        if getattr(angle, name) != "" or (not self._leads[kind] and len(angle.numbers) == 0):
            return False
        setattr(angle, name, token.text)
        if not self._leads[kind] and angle is self._open and not any(self._leads.values()):
            self._stop(None)
        return True

    def _stop(self, _: Token | None) -> bool:
        if len(self._open.numbers) > 0:
            self._done.append(self._open)
            self._open = Angle()
        return True


def _pair(given: Given, found: Scan, angles: list[Angle]) -> Coordinates:
    """The point of two angles, when nothing about them is open."""
    _check_number(given, angles)
    first, second = angles
    _check_commas(given, angles)
    _check_marks(given, found, angles)
    _check_signs(given, found, angles)
    axes = _axes(given, first, second)
    if _are_compact(angles, axes):
        angles = [_spread(angle, axis) for angle, axis in zip(angles, axes, strict=True)]
    read = {axis: _degrees(given, angle) for angle, axis in zip(angles, axes, strict=True)}
    _check_named(given, angles, read)
    notation = _NOTATIONS[max(len(angle.numbers) for angle in angles) - 1]
    return given.point(read["lon"], read["lat"], notation)


def _check_number(given: Given, angles: list[Angle]) -> None:
    if len(angles) == 1:
        numbers = angles[0].numbers
        if "," in numbers[0] and len(numbers) == 1:
            why = "The comma may be a decimal sign of one number or stand between two."
            raise given.bad("decimal_comma", why, _COMMA_FIX)
        if angles[0].joined and any("." in number for number in numbers):
            raise given.bad("ambiguous_sign", "The hyphen may be a minus or stand between two numbers.", _MARK_FIX)
        if len(numbers) > 1 and not angles[0].marked:
            why = "The numbers may be one angle with minutes or two angles."
            raise given.bad("ambiguous_split", why, _MARK_FIX)
        raise given.bad("half_missing", "There is one angle; a point has a latitude and a longitude.", _FIX)
    if len(angles) > 2 and sum(angle.compass != "" for angle in angles) == 2:
        raise given.bad("malformed", "The numbers, marks and letters do not make two angles.", _FIX)
    if len(angles) != 2:
        why = f"There are {len(angles)} angles; a point has a latitude and a longitude."
        raise given.bad("too_many_numbers", why, "Give one point, without height or time. " + _FIX)


def _check_commas(given: Given, angles: list[Angle]) -> None:
    """Refuse decimal commas unless both angles have one or something else shows where each angle ends."""
    numbers = [number for angle in angles for number in angle.numbers]
    with_comma = [number for number in numbers if "," in number]
    if len(with_comma) == 0:
        return
    both = all("," in angle.numbers[-1] for angle in angles)
    shown = all(angle.marked for angle in angles)
    # "36,20 N" is written for 36°20' as well as for 36.20°.
    open_minutes = any(angle.units == [""] and len(angle.numbers[0].partition(",")[2]) in (1, 2) for angle in angles)
    if open_minutes or not (both or shown) or any("." in number for number in numbers):
        raise given.bad("decimal_comma", "A comma may be a decimal sign here or stand between numbers.", _COMMA_FIX)


def _check_marks(given: Given, found: Scan, angles: list[Angle]) -> None:
    """Refuse bare numbers that may be read in several ways."""
    if len({len(angle.numbers) for angle in angles}) == 2 and any("" in angle.units[:-1] for angle in angles):
        raise given.bad("ambiguous_split", "The two angles are written differently and without marks.", _MARK_FIX)
    if all(angle.axis != "" for angle in angles):
        return
    if found.square:
        why = "A list in square brackets has longitude first in GeoJSON and latitude first elsewhere."
        raise given.bad("ambiguous_order", why, _MARK_FIX)
    if any(angle.joined for angle in angles):
        if any("." in number for angle in angles for number in angle.numbers[:-1]):
            raise given.bad("ambiguous_sign", "The hyphen may be a minus or stand between two numbers.", _MARK_FIX)
        raise given.bad("missing_hemisphere", "Angles with hyphens need N or S, E or W.", _MARK_FIX)
    if all(angle.marked for angle in angles):
        return
    lengths = {len(angle.numbers) for angle in angles}
    split = any(token.kind is Kind.STOP for token in found.tokens)
    if lengths == {1} and not any(angle.fractional for angle in angles):
        given.check(*(float(angle.numbers[0]) for angle in reversed(angles)))
        raise given.bad("whole_degrees", "Two whole numbers alone may be anything.", _MARK_FIX)
    if lengths != {1} and not (lengths == {3} and split):
        raise given.bad("ambiguous_split", "Without marks it is open which numbers are minutes.", _MARK_FIX)


def _check_signs(given: Given, found: Scan, angles: list[Angle]) -> None:
    if any(angle.sign != "" and angle.compass != "" for angle in angles):
        raise given.bad("sign_and_hemisphere", "An angle has both a sign and a compass letter.", _MARK_FIX)
    unnamed = any(angle.compass == "" for angle in angles)
    if any(angle.sign == "–" for angle in angles) or (found.loose_dash and unnamed):
        raise given.bad("ambiguous_sign", "The dash may be a minus or stand between two numbers.", _MARK_FIX)


def _axes(given: Given, first: Angle, second: Angle) -> tuple[str, str]:
    """``lat`` and ``lon`` in the order written; bare numbers have latitude first."""
    for angle in (first, second):
        if angle.label != "" and angle.compass != "" and angle.label != _AXIS[angle.compass]:
            raise given.bad("label_conflict", "A label and its compass letter name different axes.", _MARK_FIX)
    if (first.compass == "") != (second.compass == "") or (first.axis == "") != (second.axis == ""):
        raise given.bad("missing_hemisphere", "One angle has a letter or label and the other has none.", _MARK_FIX)
    if first.axis == "":
        return "lat", "lon"
    if first.axis == second.axis:
        named = "latitudes" if first.axis == "lat" else "longitudes"
        raise given.bad("same_axis", f"Both angles are {named}.", _MARK_FIX)
    return first.axis, second.axis


def _are_compact(angles: list[Angle], axes: tuple[str, str]) -> bool:
    """Whether both angles are runs of digits like 3620N 04307E: degrees and minutes of fixed length."""
    runs = [(axis, len(re.split("[.,]", angle.numbers[0])[0])) for angle, axis in zip(angles, axes, strict=True)]
    alone = all(angle.compass != "" and angle.units == [""] for angle in angles)
    lengths = dict(runs)
    return alone and all(run in _COMPACT for run in runs) and lengths["lon"] == lengths["lat"] + 1


def _spread(angle: Angle, axis: str) -> Angle:
    """A compact angle taken apart into degrees, minutes and seconds."""
    digits = angle.numbers[0]
    whole = len(re.split("[.,]", digits)[0])
    cuts = [0, *range(_COMPACT[axis, whole], whole, 2), len(digits)]
    numbers = [digits[start:end] for start, end in pairwise(cuts)]
    return Angle(numbers, [""] * len(numbers), compass=angle.compass, label=angle.label)


def _degrees(given: Given, angle: Angle) -> Degrees:
    """The value of one angle, and half the unit of its last digit."""
    numbers = [number.replace(",", ".") for number in angle.numbers]
    if any(unit not in ("", mark) for unit, mark in zip(angle.units, _UNITS, strict=False)):
        raise given.bad("malformed", "The marks of degrees, minutes and seconds are out of order.", _FIX)
    if any("." in number for number in numbers[:-1]) or any(len(number) > 24 for number in numbers):
        raise given.bad("malformed", "Only the last number of an angle has decimals, and none has 24 digits.", _FIX)
    if any(float(number) >= 60 for number in numbers[1:]):
        raise given.bad("sixty_or_more", "Minutes and seconds are less than 60.", "Check the minutes and seconds.")
    value = sum(float(number) / 60**place for place, number in enumerate(numbers))
    decimals = len(numbers[-1].partition(".")[2])
    half = 10.0**-decimals / 60 ** (len(numbers) - 1) / 2
    negative = angle.sign == "-" or angle.compass in ("S", "W")
    return Degrees(-value if negative else value, half)


def _check_named(given: Given, angles: list[Angle], read: dict[str, Degrees]) -> None:
    """Refuse an angle beyond its limit where a letter says which axis it is: exchanging cannot be the remedy."""
    if any(angle.compass != "" for angle in angles):
        for axis, limit in LIMITS.items():
            if abs(read[axis].value) > limit:
                why = f"{abs(read[axis].value):g} is more than {limit:g} degrees."
                raise given.bad("out_of_range", why, "Check the digits and the letters.")
