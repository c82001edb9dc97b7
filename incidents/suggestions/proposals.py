"""Suggestions: pairs of records that may be one event, with a probability and reasons. Nothing is joined by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from db.vocabulary import Verdict
from incidents.same_event import standing
from incidents.suggestions.accounts import Account, Accounts, Floats, Rows
from incidents.suggestions.features import FEATURES
from incidents.suggestions.forest import Table
from incidents.suggestions.model import HEARD, Likely, Model, Surroundings, Weighed, likely, model, second_look
from incidents.suggestions.neighbours import NEIGHBOURS
from incidents.suggestions.pairs import PairFinder
from incidents.suggestions.recorded import recorded
from incidents.tiers import Tier

LEAST = 0.05
"""The probability below which a pair is not shown unless asked for."""
SHOWN = 8
"""Reasons told, the weightiest."""
AGREED = "agreed"
SAID = FEATURES | NEIGHBOURS | {AGREED: "score by those that fit the one or the other"}
"""The reasons by name, each with what its value says."""


@dataclass(frozen=True)
class Reason:
    """What one feature added to the score (logarithm of the odds), and its value."""

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
        reasons: what added most to the score, weightiest first.
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
    """Candidates with their scores, and what these were made of."""

    left: Rows
    right: Rows
    round_them: Surroundings
    second: Table
    weighed: Weighed

    def only(self, chosen: NDArray[np.bool_]) -> Scored:
        """Some of them."""
        return Scored(
            self.left[chosen], self.right[chosen], self.round_them, self.second[chosen], self.weighed.only(chosen)
        )

    @property
    def probability(self) -> Floats:
        """That each pair is one event, by the model."""
        found: Floats = 1 / (1 + np.exp(-self.weighed.scores))
        return found

    def added(self, made: Model, chosen: Rows) -> tuple[list[str], Floats, Floats, float]:
        """What makes the score of each pair ``chosen``.

        Returns:
            The names of the reasons; their values and what each added, of shape (len(chosen), len(names)); and what
            is said of any pair, which with all that is added makes the score.
        """
        first = self.round_them.features(self.left[chosen], self.right[chosen])
        looks = (made.first, first), (made.second, self.second[chosen])
        names = [name for forest, _ in looks for name in forest.features]
        agreed = self.weighed.agreed[chosen]
        values = np.column_stack([*(looked for _, looked in looks), agreed])
        bases, shares = zip(*(forest.contributions(looked) for forest, looked in looks), strict=True)
        # The score is the mean of the looks, moved towards what those say that fit.
        added = np.column_stack(
            [*(share / len(looks) for share in shares), HEARD * (agreed - self.weighed.looks[chosen])]
        )
        return [*names, AGREED], values, added, sum(bases) / len(looks)

    def reasons(self, made: Model, chosen: Rows) -> list[tuple[Reason, ...]]:
        """Of each pair ``chosen``, what added most to its score, the weightiest first."""
        names, values, added, _ = self.added(made, chosen)
        weightiest = np.argsort(-np.abs(added), axis=1, kind="stable")[:, :SHOWN]
        return [
            tuple(_reason(names[at], values[pair, at], added[pair, at]) for at in row if added[pair, at] != 0)
            for pair, row in enumerate(weightiest.tolist())
        ]


def _reason(feature: str, value: np.float64, added: np.float64) -> Reason:
    return Reason(feature, None if np.isnan(value) else float(value), float(added))


def score(accounts: Accounts, made: Model, progress: Callable[[int], None] | None = None) -> Scored:
    """The candidates among accounts, scored."""
    pairs = [*PairFinder.of(accounts).all()]
    found = likely(Surroundings.of(accounts, pairs), made, pairs, progress).candidates()
    del pairs  # the second look needs the room
    return look_again(found, made)


def look_again(found: Likely, made: Model) -> Scored:
    """The scores of candidates by both looks and by those that fit either."""
    accounts = found.round_them.accounts
    looked = second_look(found.left, found.right, found.first, accounts)
    weighed = made.weigh(found.left, found.right, found.first, looked, len(accounts))
    return Scored(found.left, found.right, found.round_them, looked, weighed)


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
    found = recorded(session, tier=tier, around=around)
    scored = score(found.accounts, model(), progress)
    return listed(session, scored, found.keys, around=around, least=least, judged=judged)


def listed(
    session: Session, scored: Scored, keys: Sequence[int], *, around: Sequence[int] | None, least: float, judged: bool
) -> list[Suggestion]:
    """Those of the candidates that :func:`suggest` lists; ``keys`` are the ids of all incidents they are among."""
    held = standing(session)
    asked = None if around is None else set(around)
    chosen, verdicts = [], []
    for at in np.argsort(-scored.probability, kind="stable").tolist():
        if scored.probability[at] < least:
            break
        pair = keys[scored.left[at]], keys[scored.right[at]]
        ruling = held.rulings.get((min(pair), max(pair)))
        verdict = None if ruling is None or ruling.verdict is Verdict.UNDECIDED else ruling.verdict
        settled = verdict is not None or held.head(pair[0]) == held.head(pair[1])
        if (asked is not None and asked.isdisjoint(pair)) or (settled and not judged):
            continue
        chosen.append(at)
        verdicts.append(verdict)
    rows = scored.round_them.accounts.rows
    reasons = scored.reasons(model(), np.array(chosen, dtype=np.int64))
    return [
        Suggestion(rows[one], rows[other], (keys[one], keys[other]), float(scored.probability[at]), why, verdict)
        for at, one, other, verdict, why in zip(
            chosen, scored.left[chosen].tolist(), scored.right[chosen].tolist(), verdicts, reasons, strict=True
        )
    ]
