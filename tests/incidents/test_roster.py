"""The roster is in the order of answers, and knows who stands where."""

from __future__ import annotations

import numpy as np

from db.engine import Database
from db.session import read_session
from incidents.columns import Columns
from incidents.query import Query, find
from incidents.roster import roster
from incidents.tiers import Tier


def test_everybody_that_a_tier_may_see_stands_in_the_order_of_answers(ledger: Database) -> None:
    columns = Columns(ledger)
    with read_session(ledger) as session:
        for tier in Tier:
            everybody = find(session, Query(tier=tier)).ids.tolist()
            made, without = roster(session, columns.spots(), tier), roster(session, None, tier)
            assert made.keys.tolist() == without.keys.tolist() == everybody
            assert made.starts.tolist() == without.starts.tolist()
            assert made.stops.tolist() == without.stops.tolist()
            assert not without.located.any()
            assert 0 < made.located.sum() < len(everybody)
    columns.close()


def test_incidents_are_found_by_their_ids(ledger: Database) -> None:
    with read_session(ledger) as session:
        made = roster(session, None, Tier.INTERNAL)
    assert made.numbers_of(made.keys).tolist() == list(range(len(made.keys)))
    assert made.numbers_of(np.array([int(made.keys[1]), 10**9, int(made.keys[0])])).tolist() == [1, 0]


def test_an_empty_database_has_an_empty_roster(database: Database) -> None:
    columns = Columns(database)
    with read_session(database) as session:
        made = roster(session, columns.spots(), Tier.PUBLIC)
    assert len(made.keys) == 0
    assert made.numbers_of(np.array([1])).tolist() == []
    columns.close()
