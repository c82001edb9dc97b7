"""Accounts: what is compared of records, in columns. One account is one source's telling of one event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
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
        actors: names of those who took part, the one who did it first.
        sorts: what each of these is (a state's forces, a crowd), in the same order; empty where it is not known.
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
    sorts: tuple[str, ...] = ()
    target: str | None = None
    kind: str | None = None
    title: str = ""
    killed: tuple[float, float] | None = None
    injured: tuple[float, float] | None = None
    document: str | None = None
    publisher: str | None = None
    press: bool | None = None
    published: float | None = None

    @property
    def first_actor(self) -> str | None:
        """Who did it."""
        return self.actors[0] if len(self.actors) > 0 else None

    @property
    def second_actor(self) -> str | None:
        """Who else took part, or to whom it was done."""
        return self.actors[1] if len(self.actors) > 1 else None

    @property
    def first_sort(self) -> str | None:
        """What the first is."""
        return self.sorts[0] or None if len(self.sorts) > 0 else None

    @property
    def second_sort(self) -> str | None:
        """What the second is."""
        return self.sorts[1] or None if len(self.sorts) > 1 else None


@dataclass
class Known:
    """The texts that stand for numbers in columns, so that further accounts are given the same numbers."""

    codes: defaultdict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    words: Vocabulary = field(default_factory=Vocabulary)
    letters: Vocabulary = field(default_factory=lambda: Vocabulary(letters=True))


@dataclass(frozen=True)
class Accounts:
    """Accounts in columns, each of shape (n,). A column is made when it is first asked for."""

    rows: Sequence[Account]
    known: Known = field(default_factory=Known, repr=False)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)
    _sizes: dict[str, Floats] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """How many they are."""
        return len(self.rows)

    @property
    def start(self) -> Floats:
        """First day."""
        return self._floats("start")

    @property
    def end(self) -> Floats:
        """Last day."""
        return self._floats("end")

    @property
    def lon(self) -> Floats:
        """Degrees east."""
        return self._floats("lon")

    @property
    def lat(self) -> Floats:
        """Degrees north."""
        return self._floats("lat")

    @property
    def radius_km(self) -> Floats:
        """How far round the point it may have been."""
        return self._floats("radius_km")

    @property
    def published(self) -> Floats:
        """Day of publication."""
        return self._floats("published")

    @property
    def press(self) -> Floats:
        """1 for a news medium, 0 for another publisher."""
        return self._floats("press")

    def toll(self, name: str) -> tuple[Floats, Floats]:
        """Lowest and highest number of ``killed`` or ``injured``."""
        low, high = self._floats(name)
        return low, high

    def codes(self, name: str) -> Rows:
        """A property that is a text, such as ``country`` or ``first_actor``, as numbers; -1 where it is not known."""
        found: Rows = self._column(name)
        return found

    def sizes(self, name: str) -> Floats:
        """How many accounts are of each document or publisher, as a logarithm; the last, for unknown, is no number."""
        if name not in self._sizes:
            codes = self.codes(name)
            self._sizes[name] = np.append(np.log1p(np.bincount(codes[codes >= 0])), np.nan)
        return self._sizes[name]

    @property
    def sorts(self) -> Rows:
        """The sorts of actors as bits; 0 where none is known."""
        return self.codes("sorts")

    @property
    def places(self) -> Wording:
        """Words of the places."""
        return self._wording("places")

    @property
    def spots(self) -> Wording:
        """The finest place by parts of its words, so that spellings of one name are alike."""
        return self._wording("spots")

    @property
    def actors(self) -> Wording:
        """Words of the actors."""
        return self._wording("actors")

    @property
    def titles(self) -> Wording:
        """Words of the headings."""
        return self._wording("titles")

    @property
    def told(self) -> Wording:
        """Words of places, actors, target and kind together."""
        return self._wording("told")

    @property
    def all_words(self) -> Wording:
        """Those with the headings."""
        return self._wording("all_words")

    def more(self, rows: Sequence[Account], gone: Rows) -> Accounts:
        """With further accounts after these; those ``gone`` keep their places, and are told of no time and no source.

        Words stay as rare as they were.
        """
        kept: dict[str, Any] = {}
        for name, column in self._kept.items():
            if isinstance(column, Wording):
                kept[name] = column.more(map(_TEXTS[name], rows), self._vocabulary(name))
                continue
            kept[name] = np.concatenate([column, self._made(name, rows)], axis=-1)
            if name in _OF_WHEN_AND_WHENCE:
                kept[name][gone] = _OF_WHEN_AND_WHENCE[name]
        every = [*self.rows, *rows]
        for at in gone.tolist():
            every[at] = Account("")
        return Accounts(every, self.known, kept)

    def _floats(self, name: str) -> Floats:
        found: Floats = self._column(name)
        return found

    def _wording(self, name: str) -> Wording:
        if name not in self._kept:
            self._kept[name] = Wording.of(map(_TEXTS[name], self.rows), self._vocabulary(name))
        found: Wording = self._kept[name]
        return found

    def _column(self, name: str) -> Any:
        if name not in self._kept:
            self._kept[name] = self._made(name, self.rows)
        return self._kept[name]

    def _made(self, name: str, rows: Sequence[Account]) -> Any:
        values = [getattr(row, name) for row in rows]
        if name in _TOLLS:
            return np.array([toll or (np.nan, np.nan) for toll in values], dtype=np.float64).reshape(-1, 2).T
        if name not in (*_CODES, "sorts"):
            return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        known = self.known.codes[name]
        if name == "sorts":
            bits = [
                sum(1 << min(known.setdefault(sort, len(known)), 60) for sort in sorted({*value} - {""}))
                for value in values
            ]
            return np.array(bits, dtype=np.int64)
        codes = [-1 if value is None else known.setdefault(value, len(known)) for value in values]
        return np.array(codes, dtype=np.int64)

    def _vocabulary(self, name: str) -> Vocabulary:
        return self.known.letters if name == "spots" else self.known.words


_TOLLS = ("killed", "injured")
_CODES = (
    "country", "target", "kind", "document", "publisher", "first_actor", "second_actor", "first_sort", "second_sort",
)  # fmt: skip
_OF_WHEN_AND_WHENCE: dict[str, float] = {"start": np.nan, "end": np.nan, "document": -1, "publisher": -1}


def _told(row: Account) -> tuple[str, ...]:
    return (*row.places, *row.actors, row.target or "", row.kind or "")


_TEXTS: dict[str, Callable[[Account], tuple[str, ...]]] = {
    "places": lambda row: row.places,
    "spots": lambda row: (row.spot,),
    "actors": lambda row: row.actors,
    "titles": lambda row: (row.title,),
    "told": _told,
    "all_words": lambda row: (*_told(row), row.title),
}
