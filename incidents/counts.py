"""How many, as a source said it: a bound, the numbers it allows, and the words.

A figure is kept as what was said, not as the number inside it: "up to 30" has no lower end, "at
least 33" no upper one, "dozens" neither. Open ends stay open. Zero, denied and unknown are three
values (not assessed is a fourth: there is then no claim at all). The bounds are those of
``db.vocabulary.Bound``; "more than 100" is kept as a minimum of 101 and "fewer than 10" as a maximum of
9, so that minimum and maximum are always included. Rows B16 to B25 of this project's table of bad
input are decided here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from db.errors import InputError
from db.vocabulary import Bound
from incidents.numerals import Number, is_multiple, read_digits, read_number, tidy

LARGEST = 10_000_000
CONFIRM_FROM = 100_000
HUGE = 10**30
SOME_NUMBER = "an unstated number"
UNREADABLE_FIX = (
    'Write it as "33", "at least 33", "more than 100", "up to 30", "fewer than 10", "almost 1000", "around 200", '
    '"between 37 and 62", "dozens", "none (denied)" or "unknown".'
)

PREFIXES = {
    Bound.AT_LEAST: r"at least|no less than|not less than|no fewer than|not fewer than|a minimum of|>=|≥",
    Bound.MORE_THAN: r"more than|over|above|greater than|upwards of|>",
    Bound.AT_MOST: r"at most|up to|as many as|no more than|not more than|a maximum of|<=|≤",
    Bound.LESS_THAN: r"less than|fewer than|under|below|<",
    Bound.ALMOST: r"almost|nearly|nears|nearing",
    Bound.AROUND: r"around|about|roughly|approximately|approx\.?|some|circa|ca?\.|an estimated|estimated|~|≈",
    Bound.EXACT: r"exactly|a total of|total|only|including",
}
"""The words before a number and the bound they make (field study of the seeds and the named incidents)."""

SUFFIXES = {
    Bound.AT_LEAST: r"\+| or more",
    Bound.AROUND: r" or so| or thereabouts",
}
QUANTITIES = (
    r"tens|dozens|scores|hundreds|thousands|tens of thousands|hundreds of thousands|millions"
    rf"|several|many|numerous|{SOME_NUMBER}"
)
"""Words for a quantity that no number stands for."""

_PREFIXED = {bound: re.compile(rf"(?:{words})(?: |(?<=[^a-z.]))(.+)") for bound, words in PREFIXES.items()}
_SUFFIXED = {bound: re.compile(rf"(.+?)(?:{words})") for bound, words in SUFFIXES.items()}
# A hyphen is a range only between digits: "twenty-five" is one number.
_RANGES = tuple(
    re.compile(pattern)
    for pattern in (
        r"between (.+?) and (.+)",
        r"(?:from )?(.+?) to (.+)",
        r"([0-9][0-9, ]*?) ?[-–—] ?([0-9][0-9, ]*)",
    )
)
_QUANTITY = re.compile(rf"(?:the )?(?:{QUANTITIES})(?: of)?")
_DENIED = re.compile(r"(?:none|0) \(denied\)|none denied|denied(?: that there were)?(?: any)?")
_UNKNOWN = re.compile(r"unknown|not known|number unknown")
_SHARE = re.compile(r".*(?:%|\bper ?cent\b|\bhalf\b|\bthirds?\b|\bquarters?\b).*")


@dataclass(frozen=True)
class Count:
    """A number of people or events, as one source said it.

    Args:
        bound: what the words say of the number.
        min: the least it allows, included; None is open or not said.
        max: the most it allows, included; None is open or not said.
        words: the source's own words.
    """

    bound: Bound
    min: int | None
    max: int | None
    words: str

    def text(self) -> str:
        """A short display; no two bounds look alike unless they allow the same numbers."""
        match self.bound:
            case Bound.AT_LEAST | Bound.MORE_THAN:
                return f"{self.min}+"
            case Bound.AT_MOST:
                return f"≤{self.max}"
            case Bound.LESS_THAN:
                return f"<{_whole(self.max) + 1}"
            case Bound.ALMOST:
                # Not "<1000": the maximum kept is 1000 itself.
                return f"almost {self.max}"
            case Bound.AROUND:
                return f"~{self.min}"
            case Bound.BETWEEN:
                return f"{self.min}–{self.max}"
            case Bound.UNQUANTIFIED:
                return f'"{self.words}"'
            case Bound.NONE_DENIED:
                return "0 (denied)"
            case Bound.UNKNOWN:
                return "unknown"
            case Bound.EXACT:
                return f"{self.min}"

    def canonical_words(self) -> str:
        """Plain English words that :func:`parse_count` reads back into the same bound, min and max."""
        return _canonical(self.bound, self.min, self.max, self.words)


def count(
    bound: Bound | str,
    minimum: int | None,
    maximum: int | None,
    words: str | None = None,
    *,
    where: str,
    confirm_large: bool = False,
) -> Count:
    """A checked count from its parts, as a form or a JSON document gives them.

    Args:
        bound: a bound or its value.
        minimum: least number, included; for "more than N" it is N + 1.
        maximum: most, included; for "fewer than N" it is N - 1; for ``around`` both are the figure said.
        words: the source's words; None writes them from the numbers.
        where: the record, for the message.
        confirm_large: allow 100,000 and more.

    Raises:
        InputError: ``unknown_bound``, ``not_an_integer``, ``not_finite``, ``negative_count``, ``count_too_large``,
            ``large_count_unconfirmed``, ``range_reversed``, ``bound_mismatch``, ``words_missing``.
    """
    try:
        kind = Bound(bound)
    except ValueError:
        fix = f"Write one of: {', '.join(Bound)}."
        raise InputError("unknown_bound", "no bound has this name", where=where, got=bound, fix=fix) from None
    for number in (minimum, maximum):
        _check_number(number, where, confirm_large=confirm_large)
    if minimum is not None and maximum is not None and minimum > maximum:
        fix = "Swap the two, or correct one."
        raise InputError(
            "range_reversed", "the least is more than the most", where=where, got=f"{minimum} to {maximum}", fix=fix
        )
    _check_bound(kind, minimum, maximum, where)
    said = (words or "").strip()
    if said == "" and kind is Bound.UNQUANTIFIED:
        fix = 'Give the words, for example "dozens".'
        raise InputError("words_missing", "a figure without a number is only its words", where=where, fix=fix)
    return Count(kind, minimum, maximum, said or _canonical(kind, minimum, maximum, ""))


def parse_count(text: str, *, where: str, confirm_large: bool = False) -> Count:
    """The count that a source's words say.

    Args:
        text: for example "at least 33", "over a hundred", "37–62", "dozens", "unknown", "٣٤"; kept as ``words``.
        where: the record, for the message.
        confirm_large: allow 100,000 and more.

    Raises:
        InputError: ``unreadable_count`` with how to write it; ``decimal_comma``, ``negative_count`` and what
            :func:`count` raises.
    """
    words, plain = text.strip(), tidy(text)
    parts = _wordless(plain) or _ranged(plain) or _bounded(plain)
    if parts is None:
        raise _unreadable(text, plain, where)
    bound, least, most = parts
    return count(bound, least, most, words, where=where, confirm_large=confirm_large)


def parse_cell(text: str, *, where: str) -> int | None:
    """The whole number in a plain number cell of a table; an empty cell is unknown (None), never zero.

    Args:
        text: the cell; ASCII, Arabic-Indic or Persian digits only, after trimming.
        where: file, row and column, for the message.

    Raises:
        InputError: ``decimal_comma``, ``thousands_separator``, ``negative_count``, ``not_finite``, ``count_too_large``,
            ``words_in_number_cell``, ``not_an_integer``.
    """
    plain = tidy(text)
    if plain == "":
        return None
    number = read_digits(text)
    if number is None:
        raise _bad_cell(text, plain, where)
    _check_number(number, where, confirm_large=True)
    return number


def _wordless(plain: str) -> tuple[Bound, int | None, int | None] | None:
    """Texts that carry no number, and explicit denials."""
    if _DENIED.fullmatch(plain):
        return Bound.NONE_DENIED, 0, 0
    if _UNKNOWN.fullmatch(plain):
        return Bound.UNKNOWN, None, None
    return (Bound.UNQUANTIFIED, None, None) if _QUANTITY.fullmatch(plain) else None


def _ranged(plain: str) -> tuple[Bound, int | None, int | None] | None:
    for pattern in _RANGES:
        match = pattern.fullmatch(plain)
        # "two to three hundred" is 200 to 300, not 2 to 300: read only where both ends are written alike.
        if match is not None and is_multiple(match[1]) == is_multiple(match[2]):
            least, most = read_number(match[1]), read_number(match[2])
            if least is not None and most is not None:
                return Bound.BETWEEN, least.value, most.value
    return None


def _bounded(plain: str) -> tuple[Bound, int | None, int | None] | None:
    """A number with or without words round it. "a dozen" alone is about twelve."""
    number = read_number(plain)
    if number is not None:
        return _numbers(Bound.AROUND if number.rough else Bound.EXACT, number)
    for bound, pattern in (*_PREFIXED.items(), *_SUFFIXED.items()):
        if match := pattern.fullmatch(plain):
            number = read_number(match[1])
            if number is not None:
                return _numbers(Bound.AROUND if bound is Bound.EXACT and number.rough else bound, number)
    return None


def _numbers(bound: Bound, number: Number) -> tuple[Bound, int | None, int | None]:
    """Minimum and maximum of a bound at a number."""
    match bound:
        case Bound.AT_LEAST:
            return bound, number.value, None
        case Bound.MORE_THAN:
            return bound, number.value + 1, None
        case Bound.LESS_THAN:
            return bound, None, number.value - 1
        case Bound.AT_MOST | Bound.ALMOST:
            return bound, None, number.value
        case _:
            return bound, number.value, number.value


def _canonical(bound: Bound, least: int | None, most: int | None, words: str) -> str:
    match bound:
        case Bound.AT_LEAST:
            return f"at least {least}"
        case Bound.MORE_THAN:
            return f"more than {_whole(least) - 1}"
        case Bound.AT_MOST:
            return f"at most {most}"
        case Bound.LESS_THAN:
            return f"less than {_whole(most) + 1}"
        case Bound.AROUND | Bound.ALMOST:
            return f"{bound.value} {most}"
        case Bound.BETWEEN:
            return f"between {least} and {most}"
        case Bound.UNQUANTIFIED:
            return words if _QUANTITY.fullmatch(tidy(words)) else SOME_NUMBER
        case Bound.NONE_DENIED:
            return "none (denied)"
        case Bound.UNKNOWN:
            return "unknown"
        case Bound.EXACT:
            return f"{least}"


def _whole(number: int | None) -> int:
    """A number that the bound requires; only a :class:`Count` built by hand can lack it."""
    if number is None:
        raise InputError("bound_mismatch", "the bound needs a number")
    return number


def _check_number(number: int | None, where: str, *, confirm_large: bool) -> None:
    """Refuse what is no count of people; ``object`` at runtime, since JSON brings any type (rows B17 to B22)."""
    if number is None:
        return
    if isinstance(number, float) and not math.isfinite(number):
        raise InputError("not_finite", "a count is a finite number", where=where, got=number)
    if isinstance(number, bool) or not isinstance(number, int):
        fix = "Write a whole number without quotes, for example 33."
        raise InputError("not_an_integer", "a count is a whole number", where=where, got=number, fix=fix)
    if number < 0:
        raise InputError("negative_count", "a count cannot be negative", where=where, got=number)
    if number > LARGEST:
        why = f"a count above {LARGEST:,} is taken for a mistake"
        raise InputError("count_too_large", why, where=where, got=number if number < HUGE else "10^30 or more")
    if number >= CONFIRM_FROM and not confirm_large:
        fix = "If the source says so, confirm it: --confirm-large, or yes in the column confirmed."
        raise InputError("large_count_unconfirmed", "this count is unusually large", where=where, got=number, fix=fix)


def _check_bound(bound: Bound, least: int | None, most: int | None, where: str) -> None:
    """Refuse numbers that the bound cannot have."""
    has = (least is not None, most is not None)
    match bound:
        case Bound.EXACT | Bound.AROUND:
            coherent, needs = least is not None and least == most, "the same number as min and max"
        case Bound.AT_LEAST:
            coherent, needs = has == (True, False), "a min and no max"
        case Bound.MORE_THAN:
            coherent, needs = has == (True, False) and least != 0, "a min of N + 1 and no max"
        case Bound.AT_MOST | Bound.LESS_THAN | Bound.ALMOST:
            coherent, needs = has == (False, True), "a max and no min"
        case Bound.BETWEEN:
            coherent, needs = has == (True, True), "a min and a max"
        case Bound.NONE_DENIED:
            coherent, needs = (least, most) == (0, 0), "0 as min and max"
        case Bound.UNQUANTIFIED | Bound.UNKNOWN:
            coherent, needs = has == (False, False), "neither min nor max"
    if not coherent:
        why = f"{bound.value} needs {needs}"
        raise InputError("bound_mismatch", why, where=where, got=f"min {least}, max {most}", fix=UNREADABLE_FIX)


def _unreadable(text: str, plain: str, where: str) -> InputError:
    if special := _special(text, plain, where):
        return special
    why = "a share is not a count" if _SHARE.fullmatch(plain) else "the words say no count that can be read"
    return InputError("unreadable_count", why, where=where, got=text, fix=UNREADABLE_FIX)


def _bad_cell(text: str, plain: str, where: str) -> InputError:
    """The error for a cell that is not only digits, pointing to where the value belongs."""
    if special := _special(text, plain, where):
        return special
    if re.fullmatch(r"[0-9]{1,3}(?:[, ][0-9]{3})+", plain):
        fix = f"Write {re.sub('[, ]', '', plain)}."
        return InputError("thousands_separator", "a number cell holds digits only", where=where, got=text, fix=fix)
    if re.fullmatch(r"[+-]?(?:nan|inf(?:inity)?|[0-9.]+e[+-]?[0-9]+)", plain):
        return InputError("not_finite", "a count is a whole finite number", where=where, got=text)
    if any(sign.isalpha() for sign in plain) or re.fullmatch(r"[<>≤≥~≈].*|.*\+|[0-9]+ ?[-–—] ?[0-9]+", plain):
        fix = (
            "Put the words in the claim's text field (column words, option --words): it keeps words and open ends, "
            'for example "up to 30".'
        )
        return InputError("words_in_number_cell", "a number cell holds digits only", where=where, got=text, fix=fix)
    fix = "Write digits only, for example 33."
    return InputError("not_an_integer", "a number cell holds a whole number", where=where, got=text, fix=fix)


def _special(text: str, plain: str, where: str) -> InputError | None:
    """Mistakes with a remedy of their own, in a cell and in words alike."""
    if re.fullmatch(r"[-−][0-9]+", plain):
        return InputError("negative_count", "a count cannot be negative", where=where, got=text)
    # 1,000 has three digits after its comma; one or two are a decimal comma of another locale.
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}", plain):
        fix = "A count has no decimals; was the comma a decimal comma, or were two columns joined?"
        return InputError("decimal_comma", "a count is a whole number", where=where, got=text, fix=fix)
    return None
