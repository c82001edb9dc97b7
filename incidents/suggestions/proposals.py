"""Suggestions: pairs of records that may be one event, with a probability and reasons. Nothing is joined by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from db.vocabulary import Verdict
from incidents.same_event import standing
from incidents.suggestions.accounts import Account, Accounts, Floats, Rows
from incidents.suggestions.features import FEATURES
from incidents.suggestions.forest import Forest, Table
from incidents.suggestions.model import Model, compare_all, cut, model, second_look
from incidents.suggestions.neighbours import NEIGHBOURS
from incidents.suggestions.recorded import recorded
from incidents.tiers import Tier

LEAST = 0.05
"""The probability below which a pair is not shown unless asked for."""
SHOWN = 8
"""Reasons told, the weightiest."""
SAID = FEATURES | NEIGHBOURS


@dataclass(frozen=True)
class Reason:
    """What one feature added to the score of its look (logarithm of the odds), and its value."""

    feature: str
    value: float | None
    added: float

    @property
    def said(self) -> str:
        """What the value is of."""
        return SAID[self.feature]

    @property
    def shown(self) -> str:
        """The value in a few characters; empty where it is not known."""
        return "" if self.value is None else f"{self.value:.3g}"

    def __str__(self) -> str:
        """The reason in words."""
        return f"{self.added:+.2f} {self.said}: {self.shown or 'not known'}"


@dataclass(frozen=True)
class Suggestion:
    """A pair that may be one event.

    Attributes:
        first: the records.
        second: the other.
        keys: their ids.
        probability: that they are one event, by the model.
        reasons: what added most to the score of the two alone and of their neighbours, weightiest first.
        judged: the verdict that stands on the pair.
    """

    first: Account
    second: Account
    keys: tuple[int, int]
    probability: float
    reasons: tuple[Reason, ...]
    judged: Verdict | None

    def other(self, key: int) -> int:
        """The id that is not ``key``."""
        return self.keys[1] if self.keys[0] == key else self.keys[0]

    @property
    def killed(self) -> float:
        """The highest number of killed that either names; 0 where none does."""
        return max((one.killed[1] for one in (self.first, self.second) if one.killed is not None), default=0.0)

    @property
    def weight(self) -> float:
        """What is at stake: deaths that may be counted twice, times the probability that they are."""
        return (1 + self.killed) * self.probability


@dataclass(frozen=True)
class Scored:
    """Candidates with both scores and what these were made of."""

    left: Rows
    right: Rows
    probability: Floats
    first: Table
    second: Table


def score(accounts: Accounts, made: Model, progress: Callable[[int], None] | None = None) -> Scored:
    """The candidates among accounts, scored."""
    pairs = compare_all(accounts, progress)
    first = made.first.scores(pairs.features)
    kept = cut(pairs.left, pairs.right, first, made.least)
    left, right = pairs.left[kept], pairs.right[kept]
    looked = second_look(left, right, first[kept], accounts)
    return Scored(left, right, 1 / (1 + np.exp(-made.scores(first[kept], looked))), pairs.features[kept], looked)


def suggest(
    session: Session, *, tier: Tier, around: Sequence[int] | None = None, least: float = LEAST, judged: bool = False,
    progress: Callable[[int], None] | None = None,
) -> list[Suggestion]:  # fmt: skip
    """Pairs that may be one event, the likeliest first.

    Args:
        session: an open session.
        tier: what may be seen.
        around: incident ids; only their pairs, scored among the records of the days round them. By default all.
        least: the probability from which a pair is listed.
        judged: list pairs as well that were judged, or are one event by a chain.
        progress: is told how many records are looked at.
    """
    made, found = model(), recorded(session, tier=tier, around=around)
    scored = score(found.accounts, made, progress)
    held = standing(session)
    asked = None if around is None else set(around)
    listed = []
    for at in np.argsort(-scored.probability, kind="stable").tolist():
        if scored.probability[at] < least:
            break
        one, other = int(scored.left[at]), int(scored.right[at])
        keys = found.keys[one], found.keys[other]
        ruling = held.rulings.get((min(keys), max(keys)))
        verdict = None if ruling is None or ruling.verdict is Verdict.UNDECIDED else ruling.verdict
        settled = verdict is not None or held.head(keys[0]) == held.head(keys[1])
        if (asked is not None and asked.isdisjoint(keys)) or (settled and not judged):
            continue
        reasons = _reasons(made.first, scored.first[at]) + _reasons(made.second, scored.second[at])
        listed.append(
            Suggestion(
                found.accounts.rows[one], found.accounts.rows[other], keys, float(scored.probability[at]),
                tuple(sorted(reasons, key=lambda reason: -abs(reason.added))[:SHOWN]), verdict,
            )
        )  # fmt: skip
    return listed


def _reasons(forest: Forest, row: Table) -> list[Reason]:
    _, added = forest.contributions(row)
    values = dict(zip(forest.features, row.tolist(), strict=True))
    return [Reason(name, None if np.isnan(values[name]) else values[name], share) for name, share in added.items()]
