"""The figures that the suggestions are held to, each with what was reached before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from incidents.suggestions.evaluation import Labelled, across, cross_validated, measure


@dataclass(frozen=True)
class Bar:
    """A figure measured, the bar it is held to, and the baseline; ``most`` says that less is better."""

    name: str
    value: float
    bar: float
    before: float
    most: bool = False

    @property
    def met(self) -> bool:
        """Whether the bar is reached."""
        return self.value <= self.bar if self.most else self.value >= self.bar

    @property
    def told(self) -> str:
        """The bar in a few characters."""
        return f"{'≤' if self.most else '≥'} {self.bar:g}"


def bars(data: Labelled, progress: Callable[[int], None] | None = None) -> list[Bar]:
    """Every figure that is measured on labelled accounts; takes some minutes.

    Raises:
        ResourceError: ``missing_extra``.
    """
    blocked = measure(data, cross_validated(data, progress))
    other = measure(data, across(data, progress))
    return [
        Bar("true pairs among the candidates", blocked.recall, 0.98, 0.9705),
        Bar("candidates a record", blocked.candidates, 20, 26.7, most=True),
        Bar("average precision, by quarters", blocked.precision, 0.80, 0.762),
        Bar("F1 of groups, by quarters", blocked.joined, 0.75, 0.716),
        Bar("F1 of groups, learned in the other country", other.joined, 0.67, 0.63),
        Bar("pairs read a record for 90% of the true pairs", blocked.effort, 1.7, 2.17, most=True),
    ]
