"""Cells of somebody else's file: what they say as text, figures or objects, and what is kept as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from db.strictjson import read_json
from db.tables.base import PARAGRAPH
from db.vocabulary import Bound
from incidents.counts import parse_cell
from incidents.exports.records import Record
from incidents.importers.carried import mapping, records
from incidents.importers.php_cells import is_serialised, read_serialised

NOTHING = frozenset({"", "null", "none", "nan"})
"""Cells that say nothing: they are neither zero nor a denial."""

CHOSEN = ("value", "slug", "name", "label", "code")
"""Where an object that stands for one choice says which; the source's own code before its words."""

Row = Mapping[str, Any]


def cell(row: Row, *names: str) -> str | None:
    """The text of the first of these columns that says something; None where none does.

    Several values in one cell, a JSON array or what PHP serialised, are joined by commas; an object says its name or
    its value.

    Raises:
        InputError: those of :func:`.php_cells.read_serialised`.
    """
    for name in names:
        value = row.get(name)
        if value is None or value == "":
            continue
        text = _text(value, name)
        if text is not None and text.casefold() not in NOTHING:
            return text
    return None


def _text(value: Any, name: str) -> str | None:
    if isinstance(value, str):
        text = value.strip()
        return _text(read_serialised(text, name), name) if is_serialised(text) else text
    if isinstance(value, dict):
        chosen = next((value[key] for key in CHOSEN if value.get(key) is not None), None)
        if len(value) > 0 and all(isinstance(key, int) for key in value):
            return _text(list(value.values()), name)
        return None if isinstance(chosen, dict | list) else _text(chosen, name)
    if isinstance(value, list):
        texts = [_text(item, name) for item in value if not isinstance(item, list)]
        return ", ".join(text for text in texts if text is not None) or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def objects(row: Row, name: str) -> list[Record]:
    """The objects of a cell: a JSON array, or one written as text in a cell of a CSV; an empty cell has none.

    The text may be JSON or what PHP serialised.

    Raises:
        InputError: ``not_json`` and others of :func:`db.strictjson.read_json`; those of
            :func:`.php_cells.read_serialised`.
    """
    value = row.get(name)
    if isinstance(value, str):
        text = value.strip()
        if text.casefold() in NOTHING:
            return []
        value = read_serialised(text, name) if is_serialised(text) else read_json(text.encode(), where=name)
    if isinstance(value, dict) and len(value) > 0 and all(isinstance(key, int) for key in value):
        value = list(value.values())
    return [mapping(value, name)] if isinstance(value, dict) else records(value, name)


def figure(row: Row, least: str, most: str) -> Record | None:
    """The bound and the numbers of a range in two columns; None where both are empty, which is not zero.

    Raises:
        InputError: as :func:`incidents.counts.parse_cell`.
    """
    low, high = (None if text is None else parse_cell(text, where=name)
                 for name, text in ((least, cell(row, least)), (most, cell(row, most))))  # fmt: skip
    if low is None and high is None:
        return None
    if low is None or high is None:
        bound = Bound.AT_MOST if low is None else Bound.AT_LEAST
    else:
        bound = Bound.EXACT if low == high else Bound.BETWEEN
    return {"bound": bound.value, "minimum": low, "maximum": high}


def kept(row: Row, names: Iterable[str]) -> tuple[str | None, list[str]]:
    """What these columns hold, one a line and word for word, as far as a note has room for it.

    Returns:
        The text, None where they hold nothing; and the columns that found no room.
    """
    lines: list[str] = []
    left, cut = PARAGRAPH, []
    for name in names:
        text = cell(row, name)
        if text is None:
            continue
        line = f"{name}: {text}"
        if len(line) + 1 > left:
            cut.append(name)
            continue
        lines.append(line)
        left -= len(line) + 1
    return "\n".join(lines) or None, cut


def noted(note: str | None, name: str) -> str | None:
    """What a note of :func:`kept` holds of the column ``name``."""
    start = f"{name}: "
    lines = (note or "").splitlines()
    return next((line.removeprefix(start) for line in lines if line.startswith(start)), None)
