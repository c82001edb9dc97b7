"""CQL2 filters (OGC 21-065r2) over the incidents: parsed by the package ``cql2``, made SQL with bound values here.

Only the queryables are allowed, and only what means the same on both databases. A text is compared by its characters;
CASEI looks past the case of the letters A to Z. A day stands for all of it: ``start <= DATE('2017-03-17')``
includes that evening. ``S_INTERSECTS`` is *possibly* in the area, ``S_WITHIN`` *surely*, as the tier sees the places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

import shapely
import sqlalchemy as sa
from sqlmodel import Session

from db.errors import InputError
from db.keys import one_of
from db.search import like
from db.tables import Incident
from db.vocabulary import (
    Category,
    EventKind,
    Grading,
    InvestigationState,
    StrikeStatus,
    TimePrecision,
    WindowKind,
    YesNoUnknown,
)
from gazetteer.geometry import read_geometry
from incidents.columns import Columns
from incidents.criteria import Query, conditions
from incidents.periods import RELATIONS, Period, compared, literal_period
from incidents.query import find

Node: TypeAlias = Any
LONGEST, DEEPEST = 8_000, 32
"""Characters, and brackets within brackets: the parser overflows its stack at some thousands."""


class Language(StrEnum):
    """How a filter is written."""

    TEXT = "cql2-text"
    JSON = "cql2-json"


@dataclass(frozen=True)
class Queryable:
    """What a filter may name: its JSON type and format, its words where they are few, and what it says."""

    kind: str
    about: str
    words: type[StrEnum] | None = None


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


_COLUMNS: dict[str, Any] = {
    "code": Incident.code,
    "name": Incident.name,
    "kind": Incident.kind,
    "country": Incident.country,
    "time_precision": Incident.time_precision,
    "window_kind": Incident.window_kind,
    "civilian_harm_reported": Incident.civilian_harm_reported,
    "strike_status": Incident.strike_status,
}
_TIMES: dict[str, tuple[Any, Any]] = {
    "start": (Incident.start_utc, Incident.start_utc),
    "end": (Incident.end_utc, Incident.end_utc),
    "datetime": (Incident.start_utc, Incident.end_utc),
}
_ASKED: dict[str, Callable[[Query, Any], Query]] = {
    "status": lambda query, word: replace(query, status=InvestigationState(word)),
    "grading": lambda query, word: replace(query, grading=Grading(word)),
    "category": lambda query, word: replace(query, category=Category(word)),
    "source": lambda query, word: replace(query, source=word),
    "belligerent": lambda query, word: replace(query, belligerent=word),
}
QUERYABLES = {
    "code": Queryable("string", "The incident's own code."),
    "name": Queryable("string", "The name it is listed under."),
    "kind": Queryable("string", "What kind of event.", EventKind),
    "country": Queryable("string", "ISO 3166 code of two letters."),
    "start": Queryable("date-time", "The first instant of the window."),
    "end": Queryable("date-time", "The last instant of the window."),
    "datetime": Queryable("date-time", "The window, for the operators of intervals."),
    "time_precision": Queryable("string", "How fine the time is known.", TimePrecision),
    "window_kind": Queryable("string", "One moment in the window, or as long as it.", WindowKind),
    "civilian_harm_reported": Queryable("string", "Whether anybody reports harm to civilians.", YesNoUnknown),
    "strike_status": Queryable("string", "How sure it is that there was a strike.", StrikeStatus),
    "status": Queryable("string", "Some investigation stands here; = and IN only.", InvestigationState),
    "grading": Queryable("string", "Some body's current grading; = and IN only.", Grading),
    "category": Queryable("string", "Some source makes a claim about these people; = and IN only.", Category),
    "source": Queryable("string", "An organisation that made a claim; = and IN only."),
    "belligerent": Queryable("string", "Named as perpetrator or side; = and IN only."),
    "killed": Queryable("integer", "Some source puts the killed at this number or more; >= and > only."),
    "geometry": Queryable("geometry", "The places; S_INTERSECTS, S_WITHIN and S_DISJOINT only."),
}
_COMPARED = {"=", "<>", "<", ">", "<=", ">="}


def cql_condition(
    session: Session, text: str, language: Language, query: Query, *, columns: Columns | None = None
) -> Any:
    """SQL over the incident that says what the filter ``text`` does.

    Args:
        session: an open session.
        text: the filter.
        language: how it is written.
        query: whose tier and day the filter is answered for.
        columns: the spots in memory, where a process answers many questions.

    Raises:
        InputError: ``bad_filter``, ``unknown_queryable``, ``unsupported_filter``, or a value that is none.
    """
    return _Translator(session, Query(tier=query.tier, as_of=query.as_of), columns).condition(_tree(text, language), 0)


def _tree(text: str, language: Language) -> Node:
    """The filter as the JSON of CQL2."""
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if len(text) > LONGEST or deepest > DEEPEST:
        raise InputError(
            "bad_filter", f"A filter has at most {LONGEST} characters, and {DEEPEST} brackets within brackets.",
            where="filter",
        )  # fmt: skip
    import cql2

    try:
        parsed = cql2.parse_text(text) if language is Language.TEXT else cql2.parse_json(text)
        parsed.validate()
        return parsed.to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError("bad_filter", f"It is no CQL2: {why}.", where="filter", got=text) from error


def _unsupported(what: str) -> InputError:
    return InputError("unsupported_filter", f"This server does not do {what} in a filter.", where="filter")


class _Translator:
    """Makes SQL of one filter."""

    def __init__(self, session: Session, base: Query, columns: Columns | None) -> None:
        self._session = session
        self._base = base
        self._columns = columns

    def condition(self, node: Node, depth: int) -> Any:
        if depth > 2 * DEEPEST:
            raise InputError("bad_filter", "The filter is too deep.", where="filter")
        if isinstance(node, bool):
            return sa.true() if node else sa.false()
        if not isinstance(node, dict) or "op" not in node:
            raise _unsupported("a value where a condition belongs")
        op, args = str(node["op"]).lower(), node["args"]
        if op in {"and", "or"}:
            parts = [self.condition(one, depth + 1) for one in args]
            return sa.and_(*parts) if op == "and" else sa.or_(*parts)
        if op == "not":
            return sa.not_(self.condition(args[0], depth + 1))
        if op.startswith("s_"):
            return self._spatial(op, args)
        if op.startswith("t_"):
            return self._temporal(op, args)
        return self._comparison(op, args)

    def _comparison(self, op: str, args: list[Node]) -> Any:
        if len(args) == 0:
            raise _unsupported(op)
        if op == "isnull":
            return self._column(args[0]).is_(None)
        name = _property(args[0])
        if name in _ASKED and op in {"=", "in"}:
            words = args[1] if op == "in" else [args[1]]
            return sa.or_(sa.false(), *(self._said(name, word) for word in words))
        if name == "killed" and op in {">=", ">"}:
            return self._killed(args[1], 0 if op == ">=" else 1)
        if op in _COMPARED and (self._is_time(args[0]) or self._is_time(args[1])):
            return compared(op, self._period(args[0]), self._period(args[1]))
        if op in _COMPARED:
            return self._text(args[0]).op(op, is_comparison=True)(self._text(args[1]))
        if op == "in":
            return self._text(args[0]).in_([self._text(one) for one in args[1]])
        if op == "like":
            return like(self._session, self._text(args[0]), _pattern(args[1]))
        raise _unsupported(op)

    def _said(self, name: str, word: Node) -> Any:
        """SQL: the incident answers to a question of its own."""
        if not isinstance(word, str):
            raise _unsupported(f"anything but a text for {name}")
        try:
            query = _ASKED[name](self._base, word)
        except ValueError as error:
            known = QUERYABLES[name].words or ()
            raise InputError(
                "unknown_value", f"{name} has no such word.", where="filter", got=word,
                fix=f"It is one of {', '.join(known)}.",
            ) from error  # fmt: skip
        return sa.and_(*conditions(self._session, query))

    def _killed(self, number: Node, more: int) -> Any:
        if isinstance(number, bool) or not isinstance(number, int | float) or number != int(number):
            raise _unsupported("anything but a whole number for killed")
        least = int(number) + more
        if not 0 <= least <= 10_000_000:
            raise InputError("out_of_range", "The number is outside 0 to 10,000,000.", where="filter", got=number)
        return sa.and_(*conditions(self._session, replace(self._base, killed_min=least)))

    def _column(self, node: Node) -> Any:
        name = _property(node)
        if name in _TIMES:
            return _c(_TIMES[name][0])
        if name in _COLUMNS:
            return sa.type_coerce(_c(_COLUMNS[name]), sa.String())
        raise _unsupported("this" if name is None else f"{name} here")

    def _text(self, node: Node) -> Any:
        if isinstance(node, dict) and node.get("op") == "casei":
            inner = node["args"][0]
            return sa.literal(_lower(inner)) if isinstance(inner, str) else sa.func.lower(self._text(inner))
        if isinstance(node, str):
            return sa.literal(node)
        if isinstance(node, dict) and "property" in node:
            return self._column(node)
        raise _unsupported("numbers or functions with a text")

    def _is_time(self, node: Node) -> bool:
        return isinstance(node, dict) and (_property(node) in _TIMES or not {"date", "timestamp"}.isdisjoint(node))

    def _period(self, node: Node) -> Period:
        name = _property(node)
        if name in _TIMES:
            start, end = _TIMES[name]
            return Period(_c(start), _c(end))
        if isinstance(node, dict) and "interval" in node:
            first, last = node["interval"]
            return Period(
                self._period(first).start if isinstance(first, dict) else literal_period(first, last=False).start,
                self._period(last).end if isinstance(last, dict) else literal_period(last, last=True).end,
            )
        value = node.get("date", node.get("timestamp")) if isinstance(node, dict) else node
        if not isinstance(value, str):
            raise _unsupported("this as a time")
        return literal_period(value, last=False)

    def _temporal(self, op: str, args: list[Node]) -> Any:
        if op not in RELATIONS:
            raise _unsupported(op)
        return RELATIONS[op](self._period(args[0]), self._period(args[1]))

    def _spatial(self, op: str, args: list[Node]) -> Any:
        if op not in {"s_intersects", "s_within", "s_disjoint"} or _property(args[0]) != "geometry":
            raise _unsupported(f"{op} but of geometry with an area" if op.startswith("s_i") else op)
        answer = find(self._session, replace(self._base, area=_area(args[1])), columns=self._columns)
        if op == "s_within":
            keys = [hit.key for hit in answer.hits if hit.match == "surely"]
            return one_of(_c(Incident.id), keys)
        touching = one_of(_c(Incident.id), answer.ids.tolist())
        if op == "s_intersects":
            return touching
        unlocated = one_of(_c(Incident.id), [hit.key for hit in answer.unlocated])
        return sa.and_(~touching, ~unlocated)


def _property(node: Node) -> str | None:
    """The queryable that ``node`` names; None where it names none.

    Raises:
        InputError: ``unknown_queryable``.
    """
    if not isinstance(node, dict) or "property" not in node:
        return None
    name = str(node["property"])
    if name not in QUERYABLES:
        fix = f"It is one of {', '.join(QUERYABLES)}."
        raise InputError("unknown_queryable", "There is no such queryable.", where="filter", got=name, fix=fix)
    return name


def _pattern(node: Node) -> str:
    insensitive = isinstance(node, dict) and node.get("op") == "casei"
    text = node["args"][0] if insensitive else node
    if not isinstance(text, str):
        raise _unsupported("LIKE but with a text")
    return _lower(text) if insensitive else text


def _lower(text: str) -> str:
    """``text`` with A to Z in small letters, as both databases do."""
    return re.sub("[A-Z]", lambda found: found[0].lower(), text)


def _area(node: Node) -> Any:
    if isinstance(node, dict) and "bbox" in node and len(node["bbox"]) == 4:
        west, south, east, north = node["bbox"]
        if not west < east or not south < north:
            raise InputError("bad_bbox", "The box has no area.", where="filter")
        node = shapely.geometry.mapping(shapely.box(west, south, east, north))
    if not isinstance(node, dict) or node.get("type") not in {"Polygon", "MultiPolygon"}:
        raise _unsupported("a place but as a box, a polygon or several")
    return read_geometry(node, where="filter", confirm_null_island=True)
