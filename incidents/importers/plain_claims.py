"""Rows of the claims CSV that are plain, many at a time: read by column, and written in bulk.

What is not plain, and what is recorded already, is left to :mod:`.csv_claims`; so is a claim that points to one
further back than its own batch.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import NewRows
from db.errors import InputError
from db.tables import metadata
from db.tables.base import LINE, PARAGRAPH, SHORT
from db.vocabulary import AttributionStrength, Bound, Category, Outcome, Scope
from incidents.claims import STEM
from incidents.counts import count, parse_count
from incidents.importers.csv_claims import take_claim
from incidents.importers.plain import ODD, Known, Plain, whole, words
from incidents.importers.sources import Ids, Sources
from incidents.windows import day_span

TABLES = ("claim",)
FIGURE = ("bound", "minimum", "maximum", "words", "confirmed")
"""The cells that a count is read from."""

FIGURE_COLUMNS = ("bound", "minimum", "maximum", "words")
SAYS = ("outcome", "category", *FIGURE_COLUMNS, "stated")
"""What two claims without code, on one incident, say differently if they are two."""

DATES = ("period", "stated", "as_of")

_OUTCOMES, _CATEGORIES = words(Outcome, Outcome.KILLED), words(Category) | {"": ODD}
_SCOPES = {"": Scope.INCIDENT, Scope.INCIDENT.value: Scope.INCIDENT}
_STRENGTHS, _BOUNDS = words(AttributionStrength), words(Bound)
_CONFIRMED = {"": False, "no": False, "yes": True}
_CLAIM, _INCIDENT = metadata.tables["claim"], metadata.tables["incident"]

Values = dict[str, Sequence[Any]]


class _Links(NamedTuple):
    """What claims point to: rows of their batch; and the first row whose claim cannot point where it says."""

    subset_of: dict[int, int]
    supersedes: dict[int, int]
    odd: int


class ClaimRows:
    """Reads and writes the plain rows of one file.

    Args:
        session: a write session.
        sources: finds, or records, what the cells name.
        new: gives the ids out.
    """

    def __init__(self, session: Session, sources: Sources, new: NewRows) -> None:
        self._session = session
        self._sources = sources
        self._new = new
        self._figures = Known(_figure)
        self._spans = Known(_span)
        self._days = Known(_day)
        self._plain = Plain({}, 0)
        self._values: Values = {}
        self._names: list[Sequence[str]] = []
        self._withdrawn: Sequence[Any] = ()

    def read(self, plain: Plain) -> None:
        """Read a batch; the rows that are not plain are marked in it."""
        self._plain = plain
        plain.refuse("incidents")
        self._values = self._read_values(plain)
        self._names = [plain.texts(name, LINE) for name in ("source", "report", "perpetrator", "side")]
        for name in ("incident", "code", "subset_of", "supersedes"):
            plain.texts(name, SHORT, identifier=name != "incident")
        self._withdrawn = self._read_withdrawn(plain)
        needed = (plain.cells("incident"), *self._names[:2])
        for row, cells in enumerate(zip(*needed, strict=True)):
            if not all(cells):
                plain.rows[row] = 0

    def write(self, start: int, stop: int) -> int:
        """Write rows from ``start`` on, up to the first that is not plain or is recorded already.

        Args:
            start: first row of the batch to write.
            stop: the row to end before.

        Returns:
            How many rows were written.
        """
        odd = self._plain.rows.find(0, start, stop)
        stop = stop if odd < 0 else odd
        if stop == start:
            return 0
        incidents = self._incident_ids(start, stop)
        codes = self._new_codes(start, stop, incidents)
        stop = start + len(codes)
        links = self._links(start, codes)
        stop = min(stop, links.odd)
        ids = self._sources.of_rows(zip(*(names[start:stop] for names in self._names), strict=True))
        stop = start + len(ids)
        if stop > start:
            self._add(start, codes, incidents, ids, links)
        return stop - start

    def take(self, _row: int, cells: dict[str, str]) -> bool:
        """Record a row of any kind, or find it recorded; returns whether it is new.

        Raises:
            InputError, ConflictError: as :func:`.csv_claims.take_claim`.
        """
        return take_claim(self._session, self._sources, cells)

    def _incident_ids(self, start: int, stop: int) -> list[int | None]:
        """The incidents of rows by their own code; None where no incident has it."""
        codes = self._plain.cells("incident")[start:stop]
        query = sa.select(_INCIDENT.c.code, _INCIDENT.c.id).where(_INCIDENT.c.code.in_(set(codes)))
        known = {row.code: row.id for row in self._session.execute(query)}
        return [known.get(code) for code in codes]

    def _new_codes(self, start: int, stop: int, incidents: Sequence[int | None]) -> list[str]:
        """The codes of rows, up to the first without incident, or whose claim may be recorded or stand twice.

        A claim without a code gets the next of its incident, as :func:`incidents.claims.add_claim` gives it; one of
        an incident that has claims already may be one of them.
        """
        given = self._plain.cells("code")[start:stop]
        unnamed = {key for key, code in zip(incidents, given, strict=True) if code == "" and key is not None}
        claimed = self._claimed(unnamed)
        codes: list[str] = []
        counted: dict[int, int] = defaultdict(int)
        seen, said = set[str](), set[tuple[Any, ...]]()
        for row, code, key in zip(range(start, stop), given, incidents, strict=True):
            if key is None:
                break
            stem = f"{self._plain.cells('incident')[row][:STEM]}-c"
            counted[key] += code == "" or code.startswith(stem)
            code = code or f"{stem}{counted[key]}"
            if key in unnamed:
                says = (key, *(self._values[name][row] for name in SAYS if name in self._values))
                if given[row - start] == "" and (key in claimed or says in said):
                    break
                said.add(says)
            if code in seen:
                break
            seen.add(code)
            codes.append(code)
        held = set(self._session.execute(sa.select(_CLAIM.c.code).where(_CLAIM.c.code.in_(codes))).scalars())
        return list(takewhile(lambda code: code not in held, codes))

    def _claimed(self, incidents: set[int]) -> set[int]:
        """Those of the incidents that have claims."""
        if len(incidents) == 0:
            return set()
        query = sa.select(_CLAIM.c.incident_id).where(_CLAIM.c.incident_id.in_(incidents)).distinct()
        return set(self._session.execute(query).scalars())

    def _links(self, start: int, codes: Sequence[str]) -> _Links:
        """What the rows point to, where the rules of :mod:`incidents.claims` allow it beyond doubt."""
        stop = start + len(codes)
        links = _Links({}, {}, stop)
        if "subset_of" not in self._plain and "supersedes" not in self._plain:
            return links
        rows = dict(zip(codes, range(start, stop), strict=True))
        wholes, olds = self._plain.cells("subset_of"), self._plain.cells("supersedes")
        for row in range(start, stop):
            if wholes[row] != "":
                whole_row = rows.get(wholes[row], stop)
                if whole_row >= row or whole_row in links.subset_of.values() or not self._is_part(row, whole_row):
                    return links._replace(odd=row)
                links.subset_of[row] = whole_row
            if olds[row] != "":
                old = rows.get(olds[row], stop)
                if old >= row or old in links.supersedes.values() or self._subject(row) != self._subject(old):
                    return links._replace(odd=row)
                links.supersedes[row] = old
        return links

    def _is_part(self, row: int, whole_row: int) -> bool:
        """Whether a claim may be the only part of another."""
        incidents, outcomes = self._plain.cells("incident"), self._values["outcome"]
        least, most = self._values["minimum"][row], self._values["maximum"][whole_row]
        same = incidents[row] == incidents[whole_row] and outcomes[row] == outcomes[whole_row]
        return same and (least is None or most is None or least <= most)

    def _subject(self, row: int) -> tuple[Any, ...]:
        """What a claim counts, and who says so; equal texts name one thing."""
        source, _, _, side = self._names
        outcome, category = self._values["outcome"][row], self._values["category"][row]
        return self._plain.cells("incident")[row], source[row], outcome, category, side[row]

    def _add(self, start: int, codes: list[str], incidents: list[int | None], ids: list[Ids], links: _Links) -> None:
        stop = start + len(ids)
        sources, reports, perpetrators, sides = zip(*ids, strict=True)
        values = {name: column[start:stop] for name, column in self._values.items()}
        first = self._new.next_id("claim")
        values |= {
            "code": codes[: stop - start],
            "incident_id": incidents[: stop - start],
            "source_id": sources,
            "report_id": reports,
            "perpetrator_id": perpetrators,
            "side_id": sides,
        }
        for name, pointed in (("subset_of_id", links.subset_of), ("supersedes_id", links.supersedes)):
            if len(pointed) > 0:
                values[name] = [first + pointed[row] - start if row in pointed else None for row in range(start, stop)]
        self._new.add_columns("claim", values)
        self._withdraw(start, stop, first)

    def _withdraw(self, start: int, stop: int, first: int) -> None:
        """Take back the claims that their sources took back, as an edit that the journal keeps."""
        edits: list[dict[str, Any]] = [
            {"key": first + row - start, "on": self._withdrawn[row][0], "reason": self._withdrawn[row][1]}
            for row in range(start, stop)
            if self._withdrawn[row] is not None
        ]
        if len(edits) > 0:
            edit = sa.update(_CLAIM).where(_CLAIM.c.id == sa.bindparam("key"))
            columns: dict[str, Any] = {"withdrawn_on": sa.bindparam("on"), "withdrawn_why": sa.bindparam("reason")}
            self._session.execute(edit.values(version=_CLAIM.c.version + 1, withdrawn=True, **columns), edits)

    def _read_values(self, plain: Plain) -> Values:
        figures = plain.looked_up(self._figures, *FIGURE)
        counted = zip(*(_NO_FIGURE if figure is ODD else figure for figure in figures), strict=True)
        found: Values = {
            "outcome": plain.looked_up(_OUTCOMES, "outcome"),
            "category": plain.looked_up(_CATEGORIES, "category"),
            **dict(zip(FIGURE_COLUMNS, counted, strict=True)),
            "scope": plain.looked_up(_SCOPES, "scope"),
            "area": plain.optional("area", LINE),
            "period_words": plain.optional("period_words", LINE),
            "strength": plain.looked_up(_STRENGTHS, "strength"),
            "locator": plain.optional("locator", LINE),
            "note": plain.optional("note", PARAGRAPH),
        }
        for name in (name for name in DATES if name in plain):
            spans = plain.looked_up(self._spans, name)
            bounds = zip(*(_NO_SPAN if span is ODD else span for span in spans), strict=True)
            found |= dict(zip((name, f"{name}_start", f"{name}_end"), bounds, strict=True))
        return found

    def _read_withdrawn(self, plain: Plain) -> list[Any]:
        """For each row the day and the reason of its withdrawal, or None."""
        days = plain.looked_up(self._days, "withdrawn_on")
        reasons = plain.texts("withdrawn_why", PARAGRAPH)
        for row, (day, reason) in enumerate(zip(days, reasons, strict=True)):
            if (day is None) != (reason == ""):
                plain.rows[row] = 0
        return [None if day is None else (day, reason) for day, reason in zip(days, reasons, strict=True)]


_NO_FIGURE, _NO_SPAN = (None,) * len(FIGURE_COLUMNS), (None,) * 3
_DATE = re.compile(r"[0-9T:Z+./-]{4,100}")


def _figure(cells: tuple[str, ...]) -> tuple[Any, ...]:
    """The columns of the count that the cells ``FIGURE`` say.

    Raises:
        InputError: as the claim's input, or ``not_plain``.
    """
    bound, least, most, said, confirmed = cells
    if said != said.strip() or said[:1] == "'" or len(said) > LINE or confirmed not in _CONFIRMED:
        raise _not_plain(said)
    large = _CONFIRMED[confirmed]
    if bound == "":
        if least != "" or most != "" or said == "":
            raise _not_plain(said)
        found = parse_count(said, where="words", confirm_large=large)
    else:
        found = count(bound, whole(least), whole(most), said or None, where="bound", confirm_large=large)
    return found.bound, found.min, found.max, found.words


def _span(cell: str) -> tuple[Any, ...]:
    """A date as it stands, with its bounds.

    Raises:
        InputError: as :func:`incidents.windows.day_span`, or ``not_plain``.
    """
    if cell == "":
        return _NO_SPAN
    if _DATE.fullmatch(cell) is None:
        raise _not_plain(cell)
    return cell, *day_span(cell)


def _day(cell: str) -> Any:
    """The last second of a day; None for an empty cell.

    Raises:
        InputError: as :func:`incidents.windows.day_span`, or ``not_plain``.
    """
    if cell == "":
        return None
    if _DATE.fullmatch(cell) is None:
        raise _not_plain(cell)
    return day_span(cell, allow_open=False)[1]


def _not_plain(cell: str) -> InputError:
    return InputError("not_plain", "This is to be read with care.", got=cell)
