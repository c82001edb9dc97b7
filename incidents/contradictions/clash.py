"""What a contradiction is: its kind, what it is about, why, and the rows that make it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of contradictions.

    ``series`` is none: figures of different days that look like rivals.
    """

    NUMBERS_EXCLUDE = "numbers_exclude"
    MORE_THAN_ALL = "more_than_all"
    PEOPLE_AND_CIVILIANS = "people_and_civilians"
    DENIED = "denied"
    SCOPE_MISTAKEN = "scope_mistaken"
    SERIES = "series"
    RIVAL_TOTALS = "rival_totals"
    PARTS_EXCEED = "parts_exceed"
    PARTS_MISS = "parts_miss"
    BOUND_DIFFERS = "bound_differs"
    SHARE_DIFFERS = "share_differs"
    LENGTH_DIFFERS = "length_differs"
    DATE_DIFFERS = "date_differs"
    UNMATCHED_FIGURE = "unmatched_figure"
    BOOKS_DIFFER = "books_differ"
    PLACES_APART = "places_apart"


@dataclass(frozen=True)
class Clash:
    """A contradiction.

    Attributes:
        kind: which.
        about: the event's code, or the source whose total it is.
        reason: why the rows do not fit, in one line.
        claims: codes of the claims; of places ``#`` and the number of the location.
    """

    kind: Kind
    about: str
    reason: str
    claims: tuple[str, ...]
