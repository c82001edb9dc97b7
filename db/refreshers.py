"""What computes the derived rows, as it is registered with the unit of work; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.import_log import Progress

Refresher: TypeAlias = "Callable[[Session, Sequence[int] | None, Progress | None], None]"
"""Rewrites the derived rows of the incidents with these ids, ascending, and tells how many are done; None stands for
all."""

REFRESHERS: list[Refresher] = []


def refresh_with(refresher: Refresher) -> None:
    """Have write sessions call ``refresher`` before they commit; a second registration changes nothing."""
    if refresher not in REFRESHERS:
        REFRESHERS.append(refresher)
