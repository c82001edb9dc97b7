"""The organisations and reports that rows of somebody else's file name: looked up many at a time, or recorded."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import NewRows
from db.tables import metadata
from db.vocabulary import OrganisationKind
from gazetteer.folding import fold
from incidents import reports
from incidents.importers.sources import report_code
from incidents.inputs import validated
from incidents.organisations import OrganisationInput, add_organisation
from incidents.reports import ReportInput

KEPT = 50_000
"""So many texts are remembered from one batch to the next; more would not be flat memory."""

_ORGANISATION, _ALIAS = metadata.tables["organisation"], metadata.tables["organisation_alias"]
_REPORT = metadata.tables["report"]


class Names:
    """Ids by what the rows call an organisation or a report.

    Args:
        session: a write session.
        new: gives out the ids of reports and writes them.
    """

    def __init__(self, session: Session, new: NewRows) -> None:
        self._session = session
        self._new = new
        self._organisations: dict[str, int] = {}
        self._reports: dict[str, int] = {}

    def learn(self, organisations: set[str], cited: set[str]) -> None:
        """Look up what a batch names, in a fixed number of queries.

        Args:
            organisations: codes or names.
            cited: codes or addresses of reports.
        """
        for known in (self._organisations, self._reports):
            if len(known) > KEPT:
                known.clear()
        self._learn_organisations(organisations - self._organisations.keys())
        wanted = cited - self._reports.keys()
        addresses = {text for text in wanted if "://" in text}
        if len(addresses) > 0:
            # No index holds the addresses: they are looked through once a batch, not once for each.
            for column in (_REPORT.c.archive_url, _REPORT.c.url):
                self._reports |= self._pairs(sa.select(column, _REPORT.c.id).where(column.in_(addresses)))
        if len(wanted) > 0:
            codes = {*wanted, *map(report_code, addresses)}
            self._reports |= self._pairs(sa.select(_REPORT.c.code, _REPORT.c.id).where(_REPORT.c.code.in_(codes)))

    def _learn_organisations(self, wanted: set[str]) -> None:
        if len(wanted) == 0:
            return
        by_fold = {text: fold(text) for text in wanted}
        alias = sa.select(_ALIAS.c.folded, _ALIAS.c.organisation_id).where(_ALIAS.c.folded.in_(set(by_fold.values())))
        folded = self._pairs(alias)
        codes = self._pairs(sa.select(_ORGANISATION.c.code, _ORGANISATION.c.id).where(_ORGANISATION.c.code.in_(wanted)))
        for text, key in by_fold.items():
            found = codes.get(text, folded.get(key))
            if found is not None:
                self._organisations[text] = found

    def _pairs(self, query: sa.Select[tuple[str, int]]) -> dict[str, int]:
        return dict(tuple(row) for row in self._session.execute(query))

    def record_organisations(self, texts: Iterable[str]) -> None:
        """Record those of the organisations that are not: all of them, or none.

        Raises:
            InputError, ConflictError: as :func:`incidents.organisations.add_organisation`.
        """
        wanted = dict.fromkeys(text for text in texts if text not in self._organisations)
        if len(wanted) == 0:
            return
        found: dict[str, int] = {}
        with self._session.begin_nested():
            for text in wanted:
                # Under another spelling an earlier row, or this one, may have recorded it just now.
                held = self._pairs(
                    sa.select(_ALIAS.c.folded, _ALIAS.c.organisation_id).where(_ALIAS.c.folded == fold(text))
                )
                if len(held) > 0:
                    found[text] = held[fold(text)]
                    continue
                plain = {"code": report_code(text), "name": text, "kind": OrganisationKind.UNKNOWN}
                data = validated(OrganisationInput, plain, where=f"organisation {text[:100]}")
                found[text] = add_organisation(self._session, data).key
        self._organisations |= found

    def record_report(self, data: ReportInput) -> None:
        """Have a report written with the next rows, if it is not recorded."""
        texts = [text for text in (data.code, data.url) if text is not None]
        known = next((self._reports[text] for text in texts if text in self._reports), None)
        if known is None:
            publisher_id = self.organisation(data.publisher)
            known = self._new.add("report", {"publisher_id": publisher_id} | reports.own_columns(data))
        # The page of another incident may have the same address: its own code goes first.
        self._reports.setdefault(data.code, known)
        if data.url is not None:
            self._reports.setdefault(data.url, known)

    def organisation(self, text: str) -> int:
        """The id of an organisation that was learnt or recorded."""
        return self._organisations[text]

    def report(self, text: str) -> int:
        """The id of a report that was learnt or recorded."""
        return self._reports[text]
