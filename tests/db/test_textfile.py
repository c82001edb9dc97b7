"""Delimited text and stored text: the rows of the table of bad inputs that a reader decides."""

from __future__ import annotations

import codecs
import csv
import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import AtlasError, InputError
from db.textfile import BadRow, Row, clean_text, neutralise_cell, open_text, read_table, restore_cell

GED = Path(__file__).parents[2].parent / "shared/data/ucdp_ged"
SAFE_CELL = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n\r"), max_size=20)
Write = Callable[[bytes | str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file named t.csv and return its path."""

    def write_file(content: bytes | str) -> Path:
        path = tmp_path / "t.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def rows_of(path: Path, **options: str) -> list[Row | BadRow]:
    return list(read_table(path, required={"id"}, known=None, **options))


def values_of(path: Path) -> list[dict[str, str]]:
    rows = rows_of(path)
    assert all(isinstance(row, Row) for row in rows)
    return [row.values for row in rows if isinstance(row, Row)]


# What is refused before any row is handed out


@pytest.mark.parametrize(
    ("code", "content", "said"),
    [
        pytest.param("empty_file", b"", "empty", id="B01"),
        pytest.param("empty_file", b"id,killed\n", "no rows", id="B01-header-only"),
        pytest.param("empty_file", b"id,killed\n\n \n", "no rows", id="B01-header-and-blank-lines"),
        pytest.param("empty_file", b"\xef\xbb\xbf\n\n", "empty", id="B01-blank-lines-only"),
        pytest.param("not_utf8", "id,name\r\n1,a\r\n2,حلب\r\n".encode("cp1256"), "line 3, byte 16", id="B04"),
        pytest.param("not_utf8", b"id\n1\n\xd8", "byte 5", id="B04-cut-inside-a-letter"),
        pytest.param("bad_unicode", b"id\n\xed\xa0\x80\n", "line 2, byte 3", id="B05"),
        pytest.param("bad_unicode", codecs.BOM_UTF16_LE + b"i\0d\0\n\0\x00\xd8a\0", "surrogate", id="B05-utf-16"),
        pytest.param("duplicate_column", b"id,killed,killed\n1,1,100\n", "Columns 2 and 3", id="B07"),
        pytest.param("duplicate_column", b"id, killed ,killed\n1,1,100\n", "Columns 2 and 3", id="B07-blanks"),
        pytest.param("missing_column", b"code,killed\n1,2\n", "id", id="B10-no-delimiter-shows-it"),
        pytest.param("missing_column", b"id|killed\n1|2\n", "id", id="B10-unknown-delimiter"),
        pytest.param("blank_header", b"id,,killed\n1,2,3\n", "Column 2", id="B13"),
        pytest.param("blank_header", b"id,killed,\n1,2,3\n", "Column 3", id="B13-trailing"),
        pytest.param("unclosed_quote", b'id,"killed\n1,2\n', "header", id="B09-header"),
        pytest.param("bad_header", b'id,"a"b,"c"d\n1,2,3\n', "quotes", id="bad-quotes-in-header"),
        pytest.param("control_character", b"id,ki\x00lled\n1,2\n", "column 2", id="B06-header"),
        pytest.param("invisible_character", "id,\u200bkilled\n1,2\n".encode(), "U+200B", id="B58-header"),
        pytest.param("too_long", b"id," + b"x" * 201 + b"\n1,2\n", "column 2", id="B61-header"),
        pytest.param("not_text", b"PK\x03\x04\x14\x00\x06\x00", "zip", id="B54"),
        pytest.param("not_text", b"SQLite format 3\x00" + b"\x10" * 100, "SQLite", id="B54-database"),
        pytest.param("not_text", "id,killed\n1,2\n".encode("utf-16-le"), "utf-16-le", id="B03-without-mark"),
    ],
)
def test_a_bad_file_is_refused_before_its_first_row(code: str, content: bytes, said: str, write: Write) -> None:
    with pytest.raises(InputError) as caught:
        read_table(write(content), required={"id"}, known=None)
    assert caught.value.code == code
    assert said in str(caught.value)
    assert "t.csv" in str(caught.value)


def test_b14_an_unknown_column_is_refused_with_a_suggestion(write: Write) -> None:
    path = write("id,kiled\n1,2\n")
    with pytest.raises(InputError) as caught:
        read_table(path, required={"id"}, known={"id", "killed"})
    assert caught.value.code == "unknown_field"
    assert caught.value.got == "kiled"
    assert "'killed'" in (caught.value.fix or "")
    assert read_table(path, required={"id"}, known=["kiled", "id"]).header == ("id", "kiled")


@pytest.mark.parametrize("delimiter", ["", "::", '"', "\n"])
def test_an_impossible_delimiter_is_refused(delimiter: str, write: Write) -> None:
    with pytest.raises(InputError) as caught:
        rows_of(write("id\n1\n"), delimiter=delimiter)
    assert caught.value.code == "bad_delimiter"


@pytest.mark.parametrize("encoding", ["klingon", "zip", "hex", "undefined", "a\0b"])
def test_an_unknown_encoding_is_refused(encoding: str, write: Write) -> None:
    with pytest.raises(InputError) as caught:
        rows_of(write("id\n1\n"), encoding=encoding)
    assert caught.value.code == "unknown_encoding"


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "no.csv", "file_not_found"), (tmp_path, "not_a_file")):
        with pytest.raises(AtlasError) as caught:
            rows_of(path)
        assert caught.value.code == code


# What is accepted


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param("id,name\n1,حلب\n".encode(), "utf-8", id="utf-8"),
        pytest.param("\ufeffid,name\n1,حلب\n".encode(), "utf-8", id="B02"),
        pytest.param(codecs.BOM_UTF16_LE + "id,name\n1,حلب\n".encode("utf-16-le"), "utf-16-le", id="B03"),
        pytest.param(codecs.BOM_UTF16_BE + "id,name\n1,حلب\n".encode("utf-16-be"), "utf-16-be", id="B03-big-endian"),
        pytest.param("id,name\n1,حلب\n".encode("utf-32"), "utf-32-le", id="B03-utf-32"),
    ],
)
def test_the_encoding_is_found_by_rule_and_reported(content: bytes, encoding: str, write: Write) -> None:
    table = read_table(write(content), required={"id"}, known=None)
    assert table.encoding == encoding
    assert table.header == ("id", "name")
    assert [row.values for row in table if isinstance(row, Row)] == [{"id": "1", "name": "حلب"}]


def test_b04_an_encoding_is_used_only_when_named(write: Write) -> None:
    path = write("id,name\n1,حلب\n".encode("cp1256"))
    assert [row.values["name"] for row in rows_of(path, encoding="windows-1256") if isinstance(row, Row)] == ["حلب"]
    with pytest.raises(InputError) as caught:
        rows_of(path, encoding="ascii")
    assert caught.value.code == "not_decodable"


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_b10_the_delimiter_is_the_one_that_shows_the_needed_columns(delimiter: str, write: Write) -> None:
    table = read_table(write(f"id{delimiter}a\n1{delimiter}2;3\n".replace(";3", "")), required={"id", "a"}, known=None)
    assert table.delimiter == delimiter
    assert [row.values for row in table if isinstance(row, Row)] == [{"id": "1", "a": "2"}]


def test_b11_mixed_line_ends_are_accepted_and_lines_counted(write: Write) -> None:
    rows = rows_of(write(b"id,a\r1,x\n2,y\r\n\n3,z\r4,w\n"))
    assert [(row.line, row.raw) for row in rows] == [(2, "1,x\n"), (3, "2,y\r\n"), (5, "3,z\r"), (6, "4,w\n")]


def test_b15_cells_are_kept_as_they_stand(write: Write) -> None:
    assert values_of(write("id,a\n=1+1,-3\n@x,+1\n 1 ,\u202ex\n")) == [
        {"id": "=1+1", "a": "-3"},
        {"id": "@x", "a": "+1"},
        {"id": " 1 ", "a": "\u202ex"},
    ]


def test_quoted_cells_may_hold_lines_tabs_delimiters_and_doubled_quotes(write: Write) -> None:
    rows = rows_of(write('id,a\n1,"x\ty\n""z"", w"\n2,b\n'))
    assert [row.line for row in rows] == [2, 4]
    assert rows[0] == Row(2, {"id": "1", "a": 'x\ty\n"z", w'}, '1,"x\ty\n""z"", w"\n')


def test_a_header_may_be_quoted_and_have_blank_lines_before_it(write: Write) -> None:
    table = read_table(write('\n  \n"id"," killed "\n1,2\n'), required={"id"}, known={"id", "killed"})
    assert list(table) == [Row(4, {"id": "1", "killed": "2"}, "1,2\n")]


def test_a_table_can_be_read_more_than_once_and_left_half_way(write: Write) -> None:
    table = read_table(write("id\n1\n2\n"), required={"id"}, known=None)
    assert next(iter(table)).line == 2
    assert list(table) == list(table)
    assert not table.unterminated


@given(st.lists(st.tuples(SAFE_CELL, SAFE_CELL), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_whatever_the_csv_module_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]], delimiter: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "a"), *cells])
    path = tmp_path_factory.getbasetemp() / "round.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    table = read_table(path, required={"id", "a"}, known=None)
    assert [tuple(row.values.values()) for row in table if isinstance(row, Row)] == cells
    assert "".join(row.raw for row in table) == out.getvalue().partition("\n")[2]


# Rows that cannot be trusted, and the good ones around them


@pytest.mark.parametrize(
    ("code", "bad", "said"),
    [
        pytest.param("control_character", "2,x\x00y\n", "line 3, a", id="B06"),
        pytest.param("control_character", "2,x\x0by\n", "U+000B", id="B06-vertical-tab"),
        pytest.param("control_character", '2,"x\x1b\ny"\n', "line 3, a", id="B06-quoted"),
        pytest.param("row_length", "2\n", "1 cells, the header 2", id="B08-short"),
        pytest.param("row_length", "2,x,y\n", "3 cells, the header 2", id="B08-long"),
        pytest.param("bad_quote", '2,"x"y\n', "closing quote", id="text-after-quote"),
        pytest.param("bad_quote", '2,x "y" z\n', "not quoted", id="quote-in-bare-cell"),
        pytest.param("bad_quote", '2, "y"\n', "not quoted", id="blank-before-quote"),
        pytest.param("cell_too_long", "2," + "x" * 131_073 + "\n", "131072", id="B12"),
        pytest.param("cell_too_long", '2,"' + "x\n" * 70_000 + '"\n', "131072", id="B12-lines"),
        pytest.param("cell_too_long", '2,"' + "x" * 131_073 + '\n""y"",\n"\n', "131072", id="B12-quoted-lines"),
    ],
)
def test_a_bad_row_is_kept_with_its_reason_and_reading_goes_on(code: str, bad: str, said: str, write: Write) -> None:
    first, middle, last = rows_of(write(f"id,a\n1,x\n{bad}3,z\n"))
    assert isinstance(first, Row)
    assert isinstance(middle, BadRow)
    assert middle.error.code == code
    assert said in str(middle.error)
    assert middle.line == 3
    assert middle.last_line == 2 + bad.count("\n")
    assert middle.raw == bad[:10_000] or (
        len(bad) > 131_072 and bad.startswith(middle.raw) and len(middle.raw) == 10_000
    )
    assert last == Row(3 + bad.count("\n"), {"id": "3", "a": "z"}, "3,z\n")


def test_b05_a_lone_surrogate_let_through_by_a_named_encoding_is_found(write: Write) -> None:
    (row,) = rows_of(write(b"id\nx\\ud800\n"), encoding="unicode_escape")
    assert isinstance(row, BadRow)
    assert row.error.code == "bad_unicode"


def test_b09_an_unclosed_quote_is_one_bad_row_from_its_start(write: Write) -> None:
    good, bad = rows_of(write('id,a\n1,x\n2,"y\n' + "3,z\n" * 5000))
    assert isinstance(good, Row)
    assert isinstance(bad, BadRow)
    assert bad.error.code == "unclosed_quote"
    assert (bad.line, bad.last_line) == (3, 5003)
    assert bad.raw.startswith('2,"y\n3,z\n')
    assert len(bad.raw) == 10_000


def test_b09_an_unclosed_quote_in_a_long_file_is_found_beyond_the_cell_limit(write: Write) -> None:
    (bad,) = rows_of(write('id,a\n1,"x\n' + "2,y\n" * 100_000))
    assert isinstance(bad, BadRow)
    assert bad.error.code == "unclosed_quote"
    assert (bad.line, bad.last_line) == (2, 100_002)


def test_b09_an_unclosed_quote_that_meets_another_is_no_row(write: Write) -> None:
    bad, after, last = rows_of(write('id,a\n1,"x\n2,"y\nstill y"\n3,z\n'))
    assert isinstance(bad, BadRow)
    assert bad.error.code == "unclosed_quote"
    assert (bad.line, bad.last_line) == (2, 3)
    assert isinstance(after, BadRow)
    assert last == Row(5, {"id": "3", "a": "z"}, "3,z\n")


def test_a_file_that_ends_in_a_row_says_so(write: Write) -> None:
    _, bad = rows_of(write("id,a,b\n1,2,3\n4,5"))
    assert isinstance(bad, BadRow)
    assert bad.error.code == "row_length"
    assert "cut off" in bad.error.why


def test_a_file_that_may_end_inside_its_last_cell_is_flagged(write: Write) -> None:
    table = read_table(write("id,best\n1,37\n2,3"), required={"id"}, known=None)
    assert all(isinstance(row, Row) for row in table)
    assert table.unterminated


def test_the_cell_limit_holds_where_the_csv_module_has_been_told_otherwise(write: Write) -> None:
    before = csv.field_size_limit(10_000_000)
    try:
        (row,) = rows_of(write("id\n" + "x" * 131_073 + "\n"))
    finally:
        csv.field_size_limit(before)
    assert isinstance(row, BadRow)
    assert row.error.code == "cell_too_long"


@given(st.text(st.sampled_from('a1,;"\n\r\t\x01'), max_size=60))
def test_no_character_of_a_file_is_lost(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text("id,a\n1,2\n" + body, encoding="utf-8", newline="")
    rows = list(read_table(path, required={"id", "a"}, known=None))
    assert "".join("".join(row.raw.split()) for row in rows) == "".join(("1,2\n" + body).split())
    for row in rows:
        if isinstance(row, Row):
            assert list(row.values) == ["id", "a"]


def test_an_endless_line_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.encoding.MAX_LINE", 1000)
    with pytest.raises(InputError) as caught:
        rows_of(write("id\n" + "x" * 1001))
    assert caught.value.code == "cell_too_long"


def test_an_endless_row_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.recorder.MAX_LINE", 1000)
    with pytest.raises(InputError) as caught:
        rows_of(write("id,a\n" + '1,"\n' + '","\n' * 1000))
    assert caught.value.code == "cell_too_long"
    assert "line 2" in str(caught.value)


def test_open_text_reports_the_encoding_and_keeps_line_ends(write: Write) -> None:
    with open_text(write("\ufeffa\r\nb\u2028c\x85d\re")) as stream:
        assert stream.encoding == "utf-8"
        assert list(stream.lines()) == ["a\r\n", "b\u2028c\x85d\r", "e"]


# Real files


@pytest.mark.parametrize(("name", "records", "columns"), [("ged_syria.csv", 16_566, 41), ("ged_iraq.csv", 7_474, 45)])
def test_real_files_read_whole_and_fast(name: str, records: int, columns: int) -> None:
    path = GED / name
    if not path.exists():
        pytest.skip("the shared data folder is not beside this repository")
    began = time.process_time()
    table = read_table(path, required={"id", "best", "low", "high"}, known=None)
    rows = list(table)
    took = time.process_time() - began
    assert (len(rows), len(table.header)) == (records, columns)
    assert all(isinstance(row, Row) for row in rows)
    assert "".join(row.raw for row in rows) == path.read_bytes().decode().partition("\n")[2]
    assert took < 1.5


# Text values


@pytest.mark.parametrize(
    ("code", "value", "identifier"),
    [
        pytest.param("bad_unicode", "a\ud800", False, id="B05"),
        pytest.param("control_character", "a\x00", False, id="B06"),
        pytest.param("control_character", "a\x7f", False, id="B06-delete"),
        pytest.param("control_character", "a\x85", False, id="B06-c1"),
        pytest.param("control_character", "a\tb", True, id="identifier-tab"),
        pytest.param("control_character", "a\n", True, id="identifier-line-end"),
        pytest.param("control_character", "a\u2028b", True, id="identifier-line-separator"),
        pytest.param("invisible_character", "a\u202eb", True, id="B58-override"),
        pytest.param("invisible_character", "\u2066a", True, id="B58-isolate"),
        pytest.param("invisible_character", "a\u200bb", True, id="B58-zero-width"),
        pytest.param("invisible_character", "a\u200fb", True, id="B58-right-to-left-mark"),
        pytest.param("invisible_character", "\ufeffa", True, id="B58-byte-order-mark"),
        pytest.param("too_long", "x" * 11, False, id="B61"),
    ],
)
def test_text_that_may_not_be_stored_is_refused(code: str, value: str, identifier: bool) -> None:
    with pytest.raises(InputError) as caught:
        clean_text(value, "name", identifier=identifier, max_length=10)
    assert caught.value.code == code
    assert caught.value.where == "name"


@pytest.mark.parametrize("value", ["", " a ", "a\tb\r\nc", "x\u202ey", "حلب\u200f", "<img onerror=1>", "a\u2028b"])
def test_free_text_is_kept_as_it_is(value: str) -> None:
    assert clean_text(value, "note") == value


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-3", "'-3"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=x", "''=x"),
        ("''-x", "'''-x"),
        ("'quoted'", "'quoted'"),
        ("'", "'"),
        ("", ""),
        ("a=b", "a=b"),
    ],
)
def test_b15_a_cell_is_neutralised(text: str, cell: str) -> None:
    assert neutralise_cell(text) == cell
    assert restore_cell(cell) == text


@given(st.text() | st.text(st.sampled_from("'=+-@\t\r\nax")))
def test_b15_a_neutralised_cell_comes_back_and_is_no_formula(text: str) -> None:
    cell = neutralise_cell(text)
    assert restore_cell(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
