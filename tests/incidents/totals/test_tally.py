"""The laws of totals, over made-up judgements, and the cases that they do not settle."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from db.vocabulary import Bound, Category, Outcome, Verdict
from incidents.ranges import Figure, Rule
from incidents.standing import Pair, Ruling, Standing
from incidents.totals.tally import (
    WEIGHING,
    Amount,
    Event,
    Fit,
    Links,
    Record,
    Subject,
    Tally,
    fit_of,
    links_of,
    tally,
)

STEPS = int(os.environ.get("ATLAS_LAW_STEPS", "400"))
"""Made-up judgements; ATLAS_LAW_STEPS=100000 makes a hundred thousand."""
PER_RUN = 50
KEYS = range(1, 8)
PAIRS = tuple(combinations(KEYS, 2))
LINKING = (Rule.ENVELOPE, Rule.CONSERVATIVE)
"""The rules by which a link never raises either end. By latest_per_source it never raises the high end: a later word of
a source may replace a lower one. The others ask who says so, and a link may bring a second source."""


def figure(
    key: int, low: int | None, high: int | None, *, category: Category = Category.CIVILIAN, source: int = 1,
    bound: Bound | None = None, report: int = 0,
) -> Figure:  # fmt: skip
    """A figure of the killed; the bound follows from the two numbers."""
    if bound is None:
        bound = Bound.AT_MOST if low is None else Bound.AT_LEAST if high is None else Bound.BETWEEN
        bound = Bound.EXACT if low == high else bound
    said = datetime(2017, 3, 1 + key % 28, tzinfo=UTC)
    return Figure(
        key, f"c{key}", Outcome.KILLED, category, bound, low, high, None, f"s{source}", source, report or key,
        f"g{source}", said, source == 1,
    )  # fmt: skip


def record(key: int, low: int | None, high: int | None) -> Record:
    """A record with one figure of civilians."""
    return Record(key, (figure(key, low, high, source=key),) if (low, high) != (None, None) else ())


def of(records: list[Record], rule: Rule = Rule.ENVELOPE, **links: set[Pair]) -> Tally:
    """The tally of civilians."""
    found = Links(**{name: frozenset(pairs) for name, pairs in links.items()})
    return tally(records, found, Subject(Category.CIVILIAN, rule=rule))


def ends(amount: Amount) -> tuple[float, float]:
    """The low and the high end; an open high end is without end."""
    return amount.low, math.inf if amount.high_open else amount.high


NUMBERS = st.integers(0, 40)
SPANS = st.one_of(
    NUMBERS.map(lambda low: (low, low)),
    st.tuples(NUMBERS, NUMBERS).map(lambda two: (min(two), max(two))),
    NUMBERS.map(lambda low: (low, None)),
    NUMBERS.map(lambda high: (None, high)),
    st.just((0, 0)),  # a denial
)
LISTS = st.lists(st.tuples(SPANS, st.integers(1, 4), st.sampled_from(["civilian", "total_people"])), max_size=3)
FITS = st.fixed_dictionaries({
    "time": st.sampled_from([Fit.SURELY, *Fit]), "place": st.sampled_from([Fit.SURELY, *Fit]),
    "named": st.sampled_from([True, True, False]), "contested": st.sampled_from([False, False, True]),
})  # fmt: skip


VERDICTS = {
    "same": Ruling(Verdict.SAME), "unsure": Ruling(Verdict.UNSURE), "different": Ruling(Verdict.DIFFERENT),
    "undecided": Ruling(Verdict.UNDECIDED),
}  # fmt: skip


class Laws(RuleBasedStateMachine):
    """Seven records and the judgements on their pairs, made, changed and undone at random.

    What the product refuses, since it contradicts what stands, is refused here too. Half of the machines ask for what
    all records surely are, half for what each is or is not.
    """

    standing = Standing({})
    tried = stood = 0
    """Judgements of all machines together."""

    @initialize(
        figures=st.lists(LISTS, min_size=len(KEYS), max_size=len(KEYS)),
        fits=st.none() | st.lists(FITS, min_size=len(KEYS), max_size=len(KEYS)),
    )
    def record(self, figures: list[list[Any]], fits: list[dict[str, Any]] | None) -> None:
        self.inside = [
            Record(key, tuple(
                figure(
                    10 * key + at, *span, source=source, category=Category(category),
                    bound=Bound.NONE_DENIED if span == (0, 0) else None,
                )
                for at, (span, source, category) in enumerate(listed)
            ))
            for key, listed in zip(KEYS, figures, strict=True)
        ]  # fmt: skip
        self.records = self.inside
        if fits is not None:
            self.records = [replace(one, **fit) for one, fit in zip(self.inside, fits, strict=True)]

    def found(self, standing: Standing, rule: Rule) -> Tally:
        return tally(self.records, links_of(standing), Subject(Category.CIVILIAN, rule=rule))

    @rule(
        pair=st.sampled_from(PAIRS),
        said=st.sampled_from(["same", "same", "unsure", "part", "whole", "different", "undecided"]),
        other=st.sampled_from([one for one in Rule if one is not Rule.ENVELOPE]),
    )
    def judge(self, pair: Pair, said: str, other: Rule) -> None:
        Laws.tried += 1
        ruling = VERDICTS.get(said) or Ruling(Verdict.PART_OF, pair[said == "whole"])
        after = self.standing.after(pair, ruling)
        without = Standing({other: kept for other, kept in self.standing.rulings.items() if other != pair})
        if after.contradiction() is not None or without.contradiction() is not None:
            return
        undone = after.after(pair, Ruling(Verdict.UNDECIDED))
        for one in (other, Rule.ENVELOPE):
            unjudged, judged = self.found(without, one), self.found(after, one)
            before, now = unjudged.total, judged.total
            if both_count(unjudged, pair):
                if one in LINKING:
                    assert ends(now)[0] <= ends(before)[0]
                if one in {*LINKING, Rule.LATEST_PER_SOURCE}:
                    assert ends(now)[1] <= ends(before)[1]
            if said in {"undecided", "different"}:
                assert now == before
            if said == "unsure" and one not in WEIGHING:
                assert ends(now)[1] == ends(before)[1]  # read as two events for the high end
            # Undone, it leaves no trace.
            assert self.found(undone, one).total == before
        Laws.stood += 1
        self.standing = after
        self.check(judged)

    def check(self, found: Tally) -> None:
        """What holds of every tally, here of the one by the envelope."""
        subject = Subject(Category.CIVILIAN)
        turned = links_of(Standing(dict(reversed(list(self.standing.rulings.items())))))
        assert tally(self.records[::-1], turned, subject).total == found.total  # the order does not matter
        assert found.different.total == added(list(found.different.events))  # no part is added to its whole
        links = links_of(self.standing)
        civilians = [
            replace(one, figures=[two for two in one.figures if two.category is Category.CIVILIAN])
            for one in self.records
        ]
        assert tally(civilians, links, subject).total == found.total  # other categories count for nothing
        sure = [event.found.low or 0 for event in found.different.events if event.fit is Fit.SURELY]
        assert found.different.total.low <= sum(sure)  # what is only possibly in scope adds nothing to the low end
        if self.records is not self.inside:
            every = tally(self.inside, links, subject).total
            # The number alone: an end may be open where the figure of a whole that would close it is out of scope.
            assert found.total.low <= every.low
            assert found.total.high <= every.high


def both_count(found: Tally, pair: Pair) -> bool:
    """Whether both records of a pair are counted, whichever way the undecided pairs are read."""
    return all(
        any(event.counts and key in event.keys for event in reading.events)
        for reading in (found.different, found.same)
        for key in pair
    )


def added(events: list[Event]) -> Amount:
    """The sum by recursion, each whole the greater of its own and its parts: another way to the same."""

    def low(event: Event) -> tuple[int, bool]:
        own = event.own()
        parts = [low(events[part]) for part in event.parts]
        if len(parts) == 0:
            return own.low, own.low_open
        below = sum(one for one, _ in parts), any(is_open for _, is_open in parts)
        return max((own.low, own.low_open), below, key=lambda two: (two[0], not two[1]))

    def high(event: Event) -> int:
        return max(event.own().high, sum(high(events[part]) for part in event.parts))

    def said_open(event: Event) -> bool:
        own = event.own()
        return (own.known and own.high_open) or any(said_open(events[part]) for part in event.parts)

    def known(event: Event) -> bool:
        return event.own().known or any(known(events[part]) for part in event.parts)

    def has_open_end(event: Event) -> bool:
        own = event.own()
        parts = any(has_open_end(events[part]) for part in event.parts)
        return own.high_open or (said_open(event) if own.known else parts)

    roots = [event for event in events if event.whole is None]
    return Amount(
        sum(low(event)[0] for event in roots),
        sum(high(event) for event in roots),
        any(low(event)[1] for event in roots),
        any(has_open_end(event) for event in roots),
        any(known(event) for event in roots),
    )


@pytest.mark.long
def test_the_laws_hold_over_made_up_judgements() -> None:
    Laws.tried = Laws.stood = 0
    run_state_machine_as_test(
        Laws,
        settings=settings(
            max_examples=math.ceil(1.15 * STEPS / PER_RUN),  # some end early
            stateful_step_count=PER_RUN,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{Laws.tried:,} judgements tried, {Laws.stood:,} made")  # noqa: T201 - the measure, which -rP shows
    assert Laws.tried >= STEPS


def test_a_named_event_twice_recorded_is_counted_once() -> None:
    records = [record(1, 42, 42), record(2, 47, None), record(3, 30, 33)]
    assert of(records).total.text() == "119–122+"
    assert of(records, same={(1, 2)}).total.text() == "72–80+"


def test_an_undecided_pair_widens_both_ways_and_is_told() -> None:
    found = of([record(1, 42, 42), record(2, 47, 47), record(3, 30, 33)], unsure={(1, 2)})
    assert (found.same.total.text(), found.different.total.text()) == ("72–80", "119–122")
    assert (found.total.text(), found.unsure) == ("72–122", ((1, 2),))


def test_a_whole_is_the_greater_of_its_own_and_the_sum_of_its_parts() -> None:
    records = [record(1, 84, None), record(2, 40, 40), record(3, 30, 60)]
    assert of(records, parts={(2, 1), (3, 1)}).total.text() == "84–100+"
    assert of([record(1, None, None), *records[1:]], parts={(2, 1), (3, 1)}).total.text() == "70–100+"
    assert of([record(1, 84, 84), record(2, 40, 40), Record(3, ())], parts={(2, 1), (3, 1)}).total.text() == "84"


def test_a_part_of_a_part_is_counted_once() -> None:
    records = [record(1, 10, 10), record(2, 8, 8), record(3, 9, 9)]
    assert of(records, parts={(2, 1), (3, 2)}).total.text() == "10"


def test_undecided_pairs_that_close_a_ring_of_parts_only_lower_the_low_end() -> None:
    records = [record(1, 10, 10), record(2, 4, 4), record(3, 6, 6)]
    found = of(records, parts={(2, 1), (3, 2)}, unsure={(1, 3)})
    assert (found.same.total.text(), found.total.text()) == ("4–10", "4–10")
    two_wholes = of(records, parts={(3, 1)}, unsure={(2, 3)})
    assert two_wholes.total.text() == "10–14"


@pytest.mark.parametrize(
    ("fits", "text"),
    [
        ({}, "12"),
        ({"time": Fit.POSSIBLY}, "0–12"),  # only the high end
        ({"place": Fit.OUTSIDE}, "unknown"),
        ({"place": Fit.UNKNOWN}, "unknown"),  # apart: neither in nor out
        ({"named": False}, "unknown"),
        ({"contested": True}, "0–12"),
    ],
)
def test_what_is_only_possibly_in_scope_adds_to_the_high_end_only(fits: dict[str, Any], text: str) -> None:
    found = of([Record(1, (figure(1, 12, 12),), **fits)])
    assert found.total.text() == text
    assert len(found.apart()) == (fits.get("place") is Fit.UNKNOWN)


def test_an_event_is_sure_where_all_of_its_records_are() -> None:
    sure, unplaced = Record(1, ()), Record(2, (), place=Fit.UNKNOWN)
    assert fit_of([sure, unplaced]) is Fit.SURELY
    assert fit_of([sure, Record(2, (), time=Fit.OUTSIDE)]) is Fit.POSSIBLY
    assert fit_of([sure, Record(2, (), named=False)]) is Fit.SURELY


def test_a_part_in_scope_of_a_whole_that_is_not_counts_itself() -> None:
    whole = Record(1, (figure(1, 84, 84),), time=Fit.OUTSIDE)
    assert of([whole, record(2, 40, 40)], parts={(2, 1)}).total.text() == "40"


JOINED = {(1, 2)}


@pytest.mark.parametrize(
    ("other", "before", "after"),
    [
        ({"place": Fit.UNKNOWN}, "10", "10–12"),  # counted apart before
        ({"place": Fit.OUTSIDE}, "10", "0–12"),
        ({"named": False}, "10", "10–12"),  # of which nobody was accused
    ],
)
def test_a_link_brings_in_the_figures_of_a_record_that_was_not_counted(
    other: dict[str, Any], before: str, after: str
) -> None:
    """The total rises, and no death is counted twice: never above what both were with the other in scope too."""
    records = [record(1, 10, 10), Record(2, (figure(2, 12, 12, source=2),), **other)]
    assert (of(records).total.text(), of(records, same=JOINED).total.text()) == (before, after)
    assert of([records[0], record(2, 12, 12)]).total.text() == "22"


def test_a_link_brings_the_second_source_that_corroborated_asks_for() -> None:
    records = [record(1, 42, 42), record(2, 42, 42)]
    assert of(records, Rule.CORROBORATED).total.text() == "unknown"
    assert of(records, Rule.CORROBORATED, same=JOINED).total.text() == "42"


def test_a_link_may_raise_the_low_end_by_the_latest_word_of_each_source() -> None:
    """Each source first said that nobody died, one in the one record and one in the other, and both said 30 later."""
    none = [figure(1, 0, 0, source=1), figure(2, 0, 0, source=2)]
    later = [figure(11, 30, 30, source=2), figure(12, 30, 30, source=1)]
    records = [Record(key, (none[at], later[at])) for at, key in enumerate((1, 2))]
    assert of(records, Rule.LATEST_PER_SOURCE).total.text() == "0–60"
    assert of(records, Rule.LATEST_PER_SOURCE, same=JOINED).total.text() == "30"


def test_an_event_without_a_figure_leaves_the_total_open() -> None:
    found = of([record(1, 10, 10), Record(2, ())])
    assert (found.total.text(), found.without_figure()) == ("10+", 1)
    assert of([]).total.text() == "unknown"
