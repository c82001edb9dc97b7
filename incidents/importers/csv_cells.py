"""Cells of our CSV as values; the opposite of what :mod:`incidents.exports.csvfile` writes."""

from __future__ import annotations

import re

from db.errors import InputError
from gazetteer.points import parse_number
from incidents.counts import parse_cell

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BETWEEN = re.compile(r"((?:[^\\|]|\\.)*)(?:\||\Z)", re.DOTALL)


def split(text: str) -> list[str]:
    r"""The texts of a list cell.

    >>> split("a | b\\|c")
    ['a', 'b|c']
    """
    parts = [_ESCAPED.sub(r"\1", part.strip()) for part in _BETWEEN.findall(text)]
    return [part for part in parts if part != ""]


def number(text: str | None, column: str) -> float | None:
    """A decimal number with a point; None for an empty cell.

    Raises:
        InputError: as :func:`gazetteer.points.parse_number`.
    """
    return None if text is None else parse_number(text, where=column)


def whole(text: str | None, column: str) -> int | None:
    """A whole number; None for an empty cell.

    Raises:
        InputError: as :func:`incidents.counts.parse_cell`.
    """
    return None if text is None else parse_cell(text, where=column)


def flag(text: str | None, column: str) -> bool:
    """Yes or no; an empty cell is no.

    Raises:
        InputError: ``unknown_value``.
    """
    if text is None or text.strip().lower() == "no":
        return False
    if text.strip().lower() == "yes":
        return True
    raise InputError("unknown_value", "This cell holds yes or no.", where=column, got=text)


def other_code(text: str) -> dict[str, object]:
    """A source's code from ``scheme:code`` or ``scheme:code (former)``.

    Raises:
        InputError: ``bad_code``.
    """
    former = text.endswith(" (former)")
    scheme, colon, code = text.removesuffix(" (former)").partition(":")
    if colon == "":
        fix = "Write scheme:code, for example airwars:CS598."
        raise InputError("bad_code", "The code of another has a scheme.", where="codes", got=text, fix=fix)
    return {"scheme": scheme, "code": code, "former": former}
