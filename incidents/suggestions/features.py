"""What two accounts have in common, as numbers. Not a number where it cannot be said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from incidents.suggestions.accounts import Accounts, Floats, Rows
from incidents.suggestions.pairs import distances_km

NEAR_KM, SAME_KM = 3.0, 1.0
UNKNOWN, ONE_KNOWN, UNLIKE, ALIKE = 0.0, 1.0, 2.0, 3.0

FEATURES: dict[str, str] = {
    "distance": "km between the points",
    "distance_share": "distance, in radii of both places",
    "finer": "km, radius of the finer place",
    "coarser": "km, radius of the coarser place",
    "unplaced": "of the two have no point",
    "gap": "days between the windows",
    "span": "days from the first to the last of both windows",
    "overlap": "share of these days in both windows",
    "starts_apart": "days between the first days",
    "ends_apart": "days between the last days",
    "shorter": "days, the shorter window",
    "longer": "days, the longer window",
    "killed_apart": "killed, ratio of the nearest numbers (logarithm), 0 where the ranges meet",
    "killed_meet": "ranges of killed meet",
    "killed_least": "killed, the lower",
    "killed_most": "killed, the higher",
    "injured_apart": "injured, ratio of the nearest numbers (logarithm), 0 where the ranges meet",
    "injured_least": "injured, the lower",
    "injured_most": "injured, the higher",
    "tolls_same": "of killed and injured are the same number above none",
    "places": "likeness of the names of places",
    "spots": "likeness of the finest place by its letters",
    "actors": "likeness of the actors' names",
    "first_actor": "who did it: 0 unknown, 1 of one only, 2 unlike, 3 alike",
    "second_actor": "the second actor: 0 unknown, 1 of one only, 2 unlike, 3 alike",
    "first_sort": "what the first is: 0 unknown, 1 of one only, 2 unlike, 3 alike",
    "second_sort": "what the second is: 0 unknown, 1 of one only, 2 unlike, 3 alike",
    "sorts": "sorts of actors: 0 unknown, 1 of one only, 2 unlike, 2.5 some, 3 all alike",
    "target": "target: 0 unknown, 1 of one only, 2 unlike, 3 alike",
    "kind": "kind of event: 0 unknown, 1 of one only, 2 unlike, 3 alike",
    "titles": "likeness of the headings",
    "told": "likeness of all but the headings",
    "words": "likeness of all words",
    "same_document": "told in one document",
    "same_publisher": "of one publisher",
    "document_least": "accounts in the smaller document (logarithm)",
    "document_most": "accounts in the larger document (logarithm)",
    "publisher_least": "accounts of the smaller publisher (logarithm)",
    "publisher_most": "accounts of the larger publisher (logarithm)",
    "press": "of the two are news media",
    "published_apart": "days between the publications",
    "late_least": "days from the event to the earlier publication",
    "late_most": "days from the event to the later publication",
    "crowd_least": "others it could be, of the record with fewer (logarithm)",
    "crowd_most": "others it could be, of the record with more (logarithm)",
    "near_least": "others within 3 km and a day, of the record with fewer (logarithm)",
    "near_most": "others within 3 km and a day, of the record with more (logarithm)",
    "spot_least": "others at the place on the day, of the record with fewer (logarithm)",
    "spot_most": "others at the place on the day, of the record with more (logarithm)",
    "alike_least": "others told alike, of the record with fewer (logarithm)",
    "alike_most": "others told alike, of the record with more (logarithm)",
    "elsewhere_least": "others near in other documents, of the record with fewer (logarithm)",
    "elsewhere_most": "others near in other documents, of the record with more (logarithm)",
    "own_least": "others of its own document near, of the record with fewer (logarithm)",
    "own_most": "others of its own document near, of the record with more (logarithm)",
}
"""The features by name, each with what the number says."""


def compare_roughly(accounts: Accounts, left: Rows, right: Rows) -> dict[str, Floats]:
    """The features that :data:`CROWDS` look at, of each pair. Shape (m,) each."""
    found: dict[str, Floats] = {}
    _place(found, accounts, left, right)
    _time(found, accounts, left, right)
    found["told"] = accounts.told.likeness(left, right)
    _sources(found, accounts, left, right)
    return found


def compare(accounts: Accounts, left: Rows, right: Rows) -> dict[str, Floats]:
    """Every feature that is of the two alone, of each pair. Shape (m,) each."""
    found = compare_roughly(accounts, left, right)
    _tolls(found, accounts, left, right)
    for name in ("places", "spots", "actors", "titles"):
        found[name] = getattr(accounts, name).likeness(left, right)
    found["words"] = accounts.all_words.likeness(left, right)
    found["sorts"] = _sorts(accounts.sorts[left], accounts.sorts[right])
    for name in ("first_actor", "second_actor", "first_sort", "second_sort", "target", "kind"):
        found[name] = _agreement(accounts.codes(name)[left], accounts.codes(name)[right])
    return found


def _both(found: dict[str, Floats], name: str, values: Floats, left: Rows, right: Rows) -> None:
    found[f"{name}_least"] = np.fmin(values[left], values[right])
    found[f"{name}_most"] = np.fmax(values[left], values[right])


def _place(found: dict[str, Floats], accounts: Accounts, left: Rows, right: Rows) -> None:
    away, radius = distances_km(accounts, left, right), accounts.radius_km
    found["distance"] = away
    found["distance_share"] = away / (radius[left] + radius[right] + 1.0)
    found["finer"] = np.fmin(radius[left], radius[right])
    found["coarser"] = np.fmax(radius[left], radius[right])
    placed = np.isnan(accounts.lat).astype(np.float64)
    found["unplaced"] = placed[left] + placed[right]


def _time(found: dict[str, Floats], accounts: Accounts, left: Rows, right: Rows) -> None:
    start, end = accounts.start, accounts.end
    first, last = np.minimum(start[left], start[right]), np.maximum(end[left], end[right])
    shared = np.minimum(end[left], end[right]) - np.maximum(start[left], start[right]) + 1
    found["gap"] = np.maximum(1 - shared, 0.0)
    found["span"] = last - first + 1
    found["overlap"] = np.maximum(shared, 0.0) / found["span"]
    found["starts_apart"] = np.abs(start[left] - start[right])
    found["ends_apart"] = np.abs(end[left] - end[right])
    days = end - start + 1
    found["shorter"] = np.minimum(days[left], days[right])
    found["longer"] = np.maximum(days[left], days[right])


def _tolls(found: dict[str, Floats], accounts: Accounts, left: Rows, right: Rows) -> None:
    same = np.zeros(len(left))
    for name in ("killed", "injured"):
        low, high = accounts.toll(name)
        middle = (low + high) / 2
        between = np.maximum(low[left], low[right]), np.minimum(high[left], high[right])
        found[f"{name}_apart"] = np.maximum(np.log1p(between[0]) - np.log1p(between[1]), 0.0)
        _both(found, name, middle, left, right)
        same += (middle[left] == middle[right]) & (middle[left] > 0)
        if name == "killed":
            meet = np.minimum(high[left], high[right]) >= np.maximum(low[left], low[right])
            found["killed_meet"] = np.where(np.isnan(found["killed_apart"]), np.nan, meet)
    found["tolls_same"] = same


def _sorts(left: Rows, right: Rows) -> Floats:
    unknown = (left == 0).astype(np.int64) + (right == 0)
    known = np.where(left == right, ALIKE, np.where((left & right) != 0, 2.5, UNLIKE))
    return np.where(unknown == 2, UNKNOWN, np.where(unknown == 1, ONE_KNOWN, known))


def _agreement(left: Rows, right: Rows) -> Floats:
    unknown = (left < 0).astype(np.int64) + (right < 0)
    known = np.where(left == right, ALIKE, UNLIKE)
    return np.where(unknown == 2, UNKNOWN, np.where(unknown == 1, ONE_KNOWN, known))


def _sources(found: dict[str, Floats], accounts: Accounts, left: Rows, right: Rows) -> None:
    for name in ("document", "publisher"):
        codes = accounts.codes(name)
        found[f"same_{name}"] = ((codes[left] == codes[right]) & (codes[left] >= 0)).astype(np.float64)
        _both(found, name, accounts.sizes(name)[codes], left, right)
    found["press"] = accounts.press[left] + accounts.press[right]
    found["published_apart"] = np.abs(accounts.published[left] - accounts.published[right])
    _both(found, "late", accounts.published - accounts.end, left, right)


CROWDS: dict[str, Callable[[dict[str, Floats]], NDArray[np.bool_]]] = {
    "crowd": lambda of: of["gap"] >= 0,
    "near": lambda of: (of["distance"] <= NEAR_KM) & (of["gap"] <= 1) & (of["span"] <= 4),
    "spot": lambda of: (of["distance"] <= SAME_KM) & (of["span"] <= 1),
    "alike": lambda of: (of["told"] > 0.5) & (of["gap"] <= 1),
    "elsewhere": lambda of: (of["same_document"] == 0) & (of["distance"] <= NEAR_KM) & (of["gap"] <= 1),
    "own": lambda of: of["same_document"] == 1,
}
"""How busy it is round a record: which of its pairs count."""


def add_crowding(found: dict[str, Floats], counts: dict[str, Floats], left: Rows, right: Rows) -> None:
    """Put the crowds of both records beside the features of their pairs."""
    for name, values in counts.items():
        _both(found, name, values, left, right)
        for side in ("least", "most"):
            found[f"{name}_{side}"] = np.log1p(found[f"{name}_{side}"])


def table(found: dict[str, Floats], names: tuple[str, ...]) -> NDArray[np.float32]:
    """The features as a table, in the order of ``names``. Shape (m, len(names))."""
    made = np.empty((len(found[names[0]]), len(names)), dtype=np.float32)
    for at, name in enumerate(names):
        made[:, at] = found[name]
    return made
