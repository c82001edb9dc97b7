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
    Organisation,
    Report,
    Statement,
)
from db.vocabulary import Bound, Outcome, Scope
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
BOUNDS = {
    "up_to": Bound.AT_MOST, "as_many_as": Bound.AT_MOST, "": Bound.UNQUANTIFIED, "greater_than": Bound.UNQUANTIFIED,
    "nearly": Bound.UNQUANTIFIED,
}  # fmt: skip
WARNINGS = {"C010", "C030"}
"""“At least” is said of them by the table, not by the source; they name no number."""
ACTORS = {
    "ISIS": "Islamic State", "Coalition excluding US": "US-led Coalition",
}  # fmt: skip


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


def test_every_other_row_is_a_claim_of_a_period_or_a_set(named: Session) -> None:
    rows = [row for row in seed_rows() if row["incident"] not in INCIDENTS and row["claim_id"] != "C048"]
    assert len(rows) == 80
    for row in rows:
        claim = find_claim(named, f"seed-{row['claim_id']}")
        report = named.get(Report, claim.report_id)
        assert report is not None
        assert report.code == f"seed-{row['seed_file'][:3]}"
        assert claim.locator == f"line {row['seed_line']}"
        assert claim.incident_id is None, row["claim_id"]
        assert (claim.minimum, claim.maximum) == (number(row["value_min"]), number(row["value_max"])), row["claim_id"]
        bound = Bound.UNQUANTIFIED if row["claim_id"] in WARNINGS else BOUNDS.get(row["bound"]) or Bound(row["bound"])
        assert claim.bound is bound, row["claim_id"]
        assert (claim.period is None) == (row["period_start"] == row["period_end"] == ""), row["claim_id"]
        whole = None if claim.subset_of_id is None else named.get(Claim, claim.subset_of_id)
        if row["claim_id"] == "C057":  # 380 of 4,643: the article's parts, which the table leaves open
            assert whole is not None
            assert (whole.code, row["subset_of"]) == ("seed-C060", "")
        else:
            assert ("" if whole is None else whole.code) == (row["subset_of"] and f"seed-{row['subset_of']}")


def test_every_row_has_its_scope(named: Session) -> None:
    """Perpetrator, area and the day it stood, as far as the table has them; a denial of one is not another's."""
    checked = 0
    for row in seed_rows():
        if row["claim_id"] == "C048":
            continue
        claim = find_claim(named, f"seed-{row['claim_id']}")
        blamed = None if claim.perpetrator_id is None else named.get(Organisation, claim.perpetrator_id)
        unsaid = row["perpetrator"] in {"", "unattributed", "unattributed on this line", "(all parties)"}
        assert (blamed is None) == unsaid, row["claim_id"]
        if blamed is not None:
            assert blamed.name == ACTORS.get(row["perpetrator"], row["perpetrator"]), row["claim_id"]
        assert claim.outcome is outcome_of(row), row["claim_id"]
        assert claim.as_of is not None or claim.stated is not None, row["claim_id"]
        if claim.incident_id is None and row["area"] != "":
            assert all(word in (claim.area or "") for word in row["area"].replace(";", " ").split()), row["claim_id"]
        checked += 1
    assert checked == 91


def outcome_of(row: dict[str, str]) -> Outcome:
    """What a row counts; comparisons and warnings are of the killed, or of the incidents that a source counts."""
    word = row["metric"].split(" ")[0]
    if word in FIGURES:
        return Outcome(word)
    if row["category"] == "claims of civilian casualties":
        return Outcome.INCIDENTS
    return {"comparison": Outcome.KILLED, "caveat": Outcome.KILLED}.get(word, Outcome.CONTEXT)


def test_every_row_of_the_table_is_recorded(named: Session) -> None:
    """91 as claims; C048, which names no number, as a statement on both incidents that it fits."""
    recorded = {code.removeprefix("seed-") for code in named.exec(select(Claim.code)) if code.startswith("seed-")}
    rows = {row["claim_id"] for row in seed_rows()}
    assert len(rows) == 92
    assert rows - recorded == {"C048"}
    assert recorded <= rows
    said = named.exec(select(Statement).where(col(Statement.words).contains("C048"))).all()
    assert [one.uncertain_target for one in said] == [True, True]


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
    assert len(found) == 60 + 17 + 6 + 2 + 24  # the seeds' totals; those of totals.toml, its series and its books
    assert all(claim.incident_id is None for claim in found)
    assert named.exec(select(ClaimIncident).join(Claim).where(Claim.scope == Scope.PERIOD)).all() == []


def test_the_statement_with_two_possible_targets_stands_on_both(named: Session) -> None:
    query = select(Incident.code).join(Statement).where(col(Statement.uncertain_target).is_(True))
    assert sorted(named.exec(query)) == ["aleppo-mosque", "raqqa-school"]
