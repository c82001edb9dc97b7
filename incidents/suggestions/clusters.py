"""Events out of scored pairs, for measuring only: groups whose pairs are, on the average, likely enough.

A chain of likely pairs alone joins too much: two long days of clashes in one town would be one event. Two groups are
joined while the average score over all pairs between them is above a threshold; a pair that was not compared has the
lowest score there is.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator

import numpy as np

from incidents.suggestions.accounts import Floats, Rows
from incidents.suggestions.neighbours import NOT_COMPARED

ROUNDING = 1e-9
THRESHOLDS = np.arange(-3.0, 1.01, 0.1)
"""At which F1 is looked at."""


def group(left: Rows, right: Rows, scores: Floats, count: int, threshold: float) -> Rows:
    """The number of the group of each record; shape (count,).

    Args:
        left: pairs of records.
        right: likewise, the other of each.
        scores: of each pair, logarithm of the odds.
        count: how many records there are.
        threshold: the average score from which two groups are one.
    """
    label = np.arange(count, dtype=np.int64)
    for _, one, other in joinings(left, right, scores, count, threshold):
        label[label == other] = one
    return label


def joinings(left: Rows, right: Rows, scores: Floats, count: int, threshold: float) -> Iterator[tuple[float, int, int]]:
    """The joinings from the likeliest down to ``threshold``: average score, and the group that takes the other in."""
    size = np.ones(count)
    # The sum over all pairs between two groups of how far each is above NOT_COMPARED.
    ties: list[dict[int, float]] = [{} for _ in range(count)]
    heap: list[tuple[float, int, int]] = []
    for one, other, score in zip(left.tolist(), right.tolist(), scores.tolist(), strict=True):
        if score > NOT_COMPARED:
            ties[one][other] = ties[other][one] = score - NOT_COMPARED
            heap.append((-(score - NOT_COMPARED), one, other))
    heapq.heapify(heap)
    while len(heap) > 0 and NOT_COMPARED - heap[0][0] >= threshold:
        negative, one, other = heapq.heappop(heap)
        tie = ties[one].get(other)
        if tie is None or abs(tie / (size[one] * size[other]) + negative) > ROUNDING:
            continue  # the groups have changed since
        _join(one, other, ties, size, heap)
        yield NOT_COMPARED - negative, one, other


def _join(one: int, other: int, ties: list[dict[int, float]], size: Floats, heap: list[tuple[float, int, int]]) -> None:
    """Take the group ``other`` into ``one``."""
    del ties[one][other]
    for third, tie in ties[other].items():
        if third != one:
            ties[one][third] = ties[third][one] = ties[one].get(third, 0.0) + tie
            del ties[third][other]
    ties[other] = {}
    size[one] += size[other]
    for third, tie in ties[one].items():
        heapq.heappush(heap, (-tie / (size[one] * size[third]), one, third))


def pair_counts(groups: Rows, events: Rows) -> tuple[int, int, int]:
    """Pairs that share both group and event, that share a group, that share an event."""

    def pairs(labels: Rows) -> int:
        sizes = np.unique(labels, return_counts=True)[1]
        return int((sizes * (sizes - 1) // 2).sum())

    return pairs(groups * (int(events.max(initial=0)) + 1) + events), pairs(groups), pairs(events)


def f1(groups: Rows, events: Rows) -> float:
    """The harmonic mean of precision and recall over pairs of records."""
    both, grouped, one_event = pair_counts(groups, events)
    return 2 * both / (grouped + one_event) if grouped + one_event > 0 else 1.0


def best_threshold(left: Rows, right: Rows, scores: Floats, events: Rows) -> float:
    """The threshold for joining: the odds of half the best :func:`f1` that groups of these pairs reach.

    That is where F1 is best for probabilities that are right (Lipton and others 2014). The best threshold itself is a
    worse guide: the curve is flat, and its top lies elsewhere in other quarters.

    Args:
        left: pairs of records.
        right: likewise, the other of each.
        scores: of each pair.
        events: the event of each record; shape (n,).
    """
    label = np.arange(len(events), dtype=np.int64)
    waiting, best = THRESHOLDS.tolist(), 0.0
    for score, one, other in joinings(left, right, scores, len(events), waiting[0]):
        while len(waiting) > 0 and score < waiting[-1]:
            waiting.pop()
            best = max(best, f1(label, events))
        label[label == other] = one
    half = max(best, f1(label, events)) / 2
    if half == 0:  # no threshold joins any two records rightly
        return float(THRESHOLDS[-1])
    return round(math.log(half / (1 - half)), 4)
