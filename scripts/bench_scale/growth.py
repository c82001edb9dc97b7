"""How the pages grow from the smallest size to the largest: worked out of what was measured."""

from __future__ import annotations

from collections import defaultdict

from bench_scale.figures import Measure, Rule

NAME = "growth"
BAR = 3.0
PAGED = "page of 100"
"""What a work is called that returns a page."""


def growth(measures: list[Measure]) -> list[Measure]:
    """The time of each page at the largest size beside that at the smallest."""
    pages: dict[tuple[str, str], dict[int, Measure]] = defaultdict(dict)
    for one in measures:
        if one.work.endswith(PAGED):
            pages[(one.work, one.edition)][one.size] = one
    found = []
    for (work, edition), by_size in pages.items():
        least, most = min(by_size), max(by_size)
        if least != most:
            small, large = by_size[least], by_size[most]
            found.append(
                Measure(
                    NAME, f"growth of {work}", most, edition, large.ours, "ms", f"the same at {least:,} incidents",
                    small.ours, Rule.WITHIN, BAR, large.runs,
                )
            )  # fmt: skip
    return found
