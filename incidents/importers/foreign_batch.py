"""A batch of rows of somebody else's file written: new incidents, and what the file changed in known ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import NewRows
from db.errors import AtlasError, InputError
from db.tables import Incident, Report, metadata
from db.types import utc_now
from incidents.importers.carried import refuse_difference
from incidents.importers.foreign import Flag
from incidents.importers.foreign_changes import GROUPS, SAID, SUBJECT, Changes, Stored, changes_of, load_stored
from incidents.importers.foreign_names import Names
from incidents.importers.foreign_new import PARTS, Checked, Planned, name_columns, resolve
from incidents.importers.foreign_steps import add_steps, changed_steps, kind_of_new
from incidents.importers.rows import Effect, Ids
from incidents.importers.stored import Row, edit_row
from incidents.investigations import StepInput, step_columns


@dataclass
class Written:
    """What became of a row; ``error`` where it was refused."""

    effect: Effect = Effect.UNCHANGED
    flags: list[Flag] = field(default_factory=list)
    error: AtlasError | None = None


@dataclass(frozen=True)
class File:
    """What all rows of a file have in common.

    Attributes:
        title: what the source is called.
        name: of the file.
        imports: the change sets of the source's imports, this one among them.
        report: gives the id of the report that stands for the file, and records it when first asked.
        stamp: when the source last changed a row, by the note of its incident.
        listed: whether some row of the file has a code as its first.
        seen: ids of the incidents met so far.
    """

    title: str
    name: str
    imports: Collection[int]
    report: Callable[[], int]
    stamp: Callable[[str | None], str | None]
    listed: Callable[[str], bool]
    seen: Ids


def write_batch(session: Session, rows: Sequence[Checked], file: File, names: Names, new: NewRows) -> list[Written]:
    """Record rows.

    Args:
        session: a write session.
        rows: checked rows.
        file: what they have in common.
        names: finds, or records, what they name.
        new: gives out the ids.

    Returns:
        What became of each, in order.
    """
    batch = _Batch(session, rows, file, names, new)
    written = [batch.take(row) for row in rows]
    batch.finish()
    return written


class _Batch:
    def __init__(self, session: Session, rows: Sequence[Checked], file: File, names: Names, new: NewRows) -> None:
        self._session = session
        self._file = file
        self._names = names
        self._new = new
        self._later: list[tuple[Stored, list[StepInput], Written]] = []
        self._fresh: set[str] = set()
        cited = {text for row in rows for text in row.cited()}
        for report in (report for row in rows for report in row.reports):
            cited |= {report.code} if report.url is None else {report.code, report.url}
        names.learn({text for row in rows for text in row.organisations()}, cited)
        codes = {code for row in rows for code in (row.code, *row.described.also)}
        self._stored = load_stored(session, codes, file.imports)

    def take(self, row: Checked) -> Written:
        written = Written(flags=list(row.described.flags))
        try:
            stored = self._find(row)
            planned = resolve(row, self._names)
            if stored is None:
                self._add(planned)
                written.effect = Effect.ADDED
            elif stored.origin is None and not any(stored.ours.values()):
                _check_same(stored, planned)
            else:
                self._change(stored, planned, written)
        except AtlasError as error:
            written.error = error
        return written

    def _find(self, row: Checked) -> Stored | None:
        """What is recorded of the row's incident, under its own or an older code.

        Raises:
            InputError: ``duplicate_id``, an earlier row of the file is the same incident.
        """
        found = self._stored.get(row.code)
        for code in row.described.also if found is None else ():
            # A former code may be that of another row: what was one incident became two.
            if code in self._stored and not self._file.listed(code):
                found = self._stored[code]
                break
        twice = row.code in self._fresh if found is None else not self._file.seen.add(found.key)
        if twice:
            why = "An earlier row of this file is the same incident."
            raise InputError("duplicate_id", why, where="code", got=row.code, fix="Remove one of them.")
        return found

    def _add(self, planned: Planned) -> None:
        checked = planned.checked
        key = self._new.add("incident", {"code": checked.code, **checked.incident})
        self._file.seen.add(key)
        self._fresh.add(checked.code)
        self._new.add("incident_name", name_columns(key, checked.incident["name"]))
        for columns in checked.codes:
            self._new.add("incident_code", {"incident_id": key, **columns})
        for table in PARTS:
            for columns in planned.parts[table]:
                self._new.add(table, {"incident_id": key, **columns})
        self._add_threads(key, checked)
        self._link(key, planned, set())

    def _add_threads(self, key: int, checked: Checked) -> None:
        for authority, steps in checked.threads.items():
            thread = {"incident_id": key, "authority_id": self._names.organisation(authority)}
            thread_id = self._new.add("investigation", thread | {"process": steps[0].process})
            for number, step in enumerate(steps):
                report_id = None if step.report is None else self._names.report(step.report)
                columns = {"investigation_id": thread_id, "kind": kind_of_new(steps, number), "corrects_id": None}
                self._new.add("investigation_step", columns | {"report_id": report_id} | step_columns(step))

    def _link(self, key: int, planned: Planned, linked: set[int]) -> bool:
        """Link the row's page where nothing else of the incident cites it."""
        page = planned.page_id
        if page in linked or any(row["report_id"] == page for table in PARTS for row in planned.parts[table]):
            return False
        self._new.add("incident_report", {"incident_id": key, "report_id": page})
        return True

    def _change(self, stored: Stored, planned: Planned, written: Written) -> None:
        """Record what the row says otherwise; nothing where it is older than what is recorded."""
        held = None if stored.origin is None else self._file.stamp(stored.origin["note"])
        given = planned.checked.described.stamp
        if held is not None and given is not None and given < held:
            why = f"The row is of {given}, what is recorded of {held}: nothing was changed."
            written.flags.append(Flag("older_row", why))
            return
        changes = changes_of(stored, planned, self._file.report)
        if changes.any():
            written.effect = Effect.SUPERSEDED
            self._write(stored, changes)
        former = [row["code"] for row in planned.checked.codes if row["former"] and self._was_present(stored, row)]
        if len(former) > 0:
            why = f"Now a former code, recorded as a present one, which stands: {', '.join(former)}."
            written.flags.append(Flag("former_code", why))
        if len(changes.kept) > 0:
            why = f"The file differs from an edit made here, which stands: {', '.join(changes.kept)}."
            written.flags.append(Flag("edited_here", why))
        steps = changed_steps(stored, planned.checked, self._names.organisation)
        self._later += [(stored, thread, written) for thread in steps]

    def _was_present(self, stored: Stored, code: Row) -> bool:
        return stored.codes.get((code["scheme"], code["code"])) is False

    def _write(self, stored: Stored, changes: Changes) -> None:
        if len(changes.edits) > 0:
            edit_row(self._session, "incident", stored.incident, changes.edits)
        if "name" in changes.edits:
            table = metadata.tables["incident_name"]
            held = sa.select(table.c.id).where(table.c.incident_id == stored.key, table.c.name == changes.edits["name"])
            if self._session.execute(held).first() is None:
                self._new.add("incident_name", name_columns(stored.key, changes.edits["name"]))
        for name, rows in changes.added.items():
            for columns in rows:
                self._new.add(name, {"incident_id": stored.key, **columns})
        gone = f"A later file of {self._file.title} no longer gives it: {self._file.name}."
        for name, held_rows in changes.gone.items():
            why = {"withdrawn_on": utc_now(), "withdrawn_why": gone} if name == "claim" else {}
            for row in held_rows:
                edit_row(self._session, name, row, {"withdrawn": True} | why)

    def finish(self) -> None:
        """Write what was collected, then the steps of investigations, which need what is written."""
        report_id = self._file.report() if len(self._later) > 0 else 0
        self._new.write()
        if len(self._later) == 0:
            return
        report = self._session.get_one(Report, report_id).code
        for stored, steps, written in self._later:
            incident = self._session.get_one(Incident, stored.key)
            refused = add_steps(self._session, incident, steps, report)
            if refused is None:
                written.effect = Effect.SUPERSEDED
                continue
            why = f"The assessment does not fit the steps recorded here, which stand: {refused}"
            written.flags.append(Flag("edited_here", why))
        self._session.flush()
        self._new.forget_ids()


def _check_same(stored: Stored, planned: Planned) -> None:
    """Refuse a row that says something else than an incident which no import of the source recorded.

    Raises:
        ConflictError: ``different_content``, naming the property.
    """
    code = stored.incident["code"]
    for group in GROUPS:
        if any(planned.checked.incident[name] != stored.incident[name] for name in group):
            raise refuse_difference(code, group[0])
    for table in PARTS:
        names = SUBJECT.get(table, ("grading", "by_id")) + SAID.get(table, ())
        wanted = Counter(tuple(row[name] for name in names) for row in planned.parts[table])
        wanted -= Counter(tuple(row[name] for name in names) for row in stored.every[table])
        if wanted.total() > 0:
            raise refuse_difference(code, f"{table}s")
