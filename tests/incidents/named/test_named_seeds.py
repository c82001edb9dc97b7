"""The seeds' figures: each row of the table of claims, of an incident, a period or a set, and nothing else."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from db.tables import (
    Claim,
    ClaimIncident,
    Incident,
    Report,
    Statement,
)
from db.vocabulary import Bound, Scope
from incidents import named as package
from incidents.claims import find_claim
from incidents.records import find_incident

CLAIMS = Path(__file__).parents[4] / "shared" / "seeds" / "claims.csv"
INCIDENTS = {  # the names of the table of claims
    "Mosul 17 March 2017": "mosul-2017-03-17",
    "Raqqa school (al-Mansoura)": "raqqa-school",
    "Al Jinah": "al-jinah",
    "Al Jinah (not named on this line)": "al-jinah",
    "the Aleppo mosque (= Al Jinah)": "aleppo-mosque",
    "the Aleppo mosque (= Al Jinah, see report)": "aleppo-mosque",
}
FIGURES = (
    "killed", "injured", "displaced", "casualties", "incidents", "massacres", "attacks_on_facilities",
)  # fmt: skip
BOUNDS = {"up_to": Bound.AT_MOST, "as_many_as": Bound.AT_MOST}


def seed_rows() -> list[dict[str, str]]:
    """The table of the seeds' claims, or a skip."""
    if not CLAIMS.is_file():
        pytest.skip("../shared/seeds/claims.csv is not beside this checkout")
    with CLAIMS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> int | None:
    return None if cell == "" else int(cell)


def test_every_seed_figure_of_a_named_incident_is_a_claim_of_it(named: Session) -> None:
    rows = [row for row in seed_rows() if row["incident"] in INCIDENTS]
    assert len(rows) == 11
    for row in rows:
        claim = find_claim(named, f"seed-{row['claim_id']}")
        denied = row["claim_id"] == "C046"  # the Pentagon's denial is an explicit zero
        bound = Bound.NONE_DENIED if denied else BOUNDS.get(row["bound"]) or Bound(row["bound"])
        incident = find_incident(named, INCIDENTS[row["incident"]])
        report = named.get(Report, claim.report_id)
        assert (claim.incident_id, claim.scope) == (incident.key, Scope.INCIDENT), row["claim_id"]
        assert (claim.minimum, claim.maximum) == (number(row["value_min"]), number(row["value_max"])), row["claim_id"]
        assert (claim.bound, claim.outcome.value) == (bound, row["metric"]), row["claim_id"]
        assert report is not None
        assert report.code == f"seed-{row['seed_file'][:3]}"
        assert claim.locator == f"line {row['seed_line']}"


def test_every_other_seed_figure_is_a_claim_of_a_period_or_a_set(named: Session) -> None:
    rows = [row for row in seed_rows() if row["incident"] not in INCIDENTS and row["metric"].startswith(FIGURES)]
    assert len(rows) == 63
    for row in rows:
        claim = find_claim(named, f"seed-{row['claim_id']}")
        assert claim.incident_id is None, row["claim_id"]
        assert (claim.minimum, claim.maximum) == (number(row["value_min"]), number(row["value_max"])), row["claim_id"]
        assert claim.bound is (BOUNDS.get(row["bound"]) or Bound(row["bound"])), row["claim_id"]
        whole = None if claim.subset_of_id is None else named.get(Claim, claim.subset_of_id)
        assert ("" if whole is None else whole.code) == (row["subset_of"] and f"seed-{row['subset_of']}")
        assert (claim.period is None) == (row["period_start"] == row["period_end"] == ""), row["claim_id"]


def test_rows_that_are_no_figure_are_left_out_and_listed(named: Session) -> None:
    text = Path(package.__file__).with_name("seeds.toml").read_text("utf-8").split("[[reports]]")[0]
    left = {row["claim_id"] for row in seed_rows() if not row["metric"].startswith(FIGURES)}
    recorded = {code.removeprefix("seed-") for code in named.exec(select(Claim.code)) if code.startswith("seed-")}
    assert len(left) == 18
    assert left.isdisjoint(recorded)
    assert all(f"{code}," in text or f"{code}:" in text for code in left)


@pytest.mark.parametrize(
    ("code", "incidents"),
    [
        ("seed-C011", {"mosul-2017-03-17"}),  # "around 200" in several strikes, that of 17 March among them
        ("seed-C034", {"mosul-2017-03-17"}),  # "as many as 200", the same
        ("seed-C031", set()),  # the related headline: which strikes it does not say
        ("school-and-market-hrw-84", {"raqqa-school"}),  # the school and the Tabqa market together
    ],
)
def test_a_total_of_several_strikes_is_no_claim_of_one(named: Session, code: str, incidents: set[str]) -> None:
    claim = find_claim(named, code)
    listed = select(Incident.code).join(ClaimIncident).where(ClaimIncident.claim_id == claim.key)
    assert (claim.scope, claim.incident_id) == (Scope.INCIDENT_SET, None)
    assert set(named.exec(listed)) == incidents


def test_no_period_claim_is_attached_to_an_incident(named: Session) -> None:
    period = select(Claim).where(Claim.scope == Scope.PERIOD)
    found = named.exec(period).all()
    assert len(found) == 60 + 6  # the seeds' totals, and those of totals.toml
    assert all(claim.incident_id is None for claim in found)
    assert named.exec(select(ClaimIncident).join(Claim).where(Claim.scope == Scope.PERIOD)).all() == []


def test_the_statement_with_two_possible_targets_stands_on_both(named: Session) -> None:
    query = select(Incident.code).join(Statement).where(col(Statement.uncertain_target).is_(True))
    assert sorted(named.exec(query)) == ["aleppo-mosque", "raqqa-school"]
