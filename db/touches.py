"""Which incidents a change concerns: what the triggers write into ``touched``, for raw SQL too.

Described as data, because each database has its own triggers: SQLite's run for a row, PostgreSQL's for a
statement. Whoever renders them puts the changed rows in the place ``{rows}``: the new ones of an INSERT, the new and
the old ones of an UPDATE.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Touch:
    """After ``events`` on ``table``, the incidents that ``incidents`` selects are out of date.

    Attributes:
        table: name of the table.
        events: INSERT, UPDATE or both.
        columns: the columns of the changed rows that the SQL needs.
        incidents: SELECT statements that give incident ids from ``{rows} AS r``; NULL stands for none.
    """

    table: str
    events: tuple[str, ...]
    columns: tuple[str, ...]
    incidents: tuple[str, ...]

    def statement(self, rows: str) -> str:
        """The INSERT into ``touched``.

        Args:
            rows: a table name, or a SELECT in brackets, with the changed rows.
        """
        found = " UNION ".join(select.format(rows=rows) for select in self.incidents)
        return (
            f"INSERT INTO touched (incident_id) SELECT DISTINCT i.incident_id FROM ({found}) AS i "
            "WHERE i.incident_id IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM touched AS t WHERE t.incident_id = i.incident_id)"
        )


BOTH = ("INSERT", "UPDATE")
INSERT, UPDATE = ("INSERT",), ("UPDATE",)


def _own(column: str = "incident_id") -> str:
    return f"SELECT r.{column} AS incident_id FROM {{rows}} AS r"


def _through(table: str, column: str, to: str = "id") -> str:
    """The incidents of the rows of ``table`` whose ``column`` is the changed row's ``to``."""
    return f"SELECT x.incident_id FROM {{rows}} AS r JOIN {table} AS x ON x.{column} = r.{to}"


def _totals(column: str) -> str:
    """The incidents that a total counts among its own, where the total's ``column`` is the changed row's id."""
    return (
        f"SELECT x.incident_id FROM {{rows}} AS r JOIN claim AS c ON c.{column} = r.id "
        "JOIN claim_incident AS x ON x.claim_id = c.id"
    )


def _step(column: str) -> str:
    return (
        f"SELECT x.incident_id FROM {{rows}} AS r JOIN investigation_step AS s ON s.{column} = r.id "
        "JOIN investigation AS x ON x.id = s.investigation_id"
    )


CITED_IN = ("incident_report", "statement", "location", "claim", "attribution", "grading")

NAMED_IN = (
    ("statement", "organisation_id"),
    ("location", "source_id"),
    ("claim", "source_id"),
    ("claim", "perpetrator_id"),
    ("claim", "side_id"),
    ("attribution", "organisation_id"),
    ("attribution", "by_id"),
    ("grading", "by_id"),
    ("investigation", "authority_id"),
)

# A group's dead are blamed on its members too, and on the members of those.
_GROUPS = (
    "SELECT a.incident_id FROM {rows} AS r JOIN attribution AS a ON a.role = 'perpetrator' AND a.organisation_id IN ("
    "WITH RECURSIVE above (id) AS (SELECT r.group_id UNION SELECT m.group_id "
    "FROM organisation_membership AS m JOIN above ON m.member_id = above.id) SELECT id FROM above)"
)


def _published(middle: str, incidents: str) -> str:
    """The incidents of what is cited from the reports that the changed organisation published."""
    return f"SELECT x.incident_id FROM {{rows}} AS r JOIN report AS p ON p.publisher_id = r.id {middle}JOIN {incidents}"


def _repeated(start: str, condition: str) -> str:
    """The incidents of claims whose source says, in the end, what the organisation of ``start`` (id, code) says."""
    return (
        "SELECT c.incident_id FROM {rows} AS r JOIN claim AS c ON c.source_id IN ("
        f"WITH RECURSIVE told (id, code) AS ({start} UNION SELECT o.id, o.code FROM told AS t JOIN organisation AS o "
        "ON o.independence_group = t.code OR o.id IN (SELECT m.member_id FROM organisation_membership AS m "
        f"WHERE m.group_id = t.id AND m.kind = 'part')) SELECT id FROM told) WHERE {condition}"
    )


_CHANGED_WORD = _repeated("SELECT r.id, r.code", "r.id > 0")
_NEW_WORD = _repeated("SELECT r.id, r.code", "r.independence_group IS NOT NULL")
_NEW_WHOLE = _repeated("SELECT o.id, o.code FROM organisation AS o WHERE o.id = r.member_id", "r.kind = 'part'")
_PUBLISHED = (
    *(_published("", f"{table} AS x ON x.report_id = p.id") for table in CITED_IN),
    _published("JOIN claim AS c ON c.report_id = p.id ", "claim_incident AS x ON x.claim_id = c.id"),
    _published(
        "JOIN investigation_step AS s ON s.report_id = p.id ", "investigation AS x ON x.id = s.investigation_id"
    ),
)

TOUCHES = (
    Touch("incident", BOTH, ("id",), (_own("id"),)),
    Touch("incident_name", INSERT, ("incident_id",), (_own(),)),
    Touch("incident_code", INSERT, ("incident_id",), (_own(),)),
    Touch("incident_report", INSERT, ("incident_id",), (_own(),)),
    Touch("statement", INSERT, ("incident_id",), (_own(),)),
    Touch("location", BOTH, ("incident_id",), (_own(),)),
    Touch("claim", INSERT, ("incident_id",), (_own(),)),
    Touch("claim", UPDATE, ("id", "incident_id"), (_own(), _through("claim_incident", "claim_id"))),
    Touch("claim_incident", INSERT, ("incident_id",), (_own(),)),
    Touch("attribution", BOTH, ("incident_id",), (_own(),)),
    Touch("grading", INSERT, ("incident_id",), (_own(),)),
    Touch("investigation", INSERT, ("incident_id",), (_own(),)),
    Touch("investigation_step", INSERT, ("investigation_id",), (_through("investigation", "id", "investigation_id"),)),
    Touch("judgement", INSERT, ("low_id", "high_id"), (_own("low_id"), _own("high_id"))),
    Touch("organisation_membership", INSERT, ("group_id", "member_id", "kind"), (_GROUPS, _NEW_WHOLE)),
    Touch("organisation", INSERT, ("id", "code", "independence_group"), (_NEW_WORD,)),
    Touch(
        "report",
        UPDATE,
        ("id",),
        (*(_through(table, "report_id") for table in CITED_IN), _totals("report_id"), _step("report_id")),
    ),
    Touch(
        "organisation",
        UPDATE,
        ("id", "code"),
        (*(_through(table, column) for table, column in NAMED_IN), _totals("source_id"), *_PUBLISHED, _CHANGED_WORD),
    ),
)


def sqlite_triggers() -> dict[str, str]:
    """SQLite's triggers: name to a statement with the place ``{name}``."""
    return {
        f"{touch.table}_touch_{event.lower()}": (
            f'CREATE TRIGGER "{{name}}" AFTER {event} ON "{touch.table}"\n'
            f"BEGIN {touch.statement(_row(touch, event))}; END"
        )
        for touch in TOUCHES
        for event in touch.events
    }


def _row(touch: Touch, event: str) -> str:
    sides = ("NEW",) if event == "INSERT" else ("NEW", "OLD")
    selects = ("SELECT " + ", ".join(f"{side}.{column} AS {column}" for column in touch.columns) for side in sides)
    return f"({' UNION ALL '.join(selects)})"
