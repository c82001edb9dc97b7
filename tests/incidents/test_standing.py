"""What stands of the judgements, against a slow and plain reading of the five rules."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.vocabulary import Verdict
from incidents.standing import PART, SAME, WHOLE, Ruling, Standing

RECORDS = range(1, 7)
PAIRS = st.lists(st.sampled_from(RECORDS), min_size=2, max_size=2, unique=True).map(tuple)
JUDGEMENTS = st.lists(st.tuples(PAIRS, st.sampled_from(Verdict)), max_size=16)


def standing(*judgements: tuple[tuple[int, int], Verdict]) -> Standing:
    found = Standing({})
    for (first, second), verdict in judgements:
        found = found.after(*ruled(first, second, verdict))
    return found


def ruled(first: int, second: int, verdict: Verdict) -> tuple[tuple[int, int], Ruling]:
    return (min(first, second), max(first, second)), Ruling(verdict, first if verdict is Verdict.PART_OF else None)


def components(links: Any) -> list[set[int]]:
    sets = [{key} for key in RECORDS]
    for low, high in links:
        joined = [group for group in sets if low in group or high in group]
        sets = [group for group in sets if group not in joined] + [set().union(*joined)]
    return sets


def can_stand(rulings: dict[tuple[int, int], Ruling]) -> bool:
    sets = components(pair for pair, ruling in rulings.items() if ruling.verdict is Verdict.SAME)
    event = {key: number for number, group in enumerate(sets) for key in group}
    different = {(event[low], event[high]) for (low, high), one in rulings.items() if one.verdict is Verdict.DIFFERENT}
    above = {(event[one.part], event[low + high - one.part]) for (low, high), one in rulings.items() if one.part}
    if len({part for part, _ in above}) < len(above):
        return False
    for middle, low, high in product(event.values(), repeat=3):
        if (low, middle) in above and (middle, high) in above:
            above.add((low, high))
    related = different | above
    return not any(low == high for low, high in related) and not different & (above | {pair[::-1] for pair in above})


@given(JUDGEMENTS)
def test_what_is_found_to_contradict_is_what_the_rules_forbid(judgements: list[Any]) -> None:
    held = Standing({})
    for pair, verdict in judgements:
        trial = held.after(*ruled(*pair, verdict))
        against = trial.contradiction()
        assert (against is None) == can_stand(dict(trial.rulings))
        if against is None:
            held = trial
            continue
        steps = list(zip(pairwise(against.path), against.links, strict=True))
        assert len(steps) > 0
        for (here, there), link in steps:
            ruling = trial.rulings[min(here, there), max(here, there)]
            expected = {SAME: (Verdict.SAME, None), PART: (Verdict.PART_OF, here), WHOLE: (Verdict.PART_OF, there)}
            assert (ruling.verdict, ruling.part) == expected[link]


@given(JUDGEMENTS)
def test_the_groups_are_the_components_and_each_event_has_one_name(judgements: list[Any]) -> None:
    held = standing(*judgements)
    joined = components(held.of(Verdict.SAME))
    assert held.groups == sorted(sorted(group) for group in joined if len(group) > 1)
    assert all(held.head(key) == min(group) for group in joined for key in group)


TOLD = {
    "different in one event": (
        [((1, 2), Verdict.SAME), ((2, 3), Verdict.SAME), ((1, 3), Verdict.DIFFERENT)], "a – b – c"
    ),
    "part in one event": ([((1, 2), Verdict.SAME), ((2, 3), Verdict.SAME), ((3, 1), Verdict.PART_OF)], "c – b – a"),
    "two wholes": (
        [((1, 2), Verdict.PART_OF), ((3, 4), Verdict.PART_OF), ((1, 3), Verdict.SAME)],
        "b with its part a – c part of d",
    ),
    "a circle": (
        [((1, 2), Verdict.PART_OF), ((2, 3), Verdict.SAME), ((3, 1), Verdict.PART_OF)],
        "a part of b – c part of a",
    ),
    "different of part and whole": (
        [((1, 2), Verdict.PART_OF), ((2, 3), Verdict.PART_OF), ((3, 1), Verdict.DIFFERENT)],
        "a part of b part of c",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("judgements", "told"), TOLD.values(), ids=TOLD.keys())
def test_the_chain_is_told(judgements: list[Any], told: str) -> None:
    against = standing(*judgements).contradiction()
    assert against is not None
    assert against.told(dict(zip(RECORDS, "abcdef", strict=True))) == told


def test_wholes_that_are_one_event_are_one_whole() -> None:
    held = standing(
        ((1, 3), Verdict.PART_OF), ((2, 4), Verdict.PART_OF), ((1, 2), Verdict.SAME), ((3, 4), Verdict.SAME)
    )
    assert held.contradiction() is None
    assert (held.wholes, list(held.above(2))) == ({1: 3}, [3])
    # Without the last link the event would have two wholes: its undoing is what is refused.
    assert held.after((3, 4), Ruling(Verdict.UNDECIDED)).contradiction() is not None
