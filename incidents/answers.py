"""Answers to a query: which incidents, how surely, and where to go on."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from db.errors import InputError


class Match(StrEnum):
    """How an incident answers to a place query."""

    SURELY = "surely"
    POSSIBLY = "possibly"
    UNLOCATED = "unlocated"
    ANYWHERE = "anywhere"


@dataclass(frozen=True)
class Hit:
    """An incident that answers, and how."""

    key: int
    match: Match


class Cursor(NamedTuple):
    """Where a page ends: the start of its last incident in microseconds since 1970 (UTC), and its id."""

    start: int
    key: int

    def text(self) -> str:
        """The form that :func:`read_cursor` reads."""
        return f"{self.start}:{self.key}"


def read_cursor(text: str) -> Cursor:
    """The cursor that was written as ``text``.

    Raises:
        InputError: it is none.
    """
    found = re.fullmatch(r"(-?\d{1,19}):(\d{1,18})", text, re.ASCII)
    if found is None:
        raise InputError("bad_cursor", "It does not say where a page ended.", got=text, fix="Give what the page said.")
    return Cursor(int(found[1]), int(found[2]))


class Answer:
    """What a query found, ordered by start and id; incidents without a time come last.

    The ids are held in an array, and what costs more is worked out when it is asked for, in the session of the query.
    """

    def __init__(
        self,
        ids: NDArray[np.int64],
        surely: Callable[[], NDArray[np.bool_]] | None = None,
        unlocated: Callable[[], list[int]] = list,
        untimed: Callable[[], int] = int,
    ) -> None:
        """``surely`` is None where no place was asked for."""
        self.ids = ids
        self._surely = surely
        self._unlocated = unlocated
        self._untimed = untimed

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """The incidents that answer."""
        return tuple(Hit(key, match) for key, match in zip(self.ids.tolist(), self._matches, strict=True))

    @cached_property
    def unlocated(self) -> tuple[Hit, ...]:
        """Those that answer but for the place, since they have none."""
        return tuple(Hit(key, Match.UNLOCATED) for key in self._unlocated())

    @cached_property
    def untimed(self) -> int:
        """How many a query by time leaves out because they have no time."""
        return self._untimed()

    @cached_property
    def sure(self) -> NDArray[np.bool_] | None:
        """For each of ``ids`` whether it lies in the area as a whole; None where no place was asked for."""
        return None if self._surely is None else self._surely()

    @cached_property
    def _matches(self) -> list[Match]:
        if self.sure is None:
            return [Match.ANYWHERE] * len(self.ids)
        return [Match.SURELY if sure else Match.POSSIBLY for sure in self.sure.tolist()]

    def keys(self, *, unlocated: bool = False) -> list[int]:
        """The incident ids, those without a place last if they are asked for."""
        return [*self.ids.tolist(), *(hit.key for hit in (self.unlocated if unlocated else ()))]

    def packed_keys(self) -> Sequence[int]:
        """The incident ids at eight bytes each: as a list, a million of them take as much as a whole export."""
        return array("q", self.ids.tobytes())

    def match_of(self) -> dict[int, Match]:
        """How each incident answers, those without a place too."""
        found = dict(zip(self.ids.tolist(), self._matches, strict=True))
        return found | {hit.key: hit.match for hit in self.unlocated}


@dataclass(frozen=True)
class Page:
    """A part of an answer; ``next`` is given to ask for the part after it, and is None after the last.

    ``total`` is the number of all that answer, where it was asked for.
    """

    hits: tuple[Hit, ...]
    next: Cursor | None
    total: int | None = None
