"""Task of a process: how many SQL statements the dossier of one incident takes."""

from __future__ import annotations

import sqlalchemy as sa
from bench_gazetteer.clock import peak_rss_mb
from sqlmodel import Session

from bench_scale.asking import median_ms
from bench_scale.process import Figures
from db.engine import open_database
from db.session import read_session
from incidents.dossiers import dossier
from incidents.records import find_incident
from incidents.tiers import Tier


def show(url: str, codes: list[str], repeat: int) -> Figures:
    """Statements and milliseconds for each incident, everything included."""
    found: Figures = {}
    with read_session(open_database(url)) as session:
        for code in codes:
            found[code] = {
                "statements": _statements(session, code),
                "ms": median_ms(repeat, lambda code=code: _show(session, code)),
            }
    return {"by": found, "peak_rss_mb": peak_rss_mb()}


def _show(session: Session, code: str) -> None:
    dossier(session, find_incident(session, code).key, tier=Tier.INTERNAL)


def _statements(session: Session, code: str) -> int:
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(session.connection(), "before_cursor_execute", count)
    try:
        _show(session, code)
    finally:
        sa.event.remove(session.connection(), "before_cursor_execute", count)
    return len(seen)
