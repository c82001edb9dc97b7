"""Organisations and reports that a CSV names: found, or recorded where that was asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from db.errors import AtlasError, InputError, NotFoundError
from db.tables import Organisation, Report
from db.tables.base import SHORT
from db.vocabulary import OrganisationKind
from incidents.inputs import validated
from incidents.organisations import OrganisationInput, add_organisation, find_organisation
from incidents.reports import ReportInput, add_report, find_report, reports_called

KEPT = 50_000
"""So many reports are remembered; more would not be flat memory."""

Ids = tuple[int | None, ...]

CREATE = "Or let the import record it, with --create-sources."


class Sources:
    """Finds what a cell names.

    Args:
        session: a write session.
        create: record what is not found: an organisation of unknown kind under the cell's text, a report under
            its title or address.
    """

    def __init__(self, session: Session, *, create: bool) -> None:
        self._session = session
        self._create = create
        self._organisations: dict[str, int | None] = {"": None}
        self._reports: dict[str, int] = {}

    def of_rows(self, rows: Iterable[tuple[str, ...]]) -> list[Ids]:
        """The ids of what several rows name, up to the first row of which something is not found.

        Args:
            rows: what the cells of each name: the source, its report, and further organisations; an empty text is
                none.

        Returns:
            As many ids a row, in the same order.
        """
        many = list(rows)
        self._learn_codes(many)
        found: list[Ids] = []
        known, reports = self._organisations, self._reports
        for source, report, *others in many:
            if report not in reports or source not in known or not all(text in known for text in others):
                try:
                    self._learn((source, report, *others))
                except AtlasError:
                    break
            found.append((known[source], reports[report], *(known[text] for text in others)))
        return found

    def _learn_codes(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Look up together what is named by its code, as nearly everything in a large file is."""
        names = {text for row in rows for text in (row[0], *row[2:])} - self._organisations.keys()
        if len(names) > 0:
            self._organisations |= self._by_code(Organisation, names)
        # A text with :// may be the address of one report and the code of another.
        names = {row[1] for row in rows if "://" not in row[1]} - self._reports.keys()
        if len(self._reports) + len(names) > KEPT:
            self._reports.clear()
        if len(names) > 0:
            self._reports |= self._by_code(Report, names)

    def _by_code(self, table: type[Organisation | Report], codes: set[str]) -> dict[str, int]:
        found = self._session.exec(select(table.code, table.id).where(col(table.code).in_(codes)))
        return {code: key for code, key in found if key is not None}

    def _learn(self, row: tuple[str, ...]) -> None:
        """Find or record what a row names, all of it or nothing.

        Raises:
            AtlasError: something is not found.
        """
        source, report, *others = row
        with self._session.begin_nested():
            ids = {text: self.organisation(text, "source").key for text in (source, *others) if text != ""}
            publisher = self._session.get_one(Organisation, ids[source])
            key = self.report(report, publisher, "report").key
        self._reports[report] = key
        self._organisations |= ids

    def organisation(self, text: str, column: str) -> Organisation:
        """The organisation with the code or name ``text``.

        Raises:
            NotFoundError: there is none, and none may be recorded.
        """
        try:
            return find_organisation(self._session, text)
        except NotFoundError as error:
            if not self._create:
                raise _with_remedy(error, column) from error
        plain = {"code": report_code(text), "name": text, "kind": OrganisationKind.UNKNOWN}
        return add_organisation(self._session, validated(OrganisationInput, plain, where=column))

    def report(self, text: str, publisher: Organisation, column: str) -> Report:
        """The report with the code or address ``text``; a new one is taken for one of ``publisher``.

        Raises:
            NotFoundError: there is none, and none may be recorded.
        """
        # Of a million new reports none is to be compared with all others for a like name.
        if not self._create or len(reports_called(self._session, text)) > 0:
            try:
                return find_report(self._session, text)
            except NotFoundError as error:
                raise _with_remedy(error, column) from error
        plain = {"code": report_code(text), "publisher": publisher.code, "title": text}
        if text.startswith(("http://", "https://")):
            plain["url"] = text
        return add_report(self._session, validated(ReportInput, plain, where=column))


def _with_remedy(error: NotFoundError, column: str) -> InputError:
    return NotFoundError(error.code, error.why, where=column, got=error.got, fix=f"{error.fix} {CREATE}")


def report_code(text: str) -> str:
    """``text`` where it is short enough for a code and no address, else a code made of its digest."""
    if len(text) <= SHORT and "://" not in text:
        return text
    return f"x-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
