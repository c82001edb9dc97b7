"""The monthly books of an authority: reports of harm open before, received, closed, left open; do they add up?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from db.vocabulary import Outcome
from incidents.totals.published import Published

CLOSINGS = (Outcome.REPORTS_CREDIBLE, Outcome.REPORTS_NON_CREDIBLE, Outcome.REPORTS_DUPLICATE)
BOOKED = frozenset({
    Outcome.REPORTS_OPEN, Outcome.REPORTS_RECEIVED, Outcome.REPORTS_REOPENED, Outcome.REPORTS_CLOSED, *CLOSINGS,
})  # fmt: skip


@dataclass(frozen=True)
class Book:
    """A month as an authority reported it; None is not said.

    ``reopened`` are findings that were taken up again; they are among the received or the closed, and not added.
    """

    source: str
    source_id: int
    period: str
    start: datetime
    end: datetime
    before: int | None
    received: int | None
    reopened: int | None
    closed: int | None
    findings: dict[Outcome, int]
    after: int | None
    claims: tuple[str, ...]

    def problems(self) -> Iterator[str]:
        """What does not add up in the month itself."""
        said = (self.before, self.received, self.closed, self.after)
        if None not in said:
            before, received, closed, after = (number or 0 for number in said)
            if before + received - closed != after:
                found = before + received - closed
                yield f"{before} open + {received} received - {closed} closed is {found}, not {after} open"
        known = sum(self.findings.values())
        if self.closed is not None and len(self.findings) == len(CLOSINGS) and known != self.closed:
            yield f"the findings are {known} and not the {self.closed} closed"
        if self.closed is not None and known > self.closed:
            yield f"the findings are {known}, more than the {self.closed} closed"


def books(every: Sequence[Published]) -> list[Book]:
    """The months of each authority, in the order of time."""
    months: dict[tuple[int, str], list[Published]] = defaultdict(list)
    for one in every:
        if one.outcome in BOOKED and one.period is not None:
            months[one.source_id, one.period].append(one)
    found = (_book(period, rows) for (_, period), rows in months.items())
    return sorted((book for book in found if book is not None), key=lambda book: (book.source_id, book.start))


def _book(period: str, rows: Sequence[Published]) -> Book | None:
    start, end = rows[0].period_start, rows[0].period_end
    if start is None or end is None:
        return None
    numbers = {row.outcome: row.minimum for row in rows if row.minimum is not None and row.minimum == row.maximum}
    stock = sorted(
        (row.as_of_start, row.minimum) for row in rows if row.outcome is Outcome.REPORTS_OPEN and row.as_of_start
    )
    first = next((number for at, number in stock if at.date() == start.date()), None)
    last = next((number for at, number in stock if at.date() == end.date()), None)
    return Book(
        rows[0].source, rows[0].source_id, period, start, end, first, numbers.get(Outcome.REPORTS_RECEIVED),
        numbers.get(Outcome.REPORTS_REOPENED), numbers.get(Outcome.REPORTS_CLOSED),
        {outcome: numbers[outcome] for outcome in CLOSINGS if outcome in numbers}, last,
        tuple(row.code for row in rows),
    )  # fmt: skip


def breaks(found: Sequence[Book]) -> Iterator[tuple[Book, Book, str]]:
    """Where a month does not begin with what the month before left open."""
    for one, other in pairwise(found):
        follows = one.source_id == other.source_id and (other.start - one.end).days == 0
        if follows and None not in {one.after, other.before} and one.after != other.before:
            yield one, other, f"{one.period} leaves {one.after} open, {other.period} begins with {other.before}"
