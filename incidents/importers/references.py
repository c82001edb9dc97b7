"""What the features of our own GeoJSON refer to: organisations, reports, totals and judgements, back in."""

from __future__ import annotations

from collections import defaultdict

from sqlmodel import Session, col, select

from db.errors import ConflictError
from db.tables import (
    Claim,
    ClaimIncident,
    Incident,
    Judgement,
    JudgementReport,
    Organisation,
    OrganisationAlias,
    OrganisationMembership,
    Report,
)
from db.vocabulary import Verdict
from gazetteer.folding import fold
from incidents.dossiers import dossier
from incidents.exports.masks import Mask
from incidents.exports.records import DERIVED_CLAIM, Record, claim_record
from incidents.exports.tables import organisation_record, report_record
from incidents.importers.carried import (
    code_of,
    difference,
    plain,
    records,
    refuse_difference,
    texts,
    without_nulls,
)
from incidents.importers.feature import add_own_claim
from incidents.inputs import validated
from incidents.organisations import OrganisationInput, add_organisation
from incidents.records import find_incident
from incidents.reports import ReportInput, add_report
from incidents.same_event import JudgementInput, judge
from incidents.tiers import Tier

INTERNAL = Mask(Tier.INTERNAL)


def take_organisation(session: Session, record: Record, mask: Mask) -> bool:
    """Record an organisation, or find it recorded with at least these names and memberships.

    Returns:
        Whether it is new.

    Raises:
        InputError: it is not acceptable. ConflictError: ``different_content``, or a name is taken.
    """
    row = session.exec(select(Organisation).where(Organisation.code == code_of(record))).first()
    if row is None:
        add_organisation(session, validated(OrganisationInput, without_nulls(record), where="members"))
        return True
    held = _organisation(session, row, INTERNAL)
    # More names and memberships than the file has are no contradiction.
    names = {fold(name) for name in held["aliases"]}
    if {fold(name) for name in texts(record.get("aliases"), "aliases")} <= names:
        record = {name: value for name, value in record.items() if name != "aliases"}
    if all(one in held["belongs_to"] for one in records(record.get("belongs_to"), "belongs_to")):
        record = {name: value for name, value in record.items() if name != "belongs_to"}
    _check_same(row.code, record, held, _organisation(session, row, mask))
    return False


def _organisation(session: Session, row: Organisation, mask: Mask) -> Record:
    names = session.exec(select(OrganisationAlias).where(OrganisationAlias.organisation_id == row.id)).all()
    belongs = session.exec(select(OrganisationMembership).where(OrganisationMembership.member_id == row.id)).all()
    groups = session.exec(select(Organisation).where(col(Organisation.id).in_([one.group_id for one in belongs]))).all()
    codes = {group.key: group.code for group in groups}
    found: Record = plain(organisation_record(row, [one.name for one in names], list(belongs), codes, mask))
    return found


def take_report(session: Session, record: Record, mask: Mask) -> bool:
    """Record a report, or find it recorded; returns whether it is new.

    Raises:
        InputError: it is not acceptable. ConflictError: ``different_content``.
    """
    row = session.exec(select(Report).where(Report.code == code_of(record))).first()
    if row is None:
        add_report(session, validated(ReportInput, without_nulls(record), where="members"))
        return True
    publisher = session.get_one(Organisation, row.publisher_id).code
    internal, masked = (plain(report_record(row, publisher, seen)) for seen in (INTERNAL, mask))
    _check_same(row.code, record, internal, masked)
    return False


def take_total(session: Session, record: Record, mask: Mask) -> bool:
    """Record a total of several incidents, or find it recorded; returns whether it is new.

    Raises:
        InputError: it is not acceptable. ConflictError: ``different_content``.
    """
    given = {name: value for name, value in record.items() if name not in DERIVED_CLAIM}
    row = session.exec(select(Claim).where(Claim.code == code_of(record))).first()
    if row is None:
        add_own_claim(session, given)
        return True
    _check_same(row.code, given, _total(session, row, INTERNAL), _total(session, row, mask))
    return False


def _total(session: Session, row: Claim, mask: Mask) -> Record:
    """The recorded total as an export writes it; empty where the claim is of another scope."""
    query = (
        select(Incident)
        .join(ClaimIncident, col(ClaimIncident.incident_id) == col(Incident.id))
        .where(ClaimIncident.claim_id == row.id)
        .order_by(Incident.code)
    )
    members = session.exec(query).all()
    one = None if len(members) == 0 else dossier(session, members[0].key, tier=mask.tier)
    for view in () if one is None else one.set_claims:
        if view.key == row.id:
            shown = frozenset(code for code in (view.subset_of, view.supersedes) if code is not None)
            return claim_record(view, mask, shown) | {"incidents": [member.code for member in members]}
    return {}


def _check_same(code: str, given: Record, internal: Record, masked: Record) -> None:
    """Refuse content that is neither what is recorded nor what an export of the file's tier says of it."""
    field = difference(given, internal)
    if field is not None and difference(given, masked) is not None:
        raise refuse_difference(code, field)


class Judgements:
    """Takes the judgements of a file in its order, pair by pair beside those recorded."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[tuple[int, int], int] = defaultdict(int)

    def take(self, record: Record) -> bool:
        """Record a judgement, or find it recorded; returns whether it is new.

        Raises:
            InputError: it is not acceptable.
            ConflictError: ``different_content``, the pair was judged otherwise since; or the judgement
                contradicts others.
        """
        data = validated(JudgementInput, without_nulls(record), where="members")
        first, second = (find_incident(self._session, code).key for code in (data.first, data.second))
        low, high = sorted((first, second))
        held = self._held(low, high)
        part = first if data.verdict is Verdict.PART_OF else None
        said = (data.verdict.value, part, data.evidence, sorted(data.reports))
        seen = self._seen[(low, high)]
        if said in held[seen:]:
            self._seen[(low, high)] = held.index(said, seen) + 1
            return False
        if seen < len(held):
            raise ConflictError(
                "different_content",
                f"The pair {data.first}, {data.second} is judged already, and otherwise.",
                where="verdict or evidence",
                fix=f"Record the judgement by hand: incidents same judge {data.first} {data.second}",
            )
        judge(self._session, data)
        self._seen[(low, high)] = len(held) + 1
        return True

    def _held(self, low: int, high: int) -> list[tuple[str, int | None, str, list[str]]]:
        """The recorded judgements of a pair in their order: verdict, id of the part, evidence, codes of the reports."""
        query = select(Judgement).where(Judgement.low_id == low, Judgement.high_id == high).order_by(col(Judgement.id))
        return [
            (row.verdict.value, row.part_id, row.evidence, self._reports(row.key)) for row in self._session.exec(query)
        ]

    def _reports(self, judgement: int) -> list[str]:
        query = (
            select(Report.code)
            .join(JudgementReport, col(JudgementReport.report_id) == col(Report.id))
            .where(JudgementReport.judgement_id == judgement)
        )
        return sorted(self._session.exec(query).all())
