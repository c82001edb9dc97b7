"""Measures ``show``: a fixed number of statements, however much is recorded of an incident."""

from __future__ import annotations

from bench_scale.case import Case
from bench_scale.figures import Measure, Rule
from bench_scale.happenings import RICH_AT, RICH_EVERY, incident_code
from bench_scale.process import child

NAME = "show"
PLAIN, RICH = 10, 10
"""So many incidents of each kind are shown."""


def show(case: Case) -> list[Measure]:
    """The most statements that one incident took, beside the fewest, and the time."""
    numbers = [*range(PLAIN), *range(RICH_AT, min(RICH_EVERY * RICH, case.size), RICH_EVERY)]
    codes = [incident_code(number) for number in numbers]
    found = child("showing:show", url=case.url, codes=codes, repeat=case.repeat)["by"].values()
    counts, times = [one["statements"] for one in found], [one["ms"] for one in found]
    return [
        Measure(
            NAME, "show of one incident: statements, the most", case.size, case.edition, max(counts), "",
            f"the fewest of {len(codes)} incidents", min(counts), Rule.WITHIN, 1.0,
        ),
        Measure(
            NAME, "show of one incident", case.size, case.edition, max(times), "ms", runs=case.repeat,
            notes=[f"the slowest of {len(codes)}"],
        ),
    ]  # fmt: skip
