"""Short phrases for people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.engine import Database
from db.session import read_session
from incidents.dossiers import dossier
from incidents.phrases import day, local_day, metres, when
from incidents.records import find_incident
from incidents.tiers import Tier


@pytest.mark.parametrize(
    ("length", "expected"), [(0.0, "0 m"), (72.4, "72 m"), (999.0, "999 m"), (1000.0, "1.0 km"), (25000.0, "25.0 km")]
)
def test_lengths(length: float, expected: str) -> None:
    assert metres(length) == expected


def test_the_day_is_that_of_the_zone() -> None:
    moment = datetime(2017, 3, 16, 22, 30, tzinfo=UTC)
    assert local_day(moment, "Asia/Damascus") == "2017-03-17"
    assert local_day(moment, None) == "2017-03-16"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("market", "2017-03-20..03-21"),  # the year once
        ("clinic", "2017-03-01..03-31"),
        ("road", "unknown"),
    ],
)
def test_the_days_of_a_window(ledger: Database, code: str, expected: str) -> None:
    with read_session(ledger) as session:
        one = dossier(session, find_incident(session, code).key, tier=Tier.INTERNAL)
    assert one is not None
    assert day(one) == expected
    assert (when(one) == "unknown") is (expected == "unknown")
