"""Text values from outside: what may be stored, and how it leaves in CSV or for a screen.

Rules and codes follow the project's table of bad inputs (B05, B06, B15, B58, B61).
"""

from __future__ import annotations

import re
from typing import NoReturn

from db.errors import InputError

UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no stored text may hold: control characters other than tab and line ends, and lone surrogates."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_OR_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
DECEPTIVE = re.compile(r"[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters of free text that a person should know of: it may not read as it looks."""
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def clean_text(value: str, where: str, *, identifier: bool = False, max_length: int = 10_000) -> str:
    """``value`` unchanged, if it may be stored.

    Args:
        value: text from outside; blanks around it are kept.
        where: which field or cell, for the error.
        identifier: a code, key or file name: no line breaks, tabs, direction marks or zero-width characters
            either, because two identifiers that look the same must be the same. Free text keeps them (B58).
        max_length: in characters.

    Raises:
        InputError: ``too_long``, ``bad_unicode`` (a lone surrogate, B05), ``control_character`` (B06) or
            ``invisible_character``.
    """
    if len(value) > max_length:
        raise InputError("too_long", f"The text has {len(value)} characters; {max_length} fit.", where=where, got=value)
    if found := _SURROGATE.search(value):
        _refuse("bad_unicode", "Half of a surrogate pair stands alone", value, found, where)
    if found := (_CONTROL_OR_BREAK if identifier else _CONTROL).search(value):
        _refuse("control_character", "The text has a control character", value, found, where)
    if identifier and (found := _INVISIBLE.search(value)):
        _refuse("invisible_character", "The name has an invisible character", value, found, where)
    return value


def visible(text: str) -> str:
    r"""``text`` for a screen: what could make it look like another text is shown as its code (B58).

    Shown so are direction overrides, embeddings and isolates, and characters without width that no script needs;
    joiners and single direction marks belong to Arabic, Persian and Kurdish spelling and stay.

    >>> visible("abc\u202edef")
    'abc\\u202edef'
    """
    return DECEPTIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _refuse(code: str, why: str, value: str, found: re.Match[str], where: str) -> NoReturn:
    """Raise ``code`` with the character found and its 1-based position."""
    why = f"{why}: U+{ord(found[0]):04X} at character {found.start() + 1}."
    shown = value[max(0, found.start() - 20) : found.end() + 20]
    raise InputError(code, why, where=where, got=shown, fix="Remove it from the text.")


def neutralise_cell(text: str) -> str:
    """``text`` as a CSV cell that no spreadsheet takes for a formula (ASVS 1.2.10, B15).

    A leading ``= + - @``, their full-width forms, tab, CR or LF gets ``'`` in front; so does a text that
    already has such apostrophes, which makes the inverse exact. Not for typed numbers: ``-3`` would become text.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def restore_cell(text: str) -> str:
    """The inverse of `neutralise_cell`, for CSV that this product wrote."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
