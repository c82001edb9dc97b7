"""The rules that the triggers hold raw SQL to: what they refuse, with which words, on which tables.

A message begins with the code of the error that a session raises for it.
"""

from __future__ import annotations

from db.tables import InvestigationStep, OpenChangeSet, Recorded, Table
from db.vocabulary import LEGAL_MOVES, InvestigationState

OPEN = f'(SELECT change_set_id FROM "{OpenChangeSet.__tablename__}")'
NO_CHANGE_SET = "no_change_set: a change needs an open change set that says who and why"
NO_DELETE = "no_delete: nothing is deleted here; withdraw or supersede it"
NO_REPLACE = "duplicate: a row with this key exists; it is never replaced, edit or supersede it"
NO_UPDATE = "append_only: this row is only ever added; record a correction instead"
NO_JUMP = "stale_version: an edit raises the version by exactly one and keeps the id and the change set"
NO_VERSION = "stale_version: a new row has version 1"
NO_MOVE = "illegal_move: the investigation does not allow this step after the state before it"
NO_STEP = "illegal_move: a correction restates a step of its own investigation"


def table_classes() -> list[type[Recorded]]:
    """Every table class whose rows point to a change set, by table name."""
    mapped = (mapper.class_ for mapper in Table._sa_registry.mappers)  # noqa: SLF001 - SQLAlchemy's documented handle has no public name on declarative bases
    classes = [found for found in mapped if issubclass(found, Recorded)]
    return sorted(classes, key=lambda found: str(found.__tablename__))


def illegal_move() -> str:
    """SQL that is true of a step ``NEW`` that may not follow the one before it in time, or precede the next."""
    table = str(InvestigationStep.__tablename__)
    thread = f"FROM {table} AS b WHERE b.investigation_id = NEW.investigation_id AND b.taken_start"
    before = (
        f"coalesce((SELECT state {thread} <= NEW.taken_start ORDER BY b.taken_start DESC, b.id DESC LIMIT 1), "
        f"'{InvestigationState.NOT_ASSESSED.value}')"
    )
    after = f"(SELECT kind, state {thread} > NEW.taken_start ORDER BY b.taken_start, b.id LIMIT 1) AS a"
    return f"NOT ({_legal('NEW', before)}) OR EXISTS (SELECT 1 FROM {after} WHERE NOT ({_legal('a', 'NEW.state')}))"


def astray_correction() -> str:
    """SQL that is true of a step ``NEW`` which corrects a step of another investigation."""
    table = str(InvestigationStep.__tablename__)
    own = f"SELECT 1 FROM {table} WHERE id = NEW.corrects_id AND investigation_id = NEW.investigation_id"
    return f"NEW.corrects_id IS NOT NULL AND NOT EXISTS ({own})"


def _legal(step: str, before: str) -> str:
    """SQL that is true when the row ``step`` may follow the state that the expression ``before`` gives."""
    return " OR ".join(
        f"({step}.kind = '{kind.value}' AND {before} IN ({_quoted(sources)}) AND {step}.state IN ({_quoted(targets)}))"
        for kind, (sources, targets) in LEGAL_MOVES.items()
    )


def _quoted(states: frozenset[InvestigationState]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))
