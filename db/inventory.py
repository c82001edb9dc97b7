"""What a database holds, in figures that are the same in both editions: rows a table, and the head of the journal."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from db.exchange import Key, rows_after
from db.tables import Change, ChangeSet, OpenChangeSet, metadata

BATCH = 20_000
TABLES = tuple(table for table in metadata.sorted_tables if table.name != OpenChangeSet.__tablename__)
"""All that is kept between transactions, parents before children."""


class Inventory(BaseModel):
    """Two databases with the same inventory hold the same history.

    Attributes:
        counts: rows by table.
        head: SHA-256, in hex, over the change sets and changes in the order of their ids, a line of JSON each: every
            edit of a row is among them.
    """

    model_config = ConfigDict(frozen=True)

    counts: dict[str, int]
    head: str

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.counts.values())

    @property
    def journal(self) -> int:
        """The lines under ``head``."""
        return sum(self.counts[table.name] for table in _journal())

    def differences(self, other: Inventory) -> list[str]:
        """What differs between this and the ``other``, one line each."""
        found = [
            f"{name}: {count:,} rows, {other.counts.get(name, 0):,} in the other"
            for name, count in self.counts.items()
            if count != other.counts.get(name, 0)
        ]
        return found if self.head == other.head else [*found, "the heads of the journal differ"]


def take_inventory(connection: sa.Connection) -> Inventory:
    """Count the tables and read the journal; ``connection`` is in a transaction that sees one state."""
    counted = {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in TABLES
    }
    digest = hashlib.sha256()
    for table in _journal():
        last: Key | None = None
        while True:
            key = None
            for row in rows_after(connection, table, last, BATCH):
                digest.update(f"{json.dumps(tuple(row), ensure_ascii=False)}\n".encode("utf-8", "surrogatepass"))
                key = (int(row[0]),)
            if key is None:
                break
            last = key
    return Inventory(counts=counted, head=digest.hexdigest())


def _journal() -> tuple[sa.Table, sa.Table]:
    return metadata.tables[str(ChangeSet.__tablename__)], metadata.tables[str(Change.__tablename__)]
