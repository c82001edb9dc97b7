"""Whole numbers as people write them: digits of three scripts, thousands separators, English words.

Only what cannot be misread is taken: "1.000" is a thousand in one country and one in another, "012" is
a code, so neither is a number here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_DIGITS = 40

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORDS = (
    {"zero": 0}
    | {word: value for value, word in enumerate((*_ONES, *_TEENS), start=1)}
    | {word: 10 * value for value, word in enumerate(_TENS, start=2)}
    | {
        f"{ten}{joint}{one}": 10 * value + unit
        for value, ten in enumerate(_TENS, start=2)
        for unit, one in enumerate(_ONES, start=1)
        for joint in "- "
    }
)
"""English words for 0 to 99."""

MULTIPLES = {"dozen": 12, "hundred": 100, "thousand": 1000}

_DIGITS_TO_ASCII = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٬", "01234567890123456789,")
# Direction marks stand round numbers in Arabic text; they have no width and no meaning of their own.
_DIRECTION_MARKS = str.maketrans("", "", "\u200e\u200f\u061c\u2066\u2067\u2068\u2069")
_CELL = re.compile(r"[0-9]+|[٠-٩]+|[۰-۹]+")
_GROUPED = re.compile(r"0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+")
_MULTIPLE = re.compile(r"(.+) (dozen|hundred|thousand)")


class Number(NamedTuple):
    """A whole number; ``rough`` where the word is used loosely ("a hundred", "two dozen")."""

    value: int
    rough: bool


def tidy(text: str) -> str:
    """Lower case, ASCII digits, single blanks, no direction marks: the form the readers expect."""
    folded = text.translate(_DIRECTION_MARKS).translate(_DIGITS_TO_ASCII).casefold()
    return " ".join(folded.split())


def read_digits(text: str) -> int | None:
    """The number of a text of digits of one script (ASCII, Arabic-Indic, Persian) after trimming, else None."""
    bare = text.translate(_DIRECTION_MARKS).strip()
    return _value(bare.translate(_DIGITS_TO_ASCII)) if _CELL.fullmatch(bare) else None


def read_number(plain: str) -> Number | None:
    """The number of a tidy text: "1,472", "one hundred", "two dozen", "a hundred"; else None."""
    if _GROUPED.fullmatch(plain):
        return Number(_value(plain.replace(",", "").replace(" ", "")), rough=False)
    if plain in WORDS:
        return Number(WORDS[plain], rough=False)
    match = _MULTIPLE.fullmatch(plain)
    if match is None:
        return None
    times = 1 if match[1] == "a" else WORDS.get(match[1])
    if times is None or times == 0:
        return None
    # Nobody counts by dozens to be exact, and "a hundred" is said of 90 as of 110.
    return Number(times * MULTIPLES[match[2]], rough=match[1] == "a" or match[2] == "dozen")


def is_multiple(plain: str) -> bool:
    """Whether a tidy text ends in dozen, hundred or thousand."""
    return plain.endswith(tuple(MULTIPLES))


def _value(digits: str) -> int:
    """The value of ASCII digits; of thousands of digits only the size counts, and int() would refuse them."""
    significant = digits.lstrip("0")
    return int(significant or "0") if len(significant) <= MOST_DIGITS else 10**MOST_DIGITS
