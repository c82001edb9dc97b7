"""The records of a table many at a time: a batch of plain lines is split at once, any other record by record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from db.encoding import reopen_text
from db.textfile import BadRow, Row, Table


@dataclass(frozen=True)
class Batch:
    """Consecutive records.

    Attributes:
        header: the column names.
        lines: physical line on which each record starts, from 1.
        cells: as many cells a record as the header has; a bad record has empty ones.
        raws: the original text of each, with its line end.
        bad: the records that cannot be trusted, by position.
    """

    header: tuple[str, ...]
    lines: list[int]
    cells: list[list[str]]
    raws: list[str]
    bad: dict[int, BadRow] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def columns(self) -> dict[str, Sequence[str]]:
        """The cells by column name, in the order of the records."""
        return dict(zip(self.header, zip(*self.cells, strict=True), strict=True))


def batches(table: Table, size: int) -> Iterator[Batch]:
    """The records of ``table`` in its order, about ``size`` at a time; blank lines are passed over.

    Raises:
        InputError: as iterating the table.
    """
    with reopen_text(table.path, table.encoding) as stream:
        lines = stream.lines()
        start = 1 + sum(1 for _ in islice(lines, table.first))
        while chunk := list(islice(lines, size)):
            cells = table.split(chunk)
            if cells is None:
                taken = _Counted(chain(chunk, lines))
                found = _one_by_one(table, taken, start, len(chunk))
                start += taken.count
            else:
                found = _plain(table.header, chunk, cells, start)
                start += len(chunk)
            if len(found) > 0:
                yield found


class _Counted(Iterator[str]):
    """Lines, and how many were taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.count = 0

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        return line


def _plain(header: tuple[str, ...], chunk: list[str], cells: list[list[str]], start: int) -> Batch:
    if all(cells):
        return Batch(header, list(range(start, start + len(chunk))), cells, chunk)
    kept = [position for position, one in enumerate(cells) if one]
    return Batch(
        header, [start + position for position in kept], [cells[at] for at in kept], [chunk[at] for at in kept]
    )


def _one_by_one(table: Table, lines: _Counted, start: int, least: int) -> Batch:
    """The records that begin in the next ``least`` lines; the last of them may end later."""
    batch = Batch(table.header, [], [], [])
    for record in table.records(lines, start):
        if isinstance(record, Row):
            batch.cells.append(list(record.values.values()))
        else:
            batch.bad[len(batch)] = record
            batch.cells.append([""] * len(table.header))
        batch.lines.append(record.line)
        batch.raws.append(record.raw)
        if lines.count >= least:
            break
    return batch
