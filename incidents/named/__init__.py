"""The named incidents: four recorded incidents and the seeds' figures, from readable files to the database.

The TOML files beside this module hold facts and short bound words, one file per incident, with every row
citing its report; they are recorded through the same functions that a user's command calls. A file holds
any of ``organisations``, ``reports``, ``incident`` and what is said of it (``locations``, ``claims``,
``attributions``, ``gradings``, ``statements``, ``steps``), and ``judgements``. Rows name organisations,
reports and incidents by their codes. A location may carry a ``label``, by which a later one of the same
file ``supersedes`` it.

Loading twice adds nothing, and loading newer files adds the rows that are new in them, and new names of older
organisations and incidents (not new memberships). Nothing that is recorded is changed: what a person has edited,
withdrawn or undone since stays so.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar

from sqlmodel import Session, select

from db.errors import AtlasError, InputError, NotFoundError
from db.tables import Claim, Incident, IncidentCode, IncidentName, Organisation, OrganisationAlias, Report
from gazetteer.folding import fold
from incidents.attributions import AttributionInput, GradingInput, add_attribution, add_grading
from incidents.claims import ClaimInput, add_claim
from incidents.inputs import Input, validated
from incidents.investigations import StepInput, add_step
from incidents.locations import LocationInput, add_location
from incidents.named import keys
from incidents.organisations import OrganisationInput, add_alias, add_organisation
from incidents.records import IncidentInput, StatementInput, add_incident, add_name, add_statement, link_report
from incidents.reports import ReportInput, add_report, find_report
from incidents.same_event import JudgementInput, judge

Model = TypeVar("Model", bound=Input)
Row = dict[str, Any]


class File(NamedTuple):
    """A data file: its name and what it holds."""

    name: str
    content: Row


@dataclass(frozen=True)
class NamedCounts:
    """How many rows of each kind a load added; ``names`` are new names and codes of older rows."""

    organisations: int = 0
    reports: int = 0
    incidents: int = 0
    names: int = 0
    locations: int = 0
    claims: int = 0
    attributions: int = 0
    gradings: int = 0
    statements: int = 0
    steps: int = 0
    judgements: int = 0

    @property
    def total(self) -> int:
        """All rows together; 0 when everything was recorded already."""
        return sum(astuple(self))


def load_named(session: Session) -> NamedCounts:
    """Record the named incidents and the seeds' figures, as far as they are not recorded yet.

    A row is known by its code; one without a code by what it says: a location by its source, report, place
    and precision, an attribution by its roles and report, a grading by its body and report, a statement by
    its words, a step by its thread, state and date, a judgement by its pair and verdict
    (:mod:`incidents.named.keys`).

    Args:
        session: a write session; the caller commits.

    Returns:
        How many rows were added.

    Raises:
        AtlasError: a row is not acceptable, or contradicts what is recorded; names the file and the row.
    """
    return _Loader(session, data_files()).load()


def data_files() -> list[File]:
    """The data files of this package, by name."""
    found = [entry for entry in files(__name__).iterdir() if entry.name.endswith(".toml")]
    return [File(entry.name, tomllib.loads(entry.read_text("utf-8"))) for entry in sorted(found, key=lambda e: e.name)]


class _Loader:
    """One load: every organisation, report and incident first, so that the order of the files does not matter."""

    def __init__(self, session: Session, data: Sequence[File]) -> None:
        self._session = session
        self._files = data
        self._held: dict[str, Incident] = {}
        self._added: Counter[str] = Counter()

    def load(self) -> NamedCounts:
        self._organisations()
        self._reports()
        self._incidents()
        self._locations()
        self._claims()
        self._of_incidents("attributions", AttributionInput, add_attribution, keys.attributions, keys.attribution)
        self._of_incidents("gradings", GradingInput, add_grading, keys.gradings, keys.grading)
        self._of_incidents("statements", StatementInput, add_statement, keys.statements, keys.statement)
        self._of_incidents("steps", StepInput, add_step, keys.steps, keys.step)
        self._judgements()
        return NamedCounts(**self._added)

    def _rows(self, kind: str) -> Iterator[tuple[File, str, Row]]:
        """Every row of ``kind`` with its file and, for messages, where it stands."""
        for file in self._files:
            for number, row in enumerate(file.content.get(kind, []), start=1):
                yield file, f"{file.name}, {kind} {number}", row

    def _organisations(self) -> None:
        held = {row.code: row for row in self._session.exec(select(Organisation))}
        aliases = set(self._session.exec(select(OrganisationAlias.folded)))
        for _, where, row in self._rows("organisations"):
            data = validated(OrganisationInput, row, where=where)
            with _naming(where):
                if data.code not in held:
                    held[data.code] = add_organisation(self._session, data)
                    self._added["organisations"] += 1
                    continue
                for name in data.aliases:
                    if fold(name) not in aliases:
                        add_alias(self._session, held[data.code], name)
                        self._added["names"] += 1

    def _reports(self) -> None:
        held = set(self._session.exec(select(Report.code)))
        for _, where, row in self._rows("reports"):
            data = validated(ReportInput, row, where=where)
            if data.code not in held:
                with _naming(where):
                    add_report(self._session, data)
                self._added["reports"] += 1

    def _incidents(self) -> None:
        self._held = {row.code: row for row in self._session.exec(select(Incident))}
        for file in self._files:
            if "incident" not in file.content:
                continue
            where = f"{file.name}, incident"
            data = validated(IncidentInput, file.content["incident"], where=where)
            with _naming(where):
                if data.code not in self._held:
                    self._held[data.code] = add_incident(self._session, data)
                    self._added["incidents"] += 1
                else:
                    self._new_names(data)
                for report in file.content.get("reports", []):
                    link_report(self._session, self._held[data.code], find_report(self._session, report["code"]))

    def _new_names(self, data: IncidentInput) -> None:
        """Give an incident that is recorded already the names and codes that are new in its file."""
        row = self._held[data.code]
        names = set(self._session.exec(select(IncidentName.name).where(IncidentName.incident_id == row.key)))
        for name in data.names:
            if name.name not in names:
                add_name(self._session, row, name)
                self._added["names"] += 1
        held = select(IncidentCode.scheme, IncidentCode.code).where(IncidentCode.incident_id == row.key)
        codes = {tuple(found) for found in self._session.exec(held)}
        for code in data.codes:
            if (code.scheme, code.code) not in codes:
                self._session.add(IncidentCode(incident_id=row.key, **code.model_dump()))
                self._added["names"] += 1

    def _locations(self) -> None:
        held = keys.locations(self._session)
        labels: dict[tuple[str, str], int] = {}
        for file, where, row in self._rows("locations"):
            fields = dict(row)
            label, old = fields.pop("label", None), fields.pop("supersedes", None)
            with _naming(where):
                if old is not None:
                    fields["supersedes"] = _labelled(labels, file.name, old)
            data = validated(LocationInput, fields, where=where)
            incident = self._incident_of(file, where)
            key = keys.location(incident.code, data)
            if key not in held:
                with _naming(where):
                    held[key] = add_location(self._session, incident, data).key
                self._added["locations"] += 1
            if label is not None:
                labels[file.name, label] = held[key]

    def _claims(self) -> None:
        held = set(self._session.exec(select(Claim.code)))
        for file, where, row in self._rows("claims"):
            whole = {} if "scope" in row else {"incident": self._incident_of(file, where).code}
            data = validated(ClaimInput, row | whole, where=where)
            if data.code not in held:
                with _naming(where):
                    add_claim(self._session, data)
                self._added["claims"] += 1

    def _of_incidents(
        self,
        kind: str,
        model: type[Model],
        add: Callable[[Session, Incident, Model], object],
        recorded: Callable[[Session], keys.Keys],
        key: Callable[[str, Model], keys.Key],
    ) -> None:
        """Add the rows of ``kind`` whose ``key`` is not among those ``recorded``."""
        held = recorded(self._session)
        for file, where, row in self._rows(kind):
            data = validated(model, row, where=where)
            incident = self._incident_of(file, where)
            if key(incident.code, data) not in held:
                with _naming(where):
                    add(self._session, incident, data)
                self._added[kind] += 1

    def _judgements(self) -> None:
        held = keys.judgements(self._session)
        for _, where, row in self._rows("judgements"):
            data = validated(JudgementInput, row, where=where)
            if keys.judgement(data) not in held:
                with _naming(where):
                    judge(self._session, data)
                self._added["judgements"] += 1

    def _incident_of(self, file: File, where: str) -> Incident:
        """The incident that ``file`` is about."""
        if "incident" not in file.content:
            raise InputError(
                "no_incident", "The file is about no incident.", where=where, fix="Add an [incident] table."
            )
        return self._held[file.content["incident"]["code"]]


def _labelled(labels: Mapping[tuple[str, str], int], name: str, label: str) -> int:
    """The id of the location with ``label`` in the file ``name``."""
    if (name, label) not in labels:
        raise NotFoundError("unknown_label", "No location above has this label.", got=label)
    return labels[name, label]


@contextmanager
def _naming(where: str) -> Iterator[None]:
    """Put the file and the row into an error."""
    try:
        yield
    except AtlasError as error:
        error.at(where)
        raise
