"""Records read in batches are those read one by one."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from db.errors import InputError
from db.textbatch import batches
from db.textfile import BadRow, Row, Table, read_table

PIECES = ("1", "a", ",", ",", "\n", "\n", "\r\n", "\r", '"', '"x, y"', '""', " ", "\x07", "جسر")


def one_by_one(table: Table) -> list[tuple[int, str, list[str] | str]]:
    return [
        (row.line, row.raw, list(row.values.values()) if isinstance(row, Row) else row.error.code) for row in table
    ]  # fmt: skip


def in_batches(table: Table, size: int) -> list[tuple[int, str, list[str] | str]]:
    found: list[tuple[int, str, list[str] | str]] = []
    for batch in batches(table, size):
        assert all(len(column) == len(batch) for column in batch.columns().values())
        for position, cells in enumerate(batch.cells):
            bad = batch.bad.get(position)
            found.append((batch.lines[position], batch.raws[position], cells if bad is None else bad.error.code))
    return found


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map("".join), st.integers(1, 5))
@example('1,"a\nb"\n2,c\n', 1)
@example('1,"a\n2,b\n3,c\n', 2)
@example("1,a\n\n2,b\n\n", 2)
def test_a_batch_holds_what_the_table_gives(tmp_path: Path, text: str, size: int) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"id,a\n{text}", encoding="utf-8", newline="")
    try:
        table = read_table(path, required=("id",), known=None)
    except InputError:
        return
    expected = one_by_one(table)
    ended = table.unterminated
    assert in_batches(table, size) == expected
    assert table.unterminated == ended or len(expected) == 0


def test_a_bad_record_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,a\n1,x\n2\n3,z\n", encoding="utf-8")
    (batch,) = batches(read_table(path, required=("id",), known=None), 10)
    assert batch.columns() == {"id": ("1", "", "3"), "a": ("x", "", "z")}
    assert isinstance(batch.bad[1], BadRow)
    assert batch.lines == [2, 3, 4]
