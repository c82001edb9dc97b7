"""Text before it is read as coordinates: one kind of digit, mark and blank, and no invisible marks."""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT = 256
"""Characters: nobody writes a pair of angles or a grid reference longer than this."""
MAX_LINK = 4_000
"""Characters of a link or an object."""

# The one look that every place name pays for. A Plus Code may hold no digit, so "+" counts as a sign of one.
_HINT = re.compile(r"[\d+{]|://")
_BLANKS = re.compile(r"\s+")
# Direction marks, joiners and, of Arabic, the stretching tatweel and the vowel signs.
_INVISIBLE = re.compile("[\u00ad\u061c\u0640\u064b-\u0652\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

_MARKS = {
    "°": "º˚⁰∘", "'": "′’‘ʹʼ´‛＇", '"': "″”“ʺ˝„‟＂", "-": "‐‑−﹣－", ",": "،，٬", ".": "٫．", ";": "؛；", ":": "：∶",
    "+": "＋", "/": "／", "(": "（", ")": "）", "–": "—",
}  # fmt: skip


_TABLE = str.maketrans({old: new for new, olds in _MARKS.items() for old in olds})
_DIGIT = re.compile(r"\d")


def may_be_coordinates(text: str) -> bool:
    """Whether ``text`` holds a digit of any script, a plus, a brace or a link: False for nearly all place names."""
    return _HINT.search(text) is not None


def clean(text: str) -> str:
    """``text`` with ASCII digits, plain marks and single blanks, without direction marks and other invisible ones.

    The order of the characters stays: direction marks change how a line looks, not what was typed first.
    """
    if not text.isascii():
        text = _INVISIBLE.sub("", text).translate(_TABLE)
        text = _DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), text)
    return _BLANKS.sub(" ", text).replace("`", "'").replace("''", '"').strip()
