"""Cells of many rows read column by column, where they are plain.

Plain is what nearly every cell of a large file is: a known word, a day, digits, a text without blanks round it. A row
with any other cell is not decided here: it goes, alone, through the input model, which takes it or says what is wrong.
So nothing is refused in this module, and what it takes the model takes too, with the same result; a test holds both
against each other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, StrEnum
from operator import itemgetter
from typing import Any, Final

from db.cells import clean_text
from db.errors import AtlasError, InputError


class _NotPlain(Enum):
    """The type of :data:`ODD`, which no cell can be taken for."""

    ODD = "odd"


ODD: Final = _NotPlain.ODD
"""Stands in a column for a cell that is not plain."""

_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,17})?")
_WHOLE = re.compile(r"[0-9]{1,8}")
KEPT = 50_000
"""So many answers are kept for equal cells; more would not be flat memory."""


class Known(dict[Any, Any]):
    """What a cell, or several together, stand for: worked out by ``read`` when first met, then looked up.

    Args:
        read: gives the value; a cell that it refuses with an error of ours is :data:`ODD`.
    """

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: Any) -> Any:
        if len(self) >= KEPT:
            self.clear()
        try:
            value = self._read(cell)
        except AtlasError:
            value = ODD
        self[cell] = value
        return value


def words(kind: type[StrEnum], empty: StrEnum | None = None) -> dict[str, Any]:
    """The members by the word in a cell; an empty cell is ``empty``."""
    return {"": empty} | {member.value: member for member in kind}


def whole(cell: str) -> int | None:
    """A count in plain digits; None for an empty cell.

    Raises:
        InputError: ``not_plain``.
    """
    if cell != "" and _WHOLE.fullmatch(cell) is None:
        raise InputError("not_plain", "This is to be read with care.", got=cell)
    return None if cell == "" else int(cell)


class Plain:
    """The columns of a batch under our names, and which of its rows are plain so far.

    Args:
        columns: cells by column; those of derived columns are left out.
        count: how many rows.
    """

    def __init__(self, columns: Mapping[str, Sequence[str]], count: int) -> None:
        self._columns = {name: cells for name, cells in columns.items() if any(cells)}
        self._count = count
        self.rows = bytearray(b"\x01") * count
        """One byte a row, 0 where it is not plain."""

    def __contains__(self, name: str) -> bool:
        """Whether any row says something there."""
        return name in self._columns

    def cells(self, name: str) -> Sequence[str]:
        """The cells as they stand; empty ones for a column that is not in the file."""
        return self._columns.get(name) or [""] * self._count

    def refuse(self, name: str) -> None:
        """Leave rows that say something in this column to the input model."""
        for row, cell in enumerate(self._columns.get(name, ())):
            if cell != "":
                self.rows[row] = 0

    def texts(self, name: str, longest: int, *, identifier: bool = False) -> Sequence[str]:
        """The cells of a column of texts: neither blanks round them nor an apostrophe before them.

        Args:
            name: the column.
            longest: in characters.
            identifier: whether they are codes, which have no invisible characters either.
        """
        cells = self.cells(name)
        if name not in self._columns:
            return cells
        for row, cell in enumerate(cells):
            if cell != cell.strip() or cell[:1] == "'" or len(cell) > longest:
                self.rows[row] = 0
        if identifier and not _is_clean("".join(cells)):
            for row, cell in enumerate(cells):
                if not _is_clean(cell):
                    self.rows[row] = 0
        return cells

    def optional(self, name: str, longest: int) -> list[str | None]:
        """As :meth:`texts`, with None for an empty cell."""
        return [cell or None for cell in self.texts(name, longest)]

    def looked_up(self, known: Mapping[Any, Any], *names: str) -> list[Any]:
        """What the cells of one column, or those of several together as a tuple, stand for."""
        keys = self.cells(names[0]) if len(names) == 1 else zip(*map(self.cells, names), strict=True)
        found = (
            list(map(known.__getitem__, keys)) if isinstance(known, Known) else [known.get(key, ODD) for key in keys]
        )
        return self.checked(found)

    def checked(self, values: list[Any]) -> list[Any]:
        """``values``, after the rows with an odd one are marked."""
        if ODD in values:
            for row, value in enumerate(values):
                if value is ODD:
                    self.rows[row] = 0
        return values

    def numbers(self, name: str, least: float, most: float) -> list[float | None]:
        """The decimal numbers of a column from ``least`` to ``most``; None for an empty cell."""
        found: list[float | None] = []
        for row, cell in enumerate(self.cells(name)):
            value = None if cell == "" else _number(cell)
            if value is not None and not least <= value <= most:
                self.rows[row] = 0
            found.append(value)
        return found


def _number(cell: str) -> float:
    """The number; NaN, which lies in no range, where it is not plain."""
    # Adding 0.0 turns -0.0 into 0.0, as the check of a point does.
    return float(cell) + 0.0 if _DEGREES.fullmatch(cell) or _RADIUS.fullmatch(cell) else math.nan


_RADIUS = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,9})?")


def _is_clean(text: str) -> bool:
    """Whether an identifier may hold ``text``."""
    try:
        clean_text(text, "code", identifier=True, max_length=len(text))
    except InputError:
        return False
    return True


def picked(values: Mapping[str, Sequence[Any]], rows: Sequence[int]) -> dict[str, Sequence[Any]]:
    """Some rows of some columns, in the order given."""
    if len(rows) == 0:
        return dict.fromkeys(values, ())
    pick = itemgetter(*rows)
    return {name: pick(column) if len(rows) > 1 else (pick(column),) for name, column in values.items()}
