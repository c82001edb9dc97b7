"""Which records are compared: a property beside the plain rule, and cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.suggestions.accounts import Account, Accounts
from incidents.suggestions.pairs import DAYS, NEAR_KM, PairFinder, distances_km

POINTS = st.none() | st.tuples(st.floats(36, 39), st.floats(33, 36), st.sampled_from([0.1, 5.0, 60.0]))
ACCOUNTS = st.builds(
    lambda start, days, point, country: Account(
        "x", start=start, end=None if start is None else start + days, country=country,
        lon=point and point[0], lat=point and point[1], radius_km=point and point[2],
    ),
    st.none() | st.integers(0, 20).map(float), st.integers(0, 8), POINTS, st.sampled_from([None, "SY", "IQ"]),
)  # fmt: skip


def meet(one: Account, other: Account, away: float) -> bool:
    if one.start is None or other.start is None or one.end is None or other.end is None:
        return False
    if max(one.start, other.start) - min(one.end, other.end) > DAYS:
        return False
    if one.radius_km is None or other.radius_km is None:
        return one.country == other.country or None in (one.country, other.country)
    return away <= one.radius_km + other.radius_km + NEAR_KM


@given(st.lists(ACCOUNTS, max_size=9))
def test_the_pairs_are_those_whose_windows_meet_each_once(rows: list[Account]) -> None:
    accounts = Accounts(rows)
    found = [(int(one), int(other)) for left, right in PairFinder.of(accounts).all() for one, other in zip(left, right)]  # noqa: B905 - arrays of one shape
    expected = {
        (one, other)
        for other in range(len(rows))
        for one in range(other)
        if meet(rows[one], rows[other], float(distances_km(accounts, np.array([one]), np.array([other]))[0]))
    }
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_a_precise_record_meets_a_vague_one_that_names_the_province() -> None:
    """Al Jinah and "a mosque in Aleppo province ... last week", 32 km off by its point."""
    mosque = Account("a", start=17_241, end=17_241, lon=36.80, lat=36.117, radius_km=0.1)
    vague = Account("b", start=17_238, end=17_251, lon=37.15, lat=36.2, radius_km=80.0)
    assert distances_km(Accounts([mosque, vague]), np.array([0]), np.array([1]))[0] == pytest.approx(32.7, abs=0.5)
    assert [len(left) for left, _ in PairFinder.of(Accounts([mosque, vague])).all()] == [1]


def test_without_any_time_nothing_is_compared() -> None:
    assert list(PairFinder.of(Accounts([Account("a"), Account("b")])).all()) == []
