"""What is read by column is what the input models make of the same rows, one by one."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from db.engine import Database
from db.session import write_session
from db.tables import metadata
from incidents.importers import csv_file
from incidents.importers.own_csv import import_csv
from incidents.importers.plain_claims import ClaimRows
from incidents.importers.plain_incidents import IncidentRows
from incidents.organisations import OrganisationInput, add_organisation
from incidents.reports import ReportInput, add_report
from tests.editions import Edition

KEPT_APART = {"change_set", "import_run", "open_change_set", "touched"}
"""Tables that hold when an import ran, or what is listed for the derived rows, in no fixed order."""


class Undone(Exception):  # noqa: N818 - nothing is wrong
    """Ends a session so that nothing of it stays."""


@pytest.fixture
def known(edition: Edition) -> Database:
    """A database that knows two sources with a report each; nothing is to be committed to it."""
    return edition.prepared("two sources", _sources)


def _sources(database: Database) -> None:
    with write_session(database, who="tester", why="sources") as session:
        for code in ("monitor", "echo"):
            add_organisation(session, OrganisationInput(code=code, name=f"The {code}", kind="casualty_monitor"))
            url = f"https://{code}.example/1"
            add_report(session, ReportInput(code=f"{code}-1", publisher=code, title="Found", url=url))


def text_of(rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, sorted({name for row in rows for name in row}), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def recorded(session: Session) -> dict[str, list[Any]]:
    """Every row of every table."""
    return {
        name: [
            tuple(row)
            for row in session.execute(table.select().order_by(*table.primary_key))
            if name != "change" or row.table_name != "import_run"
        ]
        for name, table in metadata.tables.items()
        if name not in KEPT_APART
    }


def imported(known: Database, folder: Path, *texts: str) -> tuple[list[Any], dict[str, list[Any]]]:
    """What becomes of the two files, and everything that is then recorded; it does not stay."""
    files = folder / "incidents.csv", folder / "claims.csv"
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8", newline="")
    found: list[tuple[list[Any], dict[str, list[Any]]]] = []
    with suppress(Undone), write_session(known, who="tester", why="an import") as session:
        outcome = import_csv(session, *files, partial=True, create_sources=True)
        outcomes = [
            (one.read, one.added, one.unchanged, one.flagged, [(bad.line, bad.error.code) for bad in one.rejected])
            for one in (outcome.incidents, outcome.claims)
            if one is not None
        ]
        session.flush()
        found.append((outcomes, recorded(session)))
        raise Undone
    return found[0]


Cells = dict[str, tuple[str, ...]]

DAYS = ("2017-03-17", "2017-03-18", "2017-04-02")
TIMES = (*DAYS, "2017-03", "2017", "2017-03-17T08:24Z")
ODD_TIMES = (
    "2017-02-30",
    "1899-01-01",
    "2999-01-01",
    "17/03/2017",
    " 2017-03-17",
    "2017-03-17T08:24",
    "'2017",
    "20170317",
)
PLAIN_INCIDENT: Cells = {
    "names": ("The bridge | جسر", "جسر", "a\\|b | a\\|b"), "codes": ("airwars:CS1 | x:y (former)", "a:b:c"),
    "kind": ("shelling",), "country": ("SY",), "tz": ("Asia/Damascus", "UTC"), "civilian_harm_reported": ("yes",
    "no"),
    "strike_status": ("likely",), "visibility": ("restricted",), "note": ("A note.", "two\nlines"),
}  # fmt: skip
PLAIN_WINDOW: tuple[Cells, ...] = (
    {},
    {"edtf": (*TIMES, "[2017-03-17..2017-03-18]", "2017-03-17/2017-04-02", "2011-12-29/2011-12-31", "2017-03-1X")},
    {"edtf": DAYS, "part_of_day": ("morning",), "time_words": ("at night",)},
    {"edtf": ("2017-03-17/2017-03-18",), "time_precision": ("days", "week", "day", "month")},
    {"start": DAYS[:2], "end": DAYS[1:], "window_kind": ("duration", "moment_in_window")},
    {"start": TIMES, "tz": ("Asia/Damascus", "Pacific/Apia"), "time_precision": ("day", "month", "minute")},
)  # fmt: skip
PLAIN_PLACE: Cells = {
    "lon": ("43.1", "-0.0", "-179.999999", "180"), "lat": ("36.3", "90", "-0.5", "0"), "radius_m": ("250", "0",
    "1500.5"),
    "precision": ("exact", "settlement", "adm1"), "location_source": ("monitor", "The Echo", "new", "newer"),
    "location_report": ("monitor-1", "https://echo.example/1", "https://new.example/1", "new"),
}  # fmt: skip
MORE_PLACE: Cells = {
    "method": ("geolocated",), "geoprivacy": ("exact", "reduced", "hidden"), "public_decimals": ("1", "4"),
    "place_name": ("Mosul",), "place_words": ("near it",), "confirmed": ("yes", "no"),
}  # fmt: skip
ODD_INCIDENT: Cells = {
    "code": ("a", "x y", "é", " a", "x" * 101), "name": ("'=1+1", "'quoted", " padded", "x" * 501, "=1",
    "soft\u00adhyphen", ""),
    "names": ("'\u00ad | ", " | ", "'=1"), "codes": ("CS1", "a:b | a:b", "a:b | a:b (former)", "a:b c", "a:"),
    "kind": ("flood",
    " airstrike"),
    "country": ("sy", "SYR"), "start": (*TIMES, *ODD_TIMES), "end": ODD_TIMES, "edtf": (*ODD_TIMES, "2017-03-17/..",
    "x",
    "2017-03-18/2017-03-17", "[2017-03-17,2017-03-18]", "2011-12-30"), "tz": ("Nowhere", "Pacific/Apia"),
    "time_precision": ("x", "second"), "window_kind": ("x", "duration"), "part_of_day": ("x", "night"),
    "time_words": ("'+1", "words"), "civilian_harm_reported": ("maybe",), "strike_status": ("x",),
    "visibility": ("x",),
    "note": ("n" * 4001,), "lon": ("181", "1e1", "NaN", "43,1", "+7", ".5", " 3", "0", ""), "lat": ("95", "0.0", ""),
    "radius_m": ("-1", "3000000", "x"), "precision": ("unknown", "near", ""), "method": ("x",),
    "geoprivacy": ("adm_only", "x"), "public_decimals": ("5", "x"), "place_name": ("'=",), "confirmed": ("YES", "x"),
    "location_source": ("", " monitor"), "location_report": ("",),
}  # fmt: skip
PLAIN_FIGURE: tuple[Cells, ...] = (
    {"words": ("at least 33", "dozens", "unknown", "up to 30", "37", "none (denied)")},
    {"bound": ("exact", "around", "between"), "minimum": ("3", "007"), "maximum": ("3", "7")},
    {"bound": ("at_least", "more_than"), "minimum": ("0", "12"), "words": ("a dozen",)},
    {"bound": ("unquantified", "unknown"), "words": ("dozens",)},
    {"bound": ("exact",), "minimum": ("100000",), "maximum": ("100000",), "confirmed": ("yes", "no")},
)
PLAIN_CLAIM: Cells = {
    "outcome": ("injured", "killed"), "scope": ("incident",), "area": ("Mosul",), "period": (*TIMES,
    "2017-03/2017-04", "2017/.."),
    "period_words": ("in spring",), "stated": TIMES, "as_of": TIMES, "perpetrator": ("echo",),
    "strength": ("alleged",),
    "side": ("monitor",), "subset_of": ("k1", "k2"), "supersedes": ("k1", "k2", "k3"), "locator": ("p. 3",),
    "note": ("A note.",),
}  # fmt: skip
WITHDRAWN: tuple[Cells, ...] = ({}, {}, {"withdrawn_on": ("2017-05-01",), "withdrawn_why": ("An error.",)})
ODD_CLAIM: Cells = {
    "code": ("", "k1", " k1", "k\u00ad"), "incident": ("The bridge", "z", ""), "source": ("", "The Monitor", "new"),
    "report": ("", "none"), "category": ("x", ""), "outcome": ("x",), "bound": ("x", "exact"), "minimum": ("-1",
    "99999999", "٣", "1.5"),
    "maximum": ("four", "100000"), "words": ("many sheep", "'=3", "٣٤"), "confirmed": ("x",),
    "scope": ("incident_set", "x"),
    "incidents": ("a | b",), "period": ("2017-03 / 2017-04", *ODD_TIMES), "stated": ODD_TIMES, "as_of": ODD_TIMES,
    "perpetrator": ("nobody",), "strength": ("x",), "side": (" monitor",), "subset_of": ("k9",),
    "supersedes": ("k9",),
    "withdrawn_on": ("x", "2017-05-01"), "withdrawn_why": ("Why?",),
}  # fmt: skip


def chosen(cells: Cells) -> dict[str, st.SearchStrategy[str]]:
    return {name: st.sampled_from(values) for name, values in cells.items()}


def rows(plain: list[st.SearchStrategy[dict[str, str]]], odd: Cells) -> st.SearchStrategy[dict[str, str]]:
    """Plain rows, and others with one cell changed."""
    one = st.one_of([st.tuples(st.just(name), st.sampled_from(values)) for name, values in odd.items()])
    changed = st.one_of(st.just({}), st.just({}), one.map(lambda pair: dict([pair])))
    return st.builds(lambda *parts: {name: cell for part in parts for name, cell in part.items()}, *plain, changed)


INCIDENTS = rows(
    [
        st.fixed_dictionaries(chosen({"code": ("a", "c", "d", "e", "A-1"), "name": ("The bridge", "جسر")})),
        st.fixed_dictionaries({}, optional=chosen(PLAIN_INCIDENT)),
        st.one_of([st.fixed_dictionaries(chosen(window)) for window in PLAIN_WINDOW]),
        st.one_of(
            st.just({}),
            st.builds(
                lambda place, more: place | more,
                st.fixed_dictionaries(chosen(PLAIN_PLACE)),
                st.fixed_dictionaries({}, optional=chosen(MORE_PLACE)),
            ),
        ),
    ],
    ODD_INCIDENT,
)
CLAIM_KEYS: Cells = {
    "code": ("k1", "k2", "k3", "k4", "", "", "a-c2"), "incident": ("a", "b"), "source": ("monitor", "echo"),
    "report": ("monitor-1", "new"),
    "category": ("civilian", "child"),
}  # fmt: skip
CLAIMS = rows(
    [
        st.fixed_dictionaries(chosen(CLAIM_KEYS)),
        st.one_of([st.fixed_dictionaries(chosen(figure)) for figure in PLAIN_FIGURE]),
        st.fixed_dictionaries({}, optional=chosen(PLAIN_CLAIM)),
        st.one_of([st.fixed_dictionaries(chosen(cells)) for cells in WITHDRAWN]),
    ],
    ODD_CLAIM,
)
TWO = [{"code": "a", "name": "One"}, {"code": "b", "name": "Two"}]


@settings(max_examples=40)
@given(st.lists(INCIDENTS, max_size=6), st.lists(CLAIMS, min_size=1, max_size=8), st.integers(1, 4))
def test_rows_taken_together_are_those_taken_one_by_one(
    known: Database, tmp_path: Path, incidents: list[dict[str, str]], claims: list[dict[str, str]], batch: int
) -> None:
    files = text_of([*TWO, *incidents]), text_of(claims)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_file, "BATCH", batch * 3)
        patch.setattr(csv_file, "FEW", batch)
        together = imported(known, tmp_path, *files)
        for taker in (IncidentRows, ClaimRows):
            patch.setattr(taker, "write", lambda _self, _start, _stop: 0)
        one_by_one = imported(known, tmp_path, *files)
    assert together == one_by_one
