"""One measured work beside its peer, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Rule(StrEnum):
    """How a work is compared: with how much faster than the peer it is, how much slower, or with a limit."""

    FASTER = "faster"
    WITHIN = "within"
    AT_MOST = "at most"


@dataclass
class Measure:
    """A work of ours and that of a peer, in the same unit.

    Attributes:
        name: the part of the benchmark (``--only``).
        work: what was done.
        size: incidents in the database.
        edition: sqlite, sqlite with columns, or postgresql.
        ours: seconds, milliseconds, MB or a count, by ``unit``.
        peer: what was measured beside it.
        theirs: its figure; None where there is none.
        bar: what the ratio, or for ``AT_MOST`` the figure itself, has to reach.
        runs: how many runs the medians are of.
        processor: seconds of processor time, ours and the peer's, where both are of one process: other load moves
            their ratio less than that of the wall clock.
        notes: what has to be known to read the figures.
        ratio: peer by ours for ``FASTER``, ours by peer for ``WITHIN``.
        met: whether the bar is reached; None where there is none, or nothing to compare.
    """

    name: str
    work: str
    size: int
    edition: str
    ours: float
    unit: str
    peer: str = ""
    theirs: float | None = None
    rule: Rule = Rule.WITHIN
    bar: float | None = None
    runs: int = 1
    notes: list[str] = field(default_factory=list)
    processor: tuple[float, float] | None = None
    ratio: float | None = None
    met: bool | None = None

    def __post_init__(self) -> None:
        if self.rule is Rule.AT_MOST:
            self.met = None if self.bar is None else self.ours <= self.bar
            return
        if self.theirs is None or self.ours == 0 or self.theirs == 0:
            return
        self.ratio = self.theirs / self.ours if self.rule is Rule.FASTER else self.ours / self.theirs
        if self.bar is not None:
            self.met = self.ratio >= self.bar if self.rule is Rule.FASTER else self.ratio <= self.bar

    def bar_text(self) -> str:
        """The bar as it is printed."""
        if self.bar is None:
            return ""
        if self.rule is Rule.AT_MOST:
            return f"≤ {self.bar:g} {self.unit}".strip()
        return f"{'≥' if self.rule is Rule.FASTER else '≤'} {self.bar:g}×"

    def processor_text(self) -> str:
        """The ratio of the processor times, as that of the others."""
        if self.processor is None or 0 in self.processor:
            return ""
        ours, theirs = self.processor
        return f"{theirs / ours if self.rule is Rule.FASTER else ours / theirs:.3g}×"

    def verdict(self) -> str:
        """met, missed, or nothing."""
        return {None: "", True: "met", False: "missed"}[self.met]


def figure(value: float | None, unit: str) -> str:
    """A figure with its unit, to three digits."""
    if value is None:
        return "–"
    if unit == "":
        return f"{value:,.0f}"
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{shown} {unit}"
