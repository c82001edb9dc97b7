"""The flat files: every column documented, no cell a formula, unknown empty and zero 0."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.cells import restore_cell
from db.engine import Database
from db.session import read_session, write_session
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, Column, Role, named
from incidents.exports.csvfile import cell, join, write_claims_csv, write_incidents_csv
from incidents.importers.csv_cells import split
from incidents.query import Query, find
from incidents.records import IncidentInput, add_incident
from incidents.tiers import Tier

TEXT = Column("text", Role.CARRIED, "a text")


def table(database: Database, *, claims: bool = False, tier: Tier = Tier.PUBLIC) -> tuple[bytes, list[dict[str, str]]]:
    out = io.BytesIO()
    with read_session(database) as session:
        keys = find(session, Query(tier=Tier.INTERNAL)).keys()
        count = (write_claims_csv if claims else write_incidents_csv)(session, keys, out, tier=tier)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    assert len(rows) == count
    return out.getvalue(), rows


def by_code(rows: list[dict[str, str]], code: str) -> dict[str, str]:
    return next(row for row in rows if row["code"] == code)


@pytest.mark.parametrize(("claims", "columns"), [(False, INCIDENT_COLUMNS), (True, CLAIM_COLUMNS)])
def test_the_header_is_the_documented_columns(ledger: Database, claims: bool, columns: tuple[Column, ...]) -> None:
    content, rows = table(ledger, claims=claims)
    assert list(rows[0]) == named(columns, Role.CARRIED, Role.DERIVED)
    assert all(column.about.strip() != "" for column in columns)
    assert len({column.name for column in columns}) == len(columns)
    assert content.endswith(b"\r\n")  # RFC 4180
    assert not content.startswith(b"\xef\xbb\xbf")


def test_there_is_one_row_per_incident_the_tier_may_see(ledger: Database) -> None:
    assert [row["code"] for row in table(ledger)[1]] == ["clinic", "market", "shelter", "road"]
    assert len(table(ledger, tier=Tier.INTERNAL)[1]) == 5


def test_zero_is_0_and_unknown_is_empty_and_denied_is_said(ledger: Database) -> None:
    market = by_code(table(ledger)[1], "market")
    assert (market["killed_child_low"], market["killed_child_high"], market["killed_child_text"]) == ("0", "0", "0")
    assert (market["killed_woman_low"], market["killed_woman_text"]) == ("", "unknown")
    assert (market["killed_combatant_low"], market["killed_combatant_denied"]) == ("", "yes")
    assert (market["killed_combatant_text"], market["killed_undetermined_status_denied"]) == ("denied", "")
    assert (market["killed_civilian_low"], market["killed_civilian_low_open"]) == ("30", "yes")
    assert market["killed_civilian_contradictory"] == "yes"


def test_not_assessed_is_no_empty_cell_and_no_investigation_is_one(ledger: Database) -> None:
    rows = table(ledger)[1]
    assert by_code(rows, "road")["status"] == ""
    assert by_code(rows, "market")["status"] == (
        "The Coalition, credibility_assessment: credible (2018-06-28)"
        " | Air Arm, command_investigation: reported (2017-03-23)"
    )


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "＝"])
def test_no_text_cell_is_taken_for_a_formula(database: Database, sign: str) -> None:  # B15
    with write_session(database, who="tester", why="a name") as session:
        add_incident(session, IncidentInput(code="i", name="n", names=[{"name": f"a{sign}1"}], time_words=None))
        add_incident(session, IncidentInput(code="j", name=f"{sign}1+1".strip() or "x", country="SY"))
    for row in table(database)[1]:
        assert all(not text.startswith(("=", "+", "-", "@", "\t", "＝")) for text in row.values())
        assert restore_cell(row["name"]) in {"n", f"{sign}1+1".strip()}


def test_numbers_are_not_neutralised(ledger: Database) -> None:
    minus = Column("lon", Role.CARRIED, "degrees", text=False)
    assert cell(-3.5, minus) == "-3.5"
    assert cell("-3.5", TEXT) == "'-3.5"


def test_every_claim_has_a_row_with_its_own_words(ledger: Database) -> None:
    rows = table(ledger, claims=True, tier=Tier.INTERNAL)[1]
    words = {row["code"]: (row["bound"], row["minimum"], row["maximum"], row["words"]) for row in rows}
    assert words["market-c1"] == ("at_least", "33", "", "at least 33")
    assert words["market-c2"] == ("at_most", "", "30", "up to 30")
    assert words["market-c3"] == ("none_denied", "0", "0", "none (denied)")
    assert by_code(rows, "taken-back")["withdrawn_on"] == "2018-02-03"
    assert by_code(rows, "sealed-count")["superseded_by"] != ""
    assert by_code(rows, "both")["incidents"] == "clinic | market"
    assert {row["event"] for row in rows if row["incident"] == "shelter"} == {"market"}


def test_a_public_claim_does_not_name_the_hidden_one_it_replaces(ledger: Database) -> None:
    content, rows = table(ledger, claims=True)
    assert b"sealed" not in content
    assert all(row["minimum"] != "77771" for row in rows)


@given(st.lists(st.text(min_size=1).map(str.strip).filter(lambda text: text != "")))
def test_a_list_in_a_cell_reads_back(texts: list[str]) -> None:
    assert split(join(texts)) == texts
