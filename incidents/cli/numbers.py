"""Numbers as options, read as strictly as those of a file: Typer alone takes 1_000, +12 and 3.0 for counts (B21)."""

from __future__ import annotations

from collections.abc import Callable

from gazetteer.points import parse_number
from incidents.counts import parse_cell


def whole(option: str) -> Callable[[str], int | None]:
    """A reader of counts of people for ``option``, which is named in its errors.

    The reader raises InputError: as :func:`incidents.counts.parse_cell`.
    """

    def read(text: str) -> int | None:
        return parse_cell(text, where=option)

    return read


def decimal(option: str) -> Callable[[str], float]:
    """A reader of degrees or metres for ``option``, which is named in its errors.

    The reader raises InputError: as :func:`gazetteer.points.parse_number`.
    """

    def read(text: str) -> float:
        return parse_number(text, where=option)

    return read
