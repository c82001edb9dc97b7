"""Incidents: adding, editing and finding them by code or by any of their names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pydantic import Field
from sqlmodel import Session, col, or_, select

from db.errors import AmbiguousError, ConflictError, InputError, NotFoundError
from db.session import check_version
from db.spatial import raw_rows
from db.tables import Incident, IncidentCode, IncidentName, IncidentReport, Report, Statement
from db.vocabulary import EventKind, PartOfDay, StrikeStatus, TimePrecision, Visibility, WindowKind, YesNoUnknown
from gazetteer.folding import fold, script_of
from incidents.inputs import Code, Dates, Input, Line, Paragraph, span
from incidents.nearest import nearest
from incidents.organisations import find_organisation
from incidents.reports import find_report
from incidents.tiers import Tier, seen
from incidents.windows import Window, parse_edtf, window

_NAIVE = re.compile(r"T[0-9:]+(?![0-9:Z+-])")
"""A time of day without ``Z`` or an offset behind it."""
CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_CODE = re.compile(CODE_PATTERN.strip("^$"))


class NameInput(Input):
    """Another name of an incident, as it is written; the language is a BCP 47 tag."""

    name: Line
    language: Code | None = None


class CodeInput(Input):
    """A code that a source gave, or formerly gave, to the incident."""

    scheme: Code
    code: Code
    former: bool = False


class IncidentInput(Input):
    """An incident: what, under which names, and when.

    The window is given as ``start`` and ``end`` (a day, a month, a year, or a local time in ``tz``), or
    as EDTF text in ``edtf``: ``2017-03-20/2017-03-21`` lasted, ``[2017-03-20..2017-03-21]`` was one moment
    in it. Leave both out where no time is known; the source's ``time_words`` are kept all the same.
    """

    code: Code = Field(pattern=CODE_PATTERN)
    name: Line
    kind: EventKind = EventKind.UNKNOWN
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    start: Code | None = None
    end: Code | None = None
    edtf: Code | None = None
    tz: Code = "UTC"
    time_precision: TimePrecision | None = None
    window_kind: WindowKind | None = None
    part_of_day: PartOfDay | None = None
    time_words: Line | None = None
    civilian_harm_reported: YesNoUnknown = YesNoUnknown.UNKNOWN
    strike_status: StrikeStatus | None = None
    visibility: Visibility = Visibility.PUBLIC
    names: tuple[NameInput, ...] = ()
    codes: tuple[CodeInput, ...] = ()
    note: Paragraph | None = None

    def window(self) -> Window | None:
        """The time window, or None where no time is given.

        Raises:
            InputError: both forms are given, or half of one, or the text is no time, or a word says more than it.
        """
        if self.edtf is not None and not (self.start is None and self.end is None and self.window_kind is None):
            fix = "EDTF says the kind itself: [a..b] is one moment, a/b lasted."
            raise InputError(
                "two_windows", "Give the window as start and end or as EDTF, not both.", where=self.code, fix=fix
            )
        self._refuse_naive()
        if self.edtf is not None:
            read = self._read_edtf(self.edtf)
            precision = self._precision_of(read)
            return replace(read, precision=precision, part_of_day=self.part_of_day, raw=self.time_words)
        if self.start is None:
            self._refuse_half()
            return None
        return window(
            self.start,
            self.end,
            tz=self.tz,
            precision=self.time_precision,
            kind=self.window_kind,
            part_of_day=self.part_of_day,
            raw=self.time_words,
        )

    def _read_edtf(self, text: str) -> Window:
        try:
            return parse_edtf(text, tz=self.tz)
        except InputError as error:
            raise error.at("edtf") from error

    def _refuse_naive(self) -> None:
        """Refuse a time of day without a zone: taken as UTC it would be hours off, and nobody would see it."""
        for name in ("start", "end", "edtf"):
            text = getattr(self, name)
            if text is not None and "tz" not in self.model_fields_set and _NAIVE.search(text) is not None:
                raise InputError(
                    "naive_time",
                    "A time of day needs the zone it was said in.",
                    where=f"{self.code}, {name}",
                    got=text,
                    fix="Give tz, for example --tz Asia/Damascus, or write the offset: 2017-03-17T08:24+03:00 or Z.",
                )

    def _precision_of(self, read: Window) -> TimePrecision:
        """The precision of an EDTF window: as given, unless that is finer than the text itself."""
        order = list(TimePrecision)
        wanted = self.time_precision
        if wanted is None:
            whole_day = read.precision is TimePrecision.DAY and self.part_of_day is not None
            return TimePrecision.PART_OF_DAY if whole_day else read.precision
        allowed = wanted is TimePrecision.PART_OF_DAY and self.part_of_day is not None
        if order.index(wanted) < order.index(read.precision) and not (allowed and read.precision is TimePrecision.DAY):
            raise InputError(
                "precision_too_fine",
                f"The EDTF text is known to the {read.precision.value}, the precision says {wanted.value}.",
                where=self.code,
                got=self.edtf,
                fix="Write the time, or a coarser precision.",
            )
        return wanted

    def _refuse_half(self) -> None:
        """Refuse words about a window that is not given; they would be lost."""
        about = ("end", "time_precision", "window_kind", "part_of_day")
        given = [name for name in about if getattr(self, name) is not None]
        if len(given) > 0:
            raise InputError(
                "half_a_window",
                "The window has no start.",
                where=self.code,
                got=", ".join(given),
                fix="Give the start, or EDTF; keep what is not a date in the time words.",
            )


def add_incident(session: Session, data: IncidentInput) -> Incident:
    """Record an incident with its names and codes.

    Raises:
        ConflictError: the code is taken.
        InputError: the window is not one.
    """
    taken = session.exec(select(Incident).where(Incident.code == data.code)).first()
    if taken is not None:
        raise ConflictError(
            "duplicate_code",
            f"The code belongs to “{taken.name}” already.",
            where="incident",
            got=data.code,
            fix=f"Choose another code, or change that one with: incidents edit {data.code}",
        )
    row = Incident(code=data.code, **own_columns(data))
    session.add(row)
    session.flush()
    # Where the names list the incident's own name too, its language stands there.
    own = () if data.name in {name.name for name in data.names} else (NameInput(name=data.name),)
    for name in (*own, *data.names):
        add_name(session, row, name)
    for code in data.codes:
        session.add(IncidentCode(incident_id=row.key, **code.model_dump()))
    session.flush()
    return row


OWN = ("name", "kind", "country", "civilian_harm_reported", "strike_status", "visibility", "note")
"""The columns of an incident that hold what its input says, unchanged."""


def own_columns(data: IncidentInput) -> dict[str, Any]:
    """The columns of the incident table without its code.

    Raises:
        InputError: the window is not one.
    """
    return {name: getattr(data, name) for name in OWN} | window_columns(data.window(), data.time_words)


def window_columns(found: Window | None, words: str | None = None) -> dict[str, Any]:
    """The columns of the incident table that hold ``found``; for None all are empty but for the source's ``words``."""
    if found is None:
        names = ("start_utc", "end_utc", "tz", "time_precision", "window_kind", "part_of_day", "edtf")
        return {**dict.fromkeys(names), "time_words": words}
    return {
        "start_utc": found.start,
        "end_utc": found.end,
        "tz": found.tz,
        "time_precision": found.precision,
        "window_kind": found.kind,
        "part_of_day": found.part_of_day,
        "edtf": found.edtf,
        "time_words": found.raw,
    }


def add_name(session: Session, incident: Incident, data: NameInput) -> None:
    """Give ``incident`` another name; a name it has already is left as it is."""
    held = select(IncidentName).where(IncidentName.incident_id == incident.id, IncidentName.name == data.name)
    if session.exec(held).first() is None:
        session.add(
            IncidentName(
                incident_id=incident.key,
                name=data.name,
                folded=fold(data.name),
                language=data.language,
                script=script_of(data.name),
            )
        )


class IncidentEdit(Input):
    """The columns of an incident that an editor may change; only those given change.

    A window is given whole, since its parts depend on each other: with ``start`` or ``edtf``, or with a ``start``
    of None where the time is no longer known. ``time_words`` may change alone.
    """

    name: Line | None = None
    kind: EventKind | None = None
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    start: Code | None = None
    end: Code | None = None
    edtf: Code | None = None
    tz: Code | None = None
    time_precision: TimePrecision | None = None
    window_kind: WindowKind | None = None
    part_of_day: PartOfDay | None = None
    time_words: Line | None = None
    civilian_harm_reported: YesNoUnknown | None = None
    strike_status: StrikeStatus | None = None
    visibility: Visibility | None = None
    note: Paragraph | None = None
    withdrawn: bool | None = None


WINDOW_FIELDS = {"start", "end", "edtf", "tz", "time_precision", "window_kind", "part_of_day", "time_words"}
NEVER_EMPTY = {"name", "kind", "civilian_harm_reported", "visibility", "withdrawn"}


def edit_incident(session: Session, code: str, changes: IncidentEdit, *, version: int | None = None) -> Incident:
    """Change an incident; the old values stay in the journal.

    Args:
        session: a write session.
        code: the incident's code or name.
        changes: what to change; a window is given whole.
        version: the version the editor saw.

    Raises:
        ConflictError: somebody changed the incident since that version.
        InputError: nothing to change, a field that is never empty is None, or the window is not one or not whole.
    """
    row = find_incident(session, code)
    check_version(row, version, where=row.code)
    given = changes.model_dump(exclude_unset=True)
    if len(given) == 0:
        raise InputError("nothing_to_change", "No field to change was given.", where=row.code)
    emptied = sorted(name for name in NEVER_EMPTY & set(given) if given[name] is None)
    if len(emptied) > 0:
        raise InputError("missing_value", "It cannot be left empty.", where=f"{row.code}, {emptied[0]}")
    columns = _new_window(row, {name: given[name] for name in WINDOW_FIELDS & set(given)})
    for name, value in ({name: given[name] for name in set(given) - WINDOW_FIELDS} | columns).items():
        setattr(row, name, value)
    if "name" in given:
        add_name(session, row, NameInput(name=row.name))
    session.add(row)
    session.flush()
    return row


def _new_window(row: Incident, given: dict[str, Any]) -> dict[str, Any]:
    """The window columns that the fields ``given`` change; a window is never taken apart."""
    if set(given) <= {"time_words"}:
        return given
    if "start" not in given and "edtf" not in given:
        raise InputError(
            "half_a_window",
            "A window is given whole: its start and end, or EDTF, together with the rest.",
            where=row.code,
            got=", ".join(sorted(given)),
            fix="Give the start, or EDTF, too.",
        )
    tz = given.pop("tz", None) or row.tz
    timed = {"time_words": row.time_words} | given | ({} if tz is None else {"tz": tz})
    read = IncidentInput(code=row.code, name=row.name, **timed)
    return window_columns(read.window(), read.time_words)


def find_incident(session: Session, text: str) -> Incident:
    """The incident with the code, a source's code (now or formerly), or the name ``text``.

    Raises:
        NotFoundError: there is none.
        AmbiguousError: several answer to it; their codes are listed.
    """
    own = session.exec(select(Incident).where(Incident.code == text)).first()
    if own is not None:
        return own
    folded = fold(text)
    by_code = select(IncidentCode.incident_id).where(IncidentCode.code == text)
    # A name of nothing but signs folds to the empty key, which says nothing.
    by_name = select(IncidentName.incident_id).where(IncidentName.folded == folded, IncidentName.folded != "")
    query = select(Incident).where(or_(col(Incident.id).in_(by_code), col(Incident.id).in_(by_name)))
    found = session.exec(query.order_by(Incident.code).limit(21)).all()
    if len(found) == 0:
        raise NotFoundError(
            "unknown_incident",
            "No incident has this code or name.",
            got=text,
            fix=f"{nearest(text, _names(session))}Search for it with: incidents find --text",
        )
    if len(found) > 1:
        lines = [f"{incident.code}: {incident.name}" for incident in found]
        raise AmbiguousError(
            "ambiguous_incident", "Several incidents answer to this.", lines, got=text, fix="Give the code:"
        )
    return found[0]


def visible_incident(session: Session, code: str, tier: Tier) -> Incident | None:
    """The incident with exactly this code, where ``tier`` may see it and it is not withdrawn."""
    if _CODE.fullmatch(code) is None:
        return None
    query = select(Incident).where(
        Incident.code == code, ~col(Incident.withdrawn), col(Incident.visibility).in_(seen(tier))
    )
    return session.exec(query).first()


def incident_with_code(session: Session, code: str) -> Incident | None:
    """The incident with exactly this code, whoever may see it, withdrawn or not."""
    if _CODE.fullmatch(code) is None:
        return None
    return session.exec(select(Incident).where(Incident.code == code)).first()


def key_of_code(session: Session, code: str) -> int | None:
    """The id of the incident with exactly this code, whoever may see it."""
    return (
        None
        if _CODE.fullmatch(code) is None
        else session.exec(select(Incident.id).where(Incident.code == code)).first()
    )


def code_of(session: Session, key: int) -> str:
    """The code of the incident ``key``."""
    return str(raw_rows(session, "SELECT code FROM incident WHERE id = :key", {"key": key})[0][0])


def _names(session: Session) -> list[str]:
    codes, names = session.exec(select(Incident.code)).all(), session.exec(select(IncidentName.name)).all()
    return [*codes, *names]


def link_report(session: Session, incident: Incident, report: Report) -> None:
    """Note that ``report`` is about ``incident``; a link that stands already is left as it is."""
    held = select(IncidentReport).where(
        IncidentReport.incident_id == incident.id, IncidentReport.report_id == report.id
    )
    if session.exec(held).first() is None:
        session.add(IncidentReport(incident_id=incident.key, report_id=report.key))


class StatementInput(Input):
    """What somebody said of the incident: neither a figure nor a step of an investigation."""

    by: Line
    report: Line
    words: Paragraph
    stated: Dates | None = None
    uncertain_target: bool = False


def add_statement(session: Session, incident: Incident, data: StatementInput) -> Statement:
    """Record a statement.

    Raises:
        NotFoundError: the organisation or the report is not recorded.
    """
    row = Statement(
        incident_id=incident.key,
        organisation_id=find_organisation(session, data.by).key,
        report_id=find_report(session, data.report).key,
        **statement_columns(data),
    )
    session.add(row)
    return row


def statement_columns(data: StatementInput) -> dict[str, Any]:
    """The columns of the statement table without what it points to."""
    start, end = span(data.stated)
    found = {"words": data.words, "uncertain_target": data.uncertain_target}
    return found | {"stated": data.stated, "stated_start": start, "stated_end": end}
