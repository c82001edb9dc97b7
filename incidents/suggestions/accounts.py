"""Accounts: what is compared of records, in columns. One account is one source's telling of one event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from incidents.suggestions.wording import Vocabulary, Wording

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


EPOCH = date(1970, 1, 1).toordinal()


def day_text(day: float) -> str:
    """A day counted from 1970 as people write it: ``2017-03-17``."""
    return date.fromordinal(int(day) + EPOCH).isoformat()


@dataclass(frozen=True, slots=True)
class Account:
    """One record as it is compared; None and empty say that it is not known.

    Attributes:
        code: names the record.
        start, end: the window in days since 1970 (UTC), both ends counted.
        lon, lat: degrees.
        radius_km: how far round the point it may have been.
        country: the code that records without a point are joined by.
        places: names of where it was, the coarser ones too.
        spot: the finest of them.
        actors: names of those who took part.
        sorts: what these are (a state's forces, a crowd).
        target: whom or what it hit, in a word of the source's list.
        kind: what it was, likewise.
        title: the headings of the reports.
        killed, injured: lowest and highest number named.
        document: what it was told in; accounts of one document mostly tell of several events.
        publisher: who published that.
        press: whether that is a news medium.
        published: the day of it.
    """

    code: str
    start: float | None = None
    end: float | None = None
    lon: float | None = None
    lat: float | None = None
    radius_km: float | None = None
    country: str | None = None
    places: tuple[str, ...] = ()
    spot: str = ""
    actors: tuple[str, ...] = ()
    sorts: frozenset[str] = frozenset()
    target: str | None = None
    kind: str | None = None
    title: str = ""
    killed: tuple[float, float] | None = None
    injured: tuple[float, float] | None = None
    document: str | None = None
    publisher: str | None = None
    press: bool | None = None
    published: float | None = None


def _numbers(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _codes(values: Iterable[str | None]) -> Rows:
    """Each distinct text as a number; -1 where there is none."""
    known: dict[str, int] = {}
    return np.array([-1 if value is None else known.setdefault(value, len(known)) for value in values], dtype=np.int64)


@dataclass(frozen=True)
class Accounts:
    """Accounts in columns, each of shape (n,)."""

    rows: Sequence[Account]
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """How many they are."""
        return len(self.rows)

    @cached_property
    def start(self) -> Floats:
        """First day."""
        return _numbers(row.start for row in self.rows)

    @cached_property
    def end(self) -> Floats:
        """Last day."""
        return _numbers(row.end for row in self.rows)

    @cached_property
    def lon(self) -> Floats:
        """Degrees east."""
        return _numbers(row.lon for row in self.rows)

    @cached_property
    def lat(self) -> Floats:
        """Degrees north."""
        return _numbers(row.lat for row in self.rows)

    @cached_property
    def radius_km(self) -> Floats:
        """How far round the point it may have been."""
        return _numbers(row.radius_km for row in self.rows)

    @cached_property
    def published(self) -> Floats:
        """Day of publication."""
        return _numbers(row.published for row in self.rows)

    @cached_property
    def press(self) -> Floats:
        """1 for a news medium, 0 for another publisher."""
        return _numbers(None if row.press is None else float(row.press) for row in self.rows)

    def toll(self, name: str) -> tuple[Floats, Floats]:
        """Lowest and highest number of ``killed`` or ``injured``."""
        if name not in self._kept:
            tolls = [getattr(row, name) or (None, None) for row in self.rows]
            self._kept[name] = tuple(_numbers(toll[side] for toll in tolls) for side in (0, 1))
        found: tuple[Floats, Floats] = self._kept[name]
        return found

    def codes(self, name: str) -> Rows:
        """Country, target, kind, document or publisher as numbers; -1 where it is not known."""
        if name not in self._kept:
            self._kept[name] = _codes(getattr(row, name) for row in self.rows)
        found: Rows = self._kept[name]
        return found

    @cached_property
    def sorts(self) -> Rows:
        """The sorts of actors as bits; 0 where none is known."""
        known: dict[str, int] = {}
        return np.array(
            [sum(1 << min(known.setdefault(sort, len(known)), 60) for sort in sorted(row.sorts)) for row in self.rows],
            dtype=np.int64,
        )

    @cached_property
    def _words(self) -> Vocabulary:
        return Vocabulary()

    @cached_property
    def places(self) -> Wording:
        """Words of the places."""
        return Wording.of((row.places for row in self.rows), self._words)

    @cached_property
    def spots(self) -> Wording:
        """The finest place by parts of its words, so that spellings of one name are alike."""
        return Wording.of(((row.spot,) for row in self.rows), Vocabulary(letters=True))

    @cached_property
    def actors(self) -> Wording:
        """Words of the actors."""
        return Wording.of((row.actors for row in self.rows), self._words)

    @cached_property
    def titles(self) -> Wording:
        """Words of the headings."""
        return Wording.of(((row.title,) for row in self.rows), self._words)

    @cached_property
    def told(self) -> Wording:
        """Words of places, actors, target and kind together."""
        return Wording.of(map(_told, self.rows), self._words)

    @cached_property
    def all_words(self) -> Wording:
        """Those with the headings."""
        return Wording.of(((*_told(row), row.title) for row in self.rows), self._words)


def _told(row: Account) -> tuple[str, ...]:
    return (*row.places, *row.actors, row.target or "", row.kind or "")
