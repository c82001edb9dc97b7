"""What the other pairs of two records say of them: rivals that fit better, and third records that both fit.

A record is mostly one event, so the best of its candidates counts for more than the second; a document mostly tells of
an event once; and two records that both fit a third are likelier one event themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from incidents.suggestions.accounts import Floats, Rows

NEIGHBOURS: dict[str, str] = {
    "rank_least": "rank among the candidates of one, the better",
    "rank_most": "rank among the candidates of the other",
    "ahead_least": "ahead of the best rival, of the record with less",
    "ahead_most": "ahead of the best rival, of the record with more",
    "rivals_least": "events that the other candidates make, of the record with fewer",
    "rivals_most": "events that the other candidates make, of the record with more",
    "document_ahead_least": "ahead of the best rival of one document, the lesser",
    "document_ahead_most": "ahead of the best rival of one document, the greater",
    "shared": "third records that fit both",
    "best_shared": "how well the best third record fits both",
    "unshared": "candidates of one that do not fit the other",
}
"""The features of the second look by name, each with what the number says."""
FLOOR = 1e-4
NOT_COMPARED = -7.0
"""The score (logarithm of the odds) of a pair that is no candidate."""
BATCH = 200_000


def logit(probability: Floats) -> Floats:
    """The logarithm of the odds, bounded."""
    found: Floats = np.log((probability + FLOOR) / (1 - probability + FLOOR))
    return found


def look_round(left: Rows, right: Rows, fits: Floats, document: Rows) -> dict[str, Floats]:
    """The features of :data:`NEIGHBOURS` of each pair. Shape (m,) each.

    Args:
        left: the pairs, each once.
        right: likewise, the other of each.
        fits: the probability of each by the two alone.
        document: the document of each record; -1 where it is not known.
    """
    # Each is let go of before the next is made: a million pairs leave no room for all at once.
    shared, best, least = _thirds(left, right, fits, len(document))
    others = np.bincount(left, fits, minlength=len(document)) + np.bincount(right, fits, minlength=len(document))
    found = {"shared": shared, "best_shared": best, "unshared": others[left] + others[right] - 2 * fits - 2 * least}
    del least
    _two(found, "rivals", np.concatenate([others[left] - fits, others[right] - fits]))
    one, both = np.concatenate([left, right]), np.concatenate([fits, fits])
    rank, rival = _rivals(one, both)
    _two(found, "rank", rank)
    del rank
    _two(found, "ahead", logit(both) - logit(rival))
    del rival
    # A document that is not known is one of its own.
    of_document = np.where(document < 0, document.max(initial=0) + 1 + np.arange(len(document)), document)
    one *= int(of_document.max(initial=0)) + 1
    one += of_document[np.concatenate([right, left])]
    _, rival = _rivals(one, both)
    _two(found, "document_ahead", logit(both) - logit(rival))
    return found


def _two(found: dict[str, Floats], name: str, both: Floats) -> None:
    """The lesser and the greater of what is said of either record of each pair; shape (2 m,)."""
    first, second = both.reshape(2, -1)
    found[f"{name}_least"], found[f"{name}_most"] = np.minimum(first, second), np.maximum(first, second)


def _rivals(group: Rows, fits: Floats) -> tuple[Floats, Floats]:
    """For each row its rank in its group, and the best of the others there (0 where it is alone)."""
    order = np.lexsort((-fits, group))
    begins = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.diff(begins, append=len(order))
    # Those that fit alike share the better place: which of them comes first must not matter.
    better = (np.diff(group[order], prepend=-1) != 0) | (np.diff(fits[order], prepend=-1) != 0)
    place = np.maximum.accumulate(np.where(better, np.arange(len(order)), 0)) - np.repeat(begins, sizes)
    # The best is second to none but the next; alone in its group it has no rival.
    second = np.where(sizes > 1, fits[order[np.minimum(begins + 1, len(order) - 1)]], 0)
    rank, rival = np.empty(len(order)), np.empty(len(order))
    rank[order] = place
    rival[order] = np.repeat(fits[order[begins]], sizes)
    rival[order[begins]] = second
    return rank, rival


def agreed(left: Rows, right: Rows, scores: Floats, count: int) -> Floats:
    """What those say that fit a record: their mean score with the other one, weighed by how well they fit.

    The record itself is among them, with full weight. Both ways round, and the mean of both. Shape (m,).

    Args:
        left: the pairs, each once.
        right: likewise, the other of each.
        scores: of each pair, logarithm of the odds; what is no pair has :data:`NOT_COMPARED`.
        count: how many records there are.
    """
    fits, above = 1 / (1 + np.exp(-scores)), scores - NOT_COMPARED
    weight = 1 + np.bincount(left, fits, minlength=count) + np.bincount(right, fits, minlength=count)
    found = np.full(len(left), NOT_COMPARED)
    for met in Meetings.of(left, right, count):
        for near, far, end in ((met.first, met.second, met.fewer), (met.second, met.first, met.more)):
            told = np.bincount(met.pair, fits[near] * above[far], minlength=len(met.fewer))
            found[met.part] += (above[met.part] + told) / (weight[end] - fits[met.part]) / 2
    return found


def _thirds(left: Rows, right: Rows, fits: Floats, count: int) -> tuple[Floats, Floats, Floats]:
    """Over the candidates of both records: the sum of products, the best lesser fit, the sum of lesser fits."""
    shared, best, least = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left))
    for met in Meetings.of(left, right, count):
        first, second = fits[met.first], fits[met.second]
        lesser, size = np.minimum(first, second), len(met.fewer)
        shared[met.part] = np.bincount(met.pair, first * second, minlength=size)
        least[met.part] = np.bincount(met.pair, lesser, minlength=size)
        np.maximum.at(best[met.part], met.pair, lesser)
    return shared, best, least


@dataclass(frozen=True)
class Meetings:
    """The third records that both of a pair are candidates of, for some of the pairs.

    Attributes:
        part: which of the pairs these are.
        fewer: of each, the record with fewer candidates; shape (k,).
        more: the other.
        pair: of each meeting the pair, counted in the part; shape (t,).
        first: the pair of the record in ``fewer`` and the third, counted in all.
        second: likewise, of the record in ``more``.
    """

    part: slice
    fewer: Rows
    more: Rows
    pair: Rows
    first: Rows
    second: Rows

    @classmethod
    def of(cls, left: Rows, right: Rows, count: int) -> Iterator[Meetings]:
        """Those of all pairs, in parts of bounded size."""
        keys = np.concatenate([left * count + right, right * count + left])
        order = np.argsort(keys)
        keys, number = keys[order], (order % max(len(left), 1)).astype(np.int32)
        del order
        sizes = np.bincount(left, minlength=count) + np.bincount(right, minlength=count)
        begins = np.cumsum(sizes) - sizes
        # The side with fewer candidates is walked through.
        fewer = np.where(sizes[left] <= sizes[right], left, right)
        ends = np.cumsum(sizes[fewer])
        start = 0
        while start < len(left):
            stop = max(int(np.searchsorted(ends, (ends[start - 1] if start > 0 else 0) + BATCH)), start + 1)
            mine = fewer[start:stop]
            its = left[start:stop] + right[start:stop] - mine
            counts = sizes[mine]
            pair = np.repeat(np.arange(stop - start), counts)
            at = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begins[mine], counts)
            wanted = its[pair] * count + keys[at] % count
            there = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            met = keys[there] == wanted
            yield cls(slice(start, stop), mine, its, pair[met], number[at[met]], number[there[met]])
            start = stop
