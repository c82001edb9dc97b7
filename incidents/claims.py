"""Claims: what each source said about the dead, recorded with its words, its scope and its dates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from db.cells import UNSAFE
from db.errors import ConflictError, InputError, NotFoundError
from db.session import check_version
from db.tables import Claim, ClaimIncident, Incident, Organisation, Report
from db.vocabulary import AttributionStrength, Bound, Category, Outcome, Scope
from incidents.counts import Count, count, parse_count
from incidents.inputs import Code, Dates, Input, Line, Paragraph, Whole, span
from incidents.nearest import nearest
from incidents.organisations import find_organisation
from incidents.records import find_incident
from incidents.reports import find_report
from incidents.windows import day_span

STEM = 90
"""So many characters of an incident's code begin those of its claims: the number must fit behind the longest."""

OWN = (
    "outcome",
    "category",
    "scope",
    "area",
    "period",
    "period_words",
    "stated",
    "as_of",
    "strength",
    "locator",
    "note",
)
"""The columns of a claim that hold what its input says, unchanged."""

PARTITIONS = (
    frozenset({Category.CHILD, Category.WOMAN, Category.MAN}),
    frozenset({Category.CIVILIAN, Category.COMBATANT, Category.UNDETERMINED_STATUS}),
)
"""Categories that nobody belongs to two of, so that those of one whole can be added up."""


class ClaimInput(Input):
    """One figure that one source gave.

    Give the raw ``words`` ("at least 33", "up to 30", "dozens") and they are read, or give ``bound`` with
    ``minimum`` and ``maximum`` as well where the words are not plain. A claim is about one ``incident``, about
    several together (``incidents``, scope incident_set), or about a ``period`` and an ``area``.
    """

    code: Code | None = None
    incident: Line | None = None
    incidents: tuple[Line, ...] = ()
    source: Line
    report: Line
    outcome: Outcome
    category: Category
    bound: Bound | None = None
    minimum: Whole | None = None
    maximum: Whole | None = None
    words: Line | None = None
    confirm_large: bool = False
    scope: Scope = Scope.INCIDENT
    area: Line | None = None
    period: Dates | None = None
    period_words: Line | None = None
    stated: Dates | None = None
    as_of: Dates | None = None
    perpetrator: Line | None = None
    strength: AttributionStrength | None = None
    side: Line | None = None
    subset_of: Code | None = None
    supersedes: Code | None = None
    locator: Line | None = None
    note: Paragraph | None = None

    def count(self) -> Count:
        """The figure with its bound.

        Raises:
            InputError: the words cannot be read, or bound and figures do not fit.
        """
        if self.bound is not None:
            return count(
                self.bound,
                self.minimum,
                self.maximum,
                self.words,
                where="claim, minimum or maximum",
                confirm_large=self.confirm_large,
            )
        if self.minimum is not None or self.maximum is not None:
            raise InputError(
                "missing_bound",
                "A minimum or maximum needs a bound.",
                where="claim",
                fix="Give --bound exact, at_least, at_most, between ... or only the words.",
            )
        if self.words is None:
            raise InputError(
                "missing_count",
                "The claim has neither words nor a bound with figures.",
                where="claim",
                fix='Give the words as the source has them, for example --words "at least 33".',
            )
        return parse_count(self.words, where="claim, words", confirm_large=self.confirm_large)


def add_claim(session: Session, data: ClaimInput) -> Claim:
    """Record a claim; one that supersedes another leaves the other in place, no longer current.

    Raises:
        InputError: the figure, the scope or a date is not acceptable, or a part exceeds its whole.
        NotFoundError: the incident, source, report or another claim is not recorded.
        ConflictError: the code is taken, or the superseded claim is of another source or counts something else.
    """
    incident = _incident_of(session, data)
    members = dict.fromkeys(find_incident(session, name).key for name in data.incidents)
    report = find_report(session, data.report)
    row = Claim(
        code=_code(session, data, incident),
        incident_id=None if incident is None else incident.key,
        source_id=find_organisation(session, data.source).key,
        report_id=report.key,
        **own_columns(data),
        perpetrator_id=_organisation_id(session, data.perpetrator),
        side_id=_organisation_id(session, data.side),
    )
    _link(session, row, data)
    session.add(row)
    session.flush()
    session.add_all(ClaimIncident(claim_id=row.key, incident_id=key) for key in members)
    session.flush()
    return row


def own_columns(data: ClaimInput) -> dict[str, Any]:
    """The columns of the claim table that the claim fills by itself, without its code and what it points to.

    Raises:
        InputError: the figure is not acceptable.
    """
    figure = data.count()
    period, stated, as_of = span(data.period), span(data.stated), span(data.as_of)
    return {
        **{name: getattr(data, name) for name in OWN},
        "bound": figure.bound,
        "minimum": figure.min,
        "maximum": figure.max,
        "words": figure.words,
        "period_start": period[0],
        "period_end": period[1],
        "stated_start": stated[0],
        "stated_end": stated[1],
        "as_of_start": as_of[0],
        "as_of_end": as_of[1],
    }


def _incident_of(session: Session, data: ClaimInput) -> Incident | None:
    """The incident of an incident-scoped claim.

    A total of a period or of several incidents is never attached to one.
    """
    if data.scope is Scope.INCIDENT:
        if data.incident is None or len(data.incidents) > 0:
            raise InputError(
                "scope_needs_incident",
                "A claim of scope incident is about exactly one.",
                where="claim",
                fix="Name the incident, or give --scope incident_set or period.",
            )
        return find_incident(session, data.incident)
    if data.incident is not None:
        raise InputError(
            "scope_without_incident",
            f"A total of scope {data.scope.value} is not one incident's.",
            where="claim",
            got=data.incident,
            fix="Leave the incident out; give the area and the period.",
        )
    if data.scope is Scope.PERIOD and len(data.incidents) > 0:
        raise InputError("scope_without_incident", "A period total lists no incidents.", where="claim")
    return None


def _organisation_id(session: Session, text: str | None) -> int | None:
    return None if text is None else find_organisation(session, text).key


def _code(session: Session, data: ClaimInput, incident: Incident | None) -> str:
    if data.code is not None:
        if session.exec(select(Claim.id).where(Claim.code == data.code)).first() is not None:
            raise ConflictError("duplicate_code", "A claim has this code.", where="claim", got=data.code)
        return data.code
    stem = data.scope.value if incident is None else incident.code[:STEM]
    # A number past those that its claims have, so that a withdrawn claim's code is not given twice. A range of codes,
    # which an index serves: "d" comes after "c".
    own = col(Claim.incident_id).is_(None) if incident is None else col(Claim.incident_id) == incident.id
    numbered = (col(Claim.code) >= f"{stem}-c", col(Claim.code) < f"{stem}-d")
    held = session.exec(select(func.count()).where(own, *numbered)).one()
    while session.exec(select(Claim.id).where(Claim.code == f"{stem}-c{held + 1}")).first() is not None:
        held += 1
    return f"{stem}-c{held + 1}"


def find_claim(session: Session, code: str) -> Claim:
    """The claim with the code ``code``.

    Raises:
        NotFoundError: there is none.
    """
    found = session.exec(select(Claim).where(Claim.code == code)).first()
    if found is None:
        raise NotFoundError(
            "unknown_claim",
            "No claim has this code.",
            got=code,
            fix=f"{nearest(code, session.exec(select(Claim.code)).all())}"
            "See an incident's claims with: incidents show CODE --explain",
        )
    return found


def key_of_claim(session: Session, code: str) -> int | None:
    """The id of the claim with exactly this code, whoever may see it; None where there is none."""
    if UNSAFE.search(code) is not None:
        return None
    return session.exec(select(Claim.id).where(Claim.code == code)).first()


def _link(session: Session, row: Claim, data: ClaimInput) -> None:
    if data.subset_of is not None:
        whole = find_claim(session, data.subset_of)
        _check_part(session, row, whole)
        row.subset_of_id = whole.key
    if data.supersedes is not None:
        old = find_claim(session, data.supersedes)
        _check_successor(session, row, old)
        row.supersedes_id = old.key


def _check_part(session: Session, part: Claim, whole: Claim) -> None:
    """Refuse a part that counts something else than its whole, or with its fellows exceeds it (B24).

    What is of outcome context (a share) is said of its whole and counts none of it.
    """
    if part.outcome is Outcome.CONTEXT and part.incident_id == whole.incident_id:
        return
    if (part.incident_id, part.outcome) != (whole.incident_id, whole.outcome):
        raise InputError(
            "not_a_part",
            "A part and its whole count the same outcome of the same incident.",
            where="claim",
            got=whole.code,
        )
    if whole.maximum is None or part.minimum is None:
        return
    least = _least_together([part, *_parts_of(session, whole)])
    if least > whole.maximum:
        several = "" if least == part.minimum else " together with the parts recorded before"
        raise InputError(
            "part_exceeds_whole",
            f"At least {least}{several} of at most {whole.maximum}.",
            where=f"claim {whole.code}",
            fix="Check the figures, or leave --subset-of out.",
        )


def _parts_of(session: Session, whole: Claim) -> list[Claim]:
    later = aliased(Claim)
    query = select(Claim).where(
        Claim.subset_of_id == whole.id,
        ~col(Claim.withdrawn),
        ~select(later.id).where(later.supersedes_id == Claim.id).exists(),
    )
    return list(session.exec(query).all())


def _least_together(parts: Iterable[Claim]) -> int:
    """The least number that all of ``parts`` make up: parts of one category may be the same people."""
    least: dict[Category, int] = {}
    for part in parts:
        least[part.category] = max(least.get(part.category, 0), part.minimum or 0)
    sums = [sum(least.get(category, 0) for category in partition) for partition in PARTITIONS]
    return max(*sums, *least.values())


def _check_successor(session: Session, row: Claim, old: Claim) -> None:
    if _subject(row) != _subject(old):
        raise ConflictError(
            "not_a_successor",
            "A claim supersedes one of the same source that counts the same: incident, outcome, category and side.",
            where="claim",
            got=old.code,
            fix="Record it as a claim of its own; both stand.",
        )
    taken = session.exec(select(Claim.code).where(Claim.supersedes_id == old.id)).first()
    if taken is not None:
        raise ConflictError(
            "superseded_already",
            f"Claim {taken} supersedes it already.",
            where="claim",
            got=old.code,
            fix=f"Supersede {taken} instead.",
        )


def _subject(claim: Claim) -> tuple[Any, ...]:
    return claim.incident_id, claim.scope, claim.source_id, claim.outcome, claim.category, claim.side_id


def withdraw_claim(session: Session, code: str, *, on: str, why: str, version: int | None = None) -> Claim:
    """Mark that the source took the figure back; the claim stays and is shown as withdrawn.

    Args:
        session: a write session.
        code: the claim's code.
        on: the day the source took it back, ``YYYY-MM-DD``.
        why: the reason.
        version: the version the editor saw.

    Raises:
        ConflictError: it is withdrawn already, or somebody changed it since that version.
        InputError: the day is none, or the reason is blank.
    """
    if len(why.strip()) == 0:
        raise InputError("why_missing", "A withdrawal says why.", where=code, fix="Give --why.")
    row = find_claim(session, code)
    check_version(row, version, where=code)
    if row.withdrawn:
        raise ConflictError("withdrawn_already", "The claim is withdrawn already.", where=code)
    row.withdrawn, row.withdrawn_on, row.withdrawn_why = True, day_span(on, allow_open=False)[1], why
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True)
class TotalClaim:
    """A total of a period or of several incidents, with the names of whom it comes from and whom it blames."""

    claim: Claim
    source: str
    report: str
    perpetrator: str | None


def list_totals(session: Session, *, source: str | None = None) -> list[TotalClaim]:
    """The claims that are attached to no incident, in the order recorded.

    Args:
        session: an open session.
        source: code or name of the organisation that made them; None for all.

    Raises:
        NotFoundError: the source is not recorded.
    """
    accused = aliased(Organisation)
    query = (
        select(Claim, Organisation.name, Report.code, accused.name)
        .join(Organisation, col(Organisation.id) == col(Claim.source_id))
        .join(Report, col(Report.id) == col(Claim.report_id))
        .outerjoin(accused, col(accused.id) == col(Claim.perpetrator_id))
        .where(col(Claim.incident_id).is_(None))
        .order_by(col(Claim.id))
    )
    if source is not None:
        query = query.where(Claim.source_id == find_organisation(session, source).key)
    return [TotalClaim(*row) for row in session.exec(query).all()]
