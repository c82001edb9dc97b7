"""Charts as plain numbers: the claims behind a range as bars, and investigations as lanes. A template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.vocabulary import InvestigationState
from incidents.ranges import Figure, Range
from incidents.views import StepView, ThreadView

WIDTH = 300.0
"""Of a chart, in the units of its picture."""
ROOM = 24.0
"""Beside the highest number: there an open end is drawn."""


@dataclass(frozen=True)
class Bar:
    """A claim in a chart: from ``start`` to ``end``; an open end has no bound there. ``why`` it is left out."""

    figure: Figure
    start: float | None
    end: float | None
    low_open: bool
    high_open: bool
    why: str | None


@dataclass(frozen=True)
class Chart:
    """The claims of one range, those used first, on one scale from 0 to ``most``; ``ticks`` are (number, where)."""

    found: Range
    bars: tuple[Bar, ...]
    most: int
    ticks: tuple[tuple[int, float], ...]
    low: float | None
    high: float | None


def chart(found: Range) -> Chart:
    """The bars of a range."""
    rows: list[tuple[Figure, str | None]] = [(figure, None) for figure in found.used]
    rows += [(left.figure, left.why) for left in found.left_out]
    numbers = [number for figure, _ in rows for number in (figure.minimum, figure.maximum) if number is not None]
    most = max([*numbers, 1])

    def at(number: int) -> float:
        return round((WIDTH - ROOM) * number / most, 1)

    bars = tuple(
        Bar(
            figure,
            None if figure.lowest is None else at(0 if figure.minimum is None else figure.minimum),
            None if figure.highest is None else (WIDTH if figure.maximum is None else at(figure.maximum)),
            figure.minimum is None,
            figure.maximum is None,
            why,
        )
        for figure, why in rows
    )
    marks = sorted({0, most // 2, most}) if most > 1 else [0, most]
    ends = (None if found.low is None else at(found.low), None if found.high is None else at(found.high))
    return Chart(found, bars, most, tuple((mark, at(mark)) for mark in marks), *ends)


@dataclass(frozen=True)
class Stretch:
    """For how long a thread stood in a state, from ``start`` to ``end`` of the lane."""

    state: InvestigationState
    start: float
    end: float


@dataclass(frozen=True)
class Lane:
    """A thread as a line through time, with where its steps lie."""

    thread: ThreadView
    stretches: tuple[Stretch, ...]
    steps: tuple[tuple[StepView, float], ...]


@dataclass(frozen=True)
class Timeline:
    """The threads of an incident side by side; ``years`` are (year, where)."""

    lanes: tuple[Lane, ...]
    years: tuple[tuple[int, float], ...]


def timeline(threads: Sequence[ThreadView], now: datetime) -> Timeline | None:
    """The lanes of ``threads`` from the first step to a while after the last; None where there is none.

    A lane ends where nothing more is recorded, not today: nobody said that it still stands so.
    """
    steps = [step for thread in threads for step in thread.steps]
    if len(steps) == 0:
        return None
    first, last = min(step.taken_start for step in steps), max(step.taken_end for step in steps)
    first, last = first - timedelta(days=20), min(now, last) + timedelta(days=120)
    whole = (last - first).total_seconds()

    def at(moment: datetime) -> float:
        return round(WIDTH * (moment - first).total_seconds() / whole, 1)

    lanes = []
    for thread in threads:
        points = [at(step.taken_end) for step in thread.steps]
        ends = [*points[1:], WIDTH]
        stretches = (Stretch(step.state, x, end) for step, x, end in zip(thread.steps, points, ends, strict=True))
        lanes.append(Lane(thread, tuple(stretches), tuple(zip(thread.steps, points, strict=True))))
    years = range(first.year + 1, last.year + 1)
    return Timeline(tuple(lanes), tuple((year, at(first.replace(year=year, month=1, day=1))) for year in years))
