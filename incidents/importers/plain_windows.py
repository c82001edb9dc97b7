"""Time windows of the incidents CSV: those of whole days are put together here, any other is read as everywhere."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from db.errors import InputError
from db.vocabulary import PartOfDay, TimePrecision, WindowKind
from incidents.importers.plain import ODD, Known, words
from incidents.inputs import validated
from incidents.records import IncidentInput, window_columns
from incidents.windows import LONGEST_DAYS, day_span

WINDOW = ("start", "end", "edtf", "tz", "time_precision", "window_kind", "part_of_day")
"""The cells that a window is read from; the source's words for it stand beside."""

WINDOW_COLUMNS = ("start_utc", "end_utc", "tz", "time_precision", "window_kind", "part_of_day", "edtf")
NO_WINDOW: tuple[Any, ...] = (None,) * len(WINDOW_COLUMNS)

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_EDTF = re.compile(rf"({_DAY})|\[({_DAY})\.\.({_DAY})\]|({_DAY})/({_DAY})")
_WHOLE_DAY = re.compile(_DAY)
_PRECISIONS, _KINDS = words(TimePrecision), words(WindowKind, WindowKind.MOMENT_IN_WINDOW)
_PARTS = words(PartOfDay)
_WRITTEN_IN_DAYS = 7
"""The longest window, in days, whose EDTF is surely written in days; a whole month is written as one."""


class PlainWindows:
    """Reads windows, and remembers when the days begin and end in each zone."""

    def __init__(self) -> None:
        self._days = Known(lambda pair: day_span(pair[0], tz=pair[1], allow_open=False))

    def read(self, cells: tuple[str, ...]) -> tuple[Any, ...]:
        """The columns of the window that the cells ``WINDOW`` say, ``NO_WINDOW`` for none.

        Raises:
            InputError: as the incident's input, or ``missing_time``.
        """
        found = self._of_days(*cells)
        return _general(cells) if found is None else found

    def _of_days(
        self, start: str, end: str, edtf: str, tz: str, precision: str, kind: str, part: str
    ) -> tuple[Any, ...] | None:
        """The columns of a window of whole days; None for any other, and for one that is not right."""
        days = _two_days(start, end, edtf, kind)
        if days is None:
            return None
        first, last, meant, text = days
        zone = tz or "UTC"
        spans = self._days[first, zone], self._days[last, zone]
        said, part_of_day = _PRECISIONS.get(precision, ODD), _PARTS.get(part, ODD)
        if ODD in (*spans, said, part_of_day) or last < first:
            return None
        count = _length(first, last)
        derived = next((unit for unit, most in LONGEST_DAYS.items() if count <= most), TimePrecision.YEAR)
        if part_of_day is not None and derived is TimePrecision.DAY:
            derived = TimePrecision.PART_OF_DAY
        if said not in (None, derived) or (text is None and count > _WRITTEN_IN_DAYS):
            return None
        written = text or _written(first, last, meant)
        return spans[0][0], spans[1][1], zone, derived, meant, part_of_day, written


def _two_days(start: str, end: str, edtf: str, kind: str) -> tuple[str, str, WindowKind, str | None] | None:
    """First and last day, the kind, and the EDTF text where it is given."""
    if edtf != "" and start == end == kind == "":
        match = _EDTF.fullmatch(edtf)
        if match is None:
            return None
        first, last = match[1] or match[2] or match[4], match[1] or match[3] or match[5]
        return first, last, WindowKind.DURATION if match[4] else WindowKind.MOMENT_IN_WINDOW, edtf
    last = end or start
    meant = _KINDS.get(kind)
    if edtf != "" or meant is None or _WHOLE_DAY.fullmatch(start) is None or _WHOLE_DAY.fullmatch(last) is None:
        return None
    return start, last, meant, None


def _length(first: str, last: str) -> int:
    """How many days the window has."""
    return 1 if first == last else (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


def _written(first: str, last: str, kind: WindowKind) -> str:
    if kind is WindowKind.DURATION:
        return f"{first}/{last}"
    return first if first == last else f"[{first}..{last}]"


def _general(cells: tuple[str, ...]) -> tuple[Any, ...]:
    """The columns of any window.

    Raises:
        InputError: as the incident's input, or ``missing_time``.
    """
    given = {name: cell for name, cell in zip(WINDOW, cells, strict=True) if cell != ""}
    if len(given) == 0:
        return NO_WINDOW
    found = validated(IncidentInput, {"code": "x", "name": "x", **given}, where="column").window()
    if found is None:
        if len(given.keys() - {"tz"}) > 0:
            raise InputError("missing_time", "Something is said of a time, and no time is given.")
        return NO_WINDOW
    columns = window_columns(found)
    return tuple(columns[name] for name in WINDOW_COLUMNS)
