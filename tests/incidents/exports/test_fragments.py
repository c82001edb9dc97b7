from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

import incidents.derived
from db.derived import is_fresh
from db.engine import Database
from db.errors import AtlasError
from db.session import read_session, write_session
from db.tables import Incident, Organisation, Report
from db.vocabulary import Visibility
from incidents.claims import withdraw_claim
from incidents.derived import differences, rebuild
from incidents.exports import geojson
from incidents.exports.geojson import write_geojson
from incidents.exports.prepared import differing_prepared
from incidents.query import Match
from incidents.records import find_incident
from tests.incidents.factories import claim, organisation, point, report, same, step

CODES = ("market", "shelter", "clinic", "road", "secret")
Edit = Callable[[Session, int], Any]


def written(session: Session, keys: list[int], matches: dict[int, Match] | None = None) -> bytes:
    stream = io.BytesIO()
    write_geojson(session, keys, stream, matches=matches)
    return stream.getvalue()


def both(database: Database, matches: dict[int, Match] | None = None) -> tuple[bytes, bytes]:
    """The default export from the fragments, and made anew from the dossiers."""
    with read_session(database) as session:
        keys = [find_incident(session, code).key for code in CODES]
        assert is_fresh(session)
        ready = written(session, keys, matches)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(geojson, "is_fresh", lambda _session: False)
            return ready, written(session, keys, matches)


def fragments(session: Session) -> set[int]:
    return set(session.execute(sa.text("SELECT incident_id FROM fragment")).scalars())


def test_ready_features_are_those_that_dossiers_give(ledger: Database) -> None:
    ready, made = both(ledger)
    assert ready == made
    assert ready.count(b'"type":"Feature"') == 4


def test_how_each_answered_the_query_is_added(ledger: Database) -> None:
    ready, made = both(ledger, {1: Match.SURELY, 3: Match.POSSIBLY})
    assert ready == made
    assert b'"match":"possibly"' in ready


def test_what_is_not_public_has_no_fragment_and_the_rest_has(ledger: Database) -> None:
    with read_session(ledger) as session:
        assert fragments(session) == {find_incident(session, code).key for code in CODES[:4]}


def test_an_incident_without_a_fragment_is_read_in_full(ledger: Database) -> None:
    whole, _ = both(ledger)
    with write_session(ledger, who="tester", why="a lost row") as session:
        session.execute(sa.text("DELETE FROM fragment WHERE incident_id < 3"))
    assert both(ledger)[0] == whole


def test_a_fragment_that_is_not_what_it_should_be_is_found(ledger: Database) -> None:
    with write_session(ledger, who="tester", why="raw SQL") as session:
        keys = [find_incident(session, code).key for code in CODES]
        assert differing_prepared(session, keys)["fragment"] == set()
        session.execute(sa.text("UPDATE fragment SET body = (SELECT body FROM fragment WHERE incident_id = 1)"))
        session.execute(sa.text("DELETE FROM fragment WHERE incident_id = 4"))
        assert differing_prepared(session, keys) == {
            "fragment": {2, 3},
            "summary": set(),
        }  # one that is missing is read in full


def test_a_change_of_many_takes_their_features_away_and_a_rebuild_makes_them(
    ledger: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents.derived, "MANY", 3)
    whole, _ = both(ledger)
    with write_session(ledger, who="tester", why="an import") as session:
        for code in CODES[:4]:
            find_incident(session, code).note = "seen again"
    with read_session(ledger) as session:
        assert fragments(session) == set()
        assert differences(session) == []
    assert both(ledger)[0] == whole
    with write_session(ledger, who="tester", why="ready features") as session:
        rebuild(session)
    with read_session(ledger) as session:
        assert fragments(session) == {find_incident(session, code).key for code in CODES[:4]}


def test_stale_fragments_are_not_read(ledger: Database) -> None:
    with write_session(ledger, who="tester", why="a write under way") as session:
        row = find_incident(session, "market")
        row.name = "A new name"
        session.flush()
        assert b"A new name" in written(session, [row.key])


def change(session: Session, table: type[Report | Organisation | Incident], number: int, **values: Any) -> None:
    row = session.get_one(table, number % 5 + 1)
    for name, value in values.items():
        setattr(row, name, value)


def about(session: Session, number: int) -> Incident:
    return find_incident(session, CODES[number % 5])


def part_of_another(session: Session, number: int) -> None:
    organisation(session, f"part-{number}", belongs_to=[{"group": "mrs-x", "kind": "part"}])
    claim(session, CODES[number % 4], "12", source=f"part-{number}")


EDITS: dict[str, Edit] = {
    "a claim": lambda session, n: claim(session, CODES[n % 5], str(n), code=f"c{n}"),
    "a claim taken back": lambda session, n: withdraw_claim(session, "market-late", on="2018-02-03", why=f"No. {n}."),
    "a total": lambda session, n: claim(
        session, None, str(n), scope="incident_set", incidents=[CODES[n % 5], CODES[(n + 1) % 5]]
    ),
    "a place": lambda session, n: point(session, about(session, n), 38 + n / 1000, 36, geoprivacy="reduced"),
    "a step": lambda session, n: step(session, about(session, n), "open", "2017-09-09", authority="monitor"),
    "one event": lambda session, n: same(session, CODES[n % 5], CODES[(n + 2) % 5]),
    "one event no more": lambda session, n: same(session, CODES[n % 5], CODES[(n + 2) % 5], "undecided"),
    "a report": lambda session, n: report(session, f"r{n}"),
    "a report closed": lambda session, n: change(session, Report, n, visibility=Visibility.RESTRICTED),
    "a report opened": lambda session, n: change(session, Report, n, visibility=Visibility.PUBLIC, may_export=True),
    "a title": lambda session, n: change(session, Report, n, title=f"Title {n}"),
    "a publisher's name": lambda session, n: change(session, Organisation, n, name=f"Name {n}"),
    "another's word": lambda session, n: change(session, Organisation, n, independence_group=f"group-{n}"),
    "the word of the first": lambda session, n: change(session, Organisation, n, independence_group="coalition"),
    "a part": part_of_another,
    "a hidden incident": lambda session, n: change(session, Incident, n, visibility=Visibility.RESTRICTED),
    "a shown incident": lambda session, n: change(session, Incident, n, visibility=Visibility.PUBLIC, withdrawn=False),
    "a withdrawn incident": lambda session, n: change(session, Incident, n, withdrawn=True),
}  # fmt: skip


@settings(max_examples=12)
@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(1, 900)), min_size=1, max_size=6, unique=True))
def test_after_any_edits_both_ways_give_the_same_bytes(ledger: Database, edits: list[tuple[str, int]]) -> None:
    """The edits pile up from example to example; one that the product refuses changes nothing."""
    for name, number in edits:
        try:
            with write_session(ledger, who="tester", why=name) as session:
                EDITS[name](session, number)
        except AtlasError:
            continue
    ready, made = both(ledger)
    assert ready == made
    with read_session(ledger) as session:
        assert differing_prepared(session, range(1, 6)) == {"fragment": set(), "summary": set()}
