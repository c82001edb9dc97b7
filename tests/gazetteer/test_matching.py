"""The places of a person's own table: every row kept as it is, nothing picked silently."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from db.engine import Database
from db.errors import ConflictError, InputError, NotFoundError
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.tables import PlaceName
from db.vocabulary import NameKind, PlaceKind
from gazetteer.geodesy import distance_m
from gazetteer.locate import locate
from gazetteer.matching import (
    COLUMNS,
    Choice,
    MatchCounts,
    Matcher,
    Spot,
    Tally,
    chosen,
    find_columns,
    found_of_choices,
    learn,
    match_table,
    open_match,
    read_choices,
)
from gazetteer.matching.table import joined, read_point
from gazetteer.sources.areas import import_areas
from gazetteer.sources.embedded import load_embedded
from gazetteer.sources.geonames import import_geonames

OURS = [f"match_{name}" for name in COLUMNS]
# Id, name, other names, latitude, longitude, class, code, governorate.
VILLAGES = (
    ("9001", "Kafr Zuhur", "كفر زهور", "35.70", "36.50", "P", "PPL", "12"),
    ("9002", "Tall Zarzur", "تل زرزور,Tell Zarzour", "35.83917", "38.74288", "P", "PPL", "04"),
    ("9003", "Tall Zarzur", "تل زرزور", "36.25", "36.95", "P", "PPL", "09"),
    ("9004", "Tall Zarzur", "تل زرزور", "33.95", "36.60", "P", "PPL", "08"),
)


def _dump(folder: Path) -> Path:
    lines = []
    for key, name, others, lat, lon, feature, code, admin1 in VILLAGES:
        cells = [key, name, name, others, lat, lon, feature, code, "SY", "", admin1, "", "", "", "0", "", "0",
                 "Asia/Damascus", "2020-01-01"]  # fmt: skip
        lines.append("\t".join(cells) + "\n")
    path = folder / "SY.txt"
    path.write_text("".join(lines), encoding="utf-8")
    return path


pytestmark = pytest.mark.xdist_group("matching")


@pytest.fixture(scope="module")
def syria_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded places of Syria and four villages, three of one name."""
    folder = tmp_path_factory.mktemp("villages")
    path = folder / "syria.db"
    shutil.copy(template, path)
    with write_session(SqliteDatabase(path), who="tester", why="a small gazetteer") as session:
        load_embedded(session, ("SY",))
        import_geonames(session, _dump(folder))
    return path


@pytest.fixture
def syria(syria_template: Path, tmp_path: Path) -> Database:
    """A copy of the small gazetteer that this test may write to."""
    path = tmp_path / "syria.db"
    shutil.copy(syria_template, path)
    return SqliteDatabase(path)


@pytest.fixture
def reader(syria_template: Path) -> Iterator[Session]:
    """A read session on the small gazetteer."""
    with read_session(SqliteDatabase(syria_template)) as session:
        yield session


Match = Callable[..., "Result"]


class Result:
    """What a run wrote, as bytes, as rows, and as the review."""

    def __init__(self, copy: bytes, review: bytes, counts: MatchCounts, matcher: Matcher, delimiter: str) -> None:
        self.bytes, self.counts, self.matcher = copy, counts, matcher
        text = copy.decode("utf-8-sig")
        self.rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        self.review_bytes = review
        self.review = list(csv.DictReader(io.StringIO(review.decode("utf-8-sig"), newline="")))

    def ours(self, name: str) -> list[str]:
        return [row[f"match_{name}"] for row in self.rows]


def _match(
    session: Session, path: Path, given: Mapping[str, str] | None = None, *, choices: Any = None, kept: int = 100,
    limit: int = 3, **how: Any,
) -> Result:  # fmt: skip
    source = open_match(path, given or {}, **({"country": "SY"} | how))
    copy, review = io.BytesIO(), io.BytesIO()
    matcher = Matcher(session, choices=choices, kept=kept, limit=limit)
    with Tally() as tally:
        counts = match_table(source, copy, matcher, tally)
        tally.write(review)
    return Result(copy.getvalue(), review.getvalue(), counts, matcher, source.table.delimiter)


@pytest.fixture
def match(reader: Session, tmp_path: Path) -> Match:
    """Matches a file of this text or these bytes against the small gazetteer."""

    def _run(content: str | bytes, given: Mapping[str, str] | None = None, **how: Any) -> Result:
        path = tmp_path / "user.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return _match(reader, path, given, **how)

    return _run


class TestRows:
    def test_a_known_name_is_placed_with_everything_that_is_known_of_it(self, match: Match) -> None:
        (row,) = match("id,town,governorate\n7,Tell Zarzour,Raqqa\n").rows
        assert list(row) == ["id", "town", "governorate", *OURS]
        assert (row["match_verdict"], row["match_key"]) == ("sure", "geonames:9002")
        assert (row["match_longitude"], row["match_latitude"]) == ("38.74288", "35.83917")
        assert row["match_hierarchy"].startswith("Syria / ")
        assert row["match_precision"] == "settlement"
        assert int(row["match_radius_m"]) >= 1000
        assert 0.9 < float(row["match_probability"]) < 1
        assert row["match_candidates"].startswith("geonames:9002 Tall Zarzur 38.74288 35.83917 0.9")

    def test_a_name_of_several_places_is_held_with_its_candidates(self, match: Match) -> None:
        done = match("town\nTall Zarzur\n")
        (row,) = done.rows
        assert row["match_verdict"] == "ambiguous"
        assert [row[f"match_{name}"] for name in ("longitude", "latitude", "radius_m", "key", "probability")] == [
            ""
        ] * 5
        assert row["match_candidates"].count(" | ") == 2
        assert all(f"geonames:{key} " in row["match_candidates"] for key in (9002, 9003, 9004))
        assert len(match("town\nTall Zarzur\n", limit=1).ours("candidates")[0].split(" | ")) == 1

    def test_a_governorate_alone_is_coarse_and_an_unknown_name_is_not_found(self, match: Match) -> None:
        done = match("town\nRaqqa governorate\nXqzvw Wkkpt\n")
        assert done.ours("verdict") == ["coarse", "not_found"]
        assert done.ours("precision") == ["adm1", ""]
        assert done.ours("longitude")[1] == ""
        assert int(done.ours("radius_m")[0]) > 50_000
        assert "Only the unit is certain" in done.ours("notes")[0]

    def test_coordinates_in_the_name_are_read_and_malformed_ones_kept_with_the_reason(self, match: Match) -> None:
        done = match('town\n"36.2012, 37.1612"\n"36.2012N, 237.1612E"\n')
        assert done.ours("verdict") == ["sure", "error"]
        assert (done.ours("longitude"), done.ours("latitude")) == (["37.1612", ""], ["36.2012", ""])
        assert done.ours("key") == ["", ""]
        assert "[out_of_range]" in done.ours("notes")[1]
        assert done.counts.verdicts == {"sure": 1, "error": 1}

    def test_an_unknown_governorate_is_said(self, match: Match) -> None:
        done = match("town,governorate\nKafr Zuhur,Qwrtz\n")
        assert "'Qwrtz'" in done.ours("notes")[0]
        assert done.ours("verdict") != ["sure"]

    def test_the_country_of_a_row_comes_before_the_one_of_all(self, match: Match) -> None:
        done = match("town,country\nKafr Zuhur,\nKafr Zuhur,Atlantis\n")
        assert "Atlantis" not in done.ours("notes")[0]
        assert "Atlantis" in done.ours("notes")[1]
        assert done.counts.distinct == 2

    def test_an_empty_name_and_an_endless_one_are_not_found_and_not_asked_of_anybody(self, match: Match) -> None:
        done = match(f"town,n\n,1\n  ,2\n{'a' * 10_000},3\n")
        assert done.ours("verdict") == ["not_found"] * 3
        assert "empty" in done.ours("notes")[0]
        assert "10,000 characters" in done.ours("notes")[2]
        assert done.review == []


class TestBytes:
    def test_the_cells_of_the_user_stay_as_they_are(self, match: Match) -> None:
        lines = [b' id ,"town",note', b'001,"Kafr Zuhur","a ""b"", \nc"', b"-1e5,Tell Zarzour, =1+1 ", b"@x,,'=y"]
        done = match(b"\r\n".join(lines) + b"\r\n")
        for line, copied in zip(lines, done.bytes.split(b"\r\n")[: len(lines)], strict=True):
            assert copied.startswith(line + b",")
        assert [row["note"] for row in done.rows] == ['a "b", \nc', " =1+1 ", "'=y"]
        assert done.counts.formulas == 1, "A formula after a blank and a number are none"

    def test_our_cells_are_no_formulas(self, match: Match) -> None:
        (row,) = match('town\n"=cmd|x, Atlantis"\n').rows
        assert row["town"] == "=cmd|x, Atlantis"
        ours = [cell for name, cell in row.items() if name in OURS]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in ours)

    @pytest.mark.parametrize(
        ("encoding", "start"),
        [("utf-8", b"t"), ("utf-8-sig", "\ufefft".encode()), ("utf-16", "\ufefft".encode()), ("cp1256", b"t")],
    )
    def test_each_encoding_becomes_utf8_with_the_mark_it_had(self, match: Match, encoding: str, start: bytes) -> None:
        told = {"encoding": "cp1256"} if encoding == "cp1256" else {}
        done = match("town;governorate\nكفر زهور;Idlib\n".encode(encoding), **told)
        assert done.bytes.startswith(start)
        assert (done.rows[0]["town"], done.ours("key")) == ("كفر زهور", ["geonames:9001"])

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends_stay_and_the_last_row_gets_one(self, match: Match, end: str) -> None:
        done = match(f"town{end}Kafr Zuhur{end}Tell Zarzour")
        assert done.bytes.decode().count(end) == 3
        assert done.bytes.decode().endswith(end)
        assert done.counts.unterminated is True

    @given(
        rows=st.lists(
            st.lists(
                st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8), min_size=2,
                max_size=2,
            ), min_size=1, max_size=5,
        ),
        delimiter=st.sampled_from([",", ";", "\t"]),
    )  # fmt: skip
    @settings(max_examples=40)
    def test_any_table_comes_back_whole(
        self, reader: Session, tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
    ) -> None:
        path = tmp_path_factory.mktemp("any") / "user.csv"
        lines = [["town", "other", "x"], *([*row, "x"] for row in rows)]
        text = "".join(joined(line, delimiter) + "\r\n" for line in lines)
        path.write_bytes(text.encode())
        done = _match(reader, path, {"name": "town"})
        assert [[row["town"], row["other"]] for row in done.rows] == rows
        assert done.counts.rows == len(rows) == sum(done.counts.verdicts.values())


class TestBadRows:
    @pytest.mark.parametrize(
        ("line", "kept", "code"),
        [
            pytest.param("1", "1", "row_length", id="a short row gets empty cells"),
            pytest.param("1,Kafr\x00 Zuhur,x", "1", "control_character", id="a control character"),
            pytest.param("1,2,3,4", "", "row_length", id="a long row is in the notes"),
            pytest.param('1,"Kafr" Zuhur,3', "", "bad_quote", id="text after a quote is in the notes"),
        ],
    )
    def test_a_row_that_is_none_is_kept_with_the_reason(self, match: Match, line: str, kept: str, code: str) -> None:
        done = match(f"id,town,note\n0,Tell Zarzour,a\n{line}\n2,Aleppo city,b\n")
        assert [row["id"] for row in done.rows] == ["0", kept, "2"]
        assert done.ours("verdict")[1:] == ["error", "sure"]
        assert f"[{code}]" in done.ours("notes")[1]
        assert (done.counts.unreadable, done.counts.verdicts["error"]) == ([3], 1)
        if kept == "":
            assert f"As it stands: {line}" in done.ours("notes")[1]

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            pytest.param(b"", "empty_file", id="B01 nothing"),
            pytest.param(b"town\n", "empty_file", id="B01 a header only"),
            pytest.param("town\nحلب\n".encode("cp1256"), "not_utf8", id="B04 cp1256"),
            pytest.param(b"town\n\xed\xa0\x80\n", "bad_unicode", id="B05 half a surrogate pair"),
            pytest.param(b"town,town\na,b\n", "duplicate_column", id="B07 one name twice"),
            pytest.param(b'town,n\n"Aleppo,1\nb,2\n', "unclosed_quote", id="B09 a quote swallows the rest"),
            pytest.param(b"town,n\n" + b"a" * 140_000 + b",1\n", "cell_too_long", id="B12 an endless cell"),
            pytest.param(b"town,\na,b\n", "blank_header", id="B13 a column without a name"),
            pytest.param(b"who,when\na,b\n", "missing_column", id="no column of places"),
            pytest.param(b"town,city\na,b\n", "ambiguous_column", id="two columns of places"),
            pytest.param(b"town,MATCH_KEY\na,b\n", "column_taken", id="one of our columns is there"),
            pytest.param(b"PK\x03\x04town\n", "not_text", id="a workbook"),
        ],
    )
    def test_a_file_that_cannot_be_trusted_is_refused(self, match: Match, content: bytes, code: str) -> None:
        with pytest.raises(InputError) as caught:
            match(content)
        assert caught.value.code == code

    def test_another_prefix_makes_room(self, match: Match, tmp_path: Path) -> None:
        first = match("town\nKafr Zuhur\n").bytes
        (tmp_path / "again.csv").write_bytes(first)
        with pytest.raises(InputError, match="column_taken") as caught:
            open_match(tmp_path / "again.csv", {})
        assert "--prefix" in str(caught.value)
        assert open_match(tmp_path / "again.csv", {}, prefix="second_").heading().count("second_") == len(COLUMNS)

    @pytest.mark.parametrize("prefix", ["", "=x", "a" * 41, "a\n"])
    def test_a_bad_prefix_is_refused(self, tmp_path: Path, prefix: str) -> None:
        with pytest.raises(InputError, match="bad_prefix"):
            open_match(tmp_path / "any.csv", {}, prefix=prefix)


class TestOwnCoordinates:
    @pytest.mark.parametrize(
        ("town", "lon", "lat", "said"),
        [
            ("Aleppo city", "37.17", "36.21", ""),
            ("Aleppo city", "37.17", "34.21", "[far_from_name]"),
            ("Aleppo city", "36.201", "37.161", "[maybe_swapped]"),
            ("Aleppo city", "36,5", "35,7", "[decimal_comma]"),
            ("Aleppo city", "36.5", "", "[half_a_point]"),
            ("Aleppo city", "0", "0", "[null_island]"),
            ("Aleppo city", "36.5", "200", "[out_of_range]"),
            ("Aleppo city", "", "", ""),
            ("Tall Zarzur", "38.75", "35.84", "[near_candidate] The row's coordinates lie 0.6 km from geonames:9002."),
            ("Tall Zarzur", "41.0", "33.0", "[far_from_candidates]"),
            ("Xqzvw Wkkpt", "41.0", "33.0", ""),
        ],
    )
    def test_they_are_compared_and_never_changed(
        self, match: Match, town: str, lon: str, lat: str, said: str
    ) -> None:  # fmt: skip
        plain = match(f"town\n{town}\n").rows[0]
        (row,) = match(f'town,lon,lat\n{town},"{lon}","{lat}"\n').rows
        assert (row["lon"], row["lat"]) == (lon, lat)
        assert said in row["match_notes"]
        assert said != "" or row["match_notes"] == plain["match_notes"]
        unchanged = [name for name in OURS if name != "match_notes"]
        assert [row[name] for name in unchanged] == [plain[name] for name in unchanged]

    def test_they_are_counted(self, match: Match) -> None:
        counts = match("town,lon,lat\nAleppo city,37.17,34.21\nAleppo city,36.201,37.161\nAleppo city,x,1\n").counts
        assert (counts.compared, counts.far, counts.swapped, counts.bad_coordinates) == (2, 2, 1, 1)
        assert counts.verdicts == {"sure": 3}

    def test_few_digits_leave_room(self) -> None:
        assert read_point("36", "35").radius_m > 60_000
        assert read_point("36.123", "35.123").radius_m < 100


class TestColumns:
    def test_usual_names_are_recognised_and_said(self) -> None:
        found = find_columns(["id", "where_coordinates", "adm_1", "adm_2", "Latitude", "longitude", "country"], {},
                             file="a.csv")  # fmt: skip
        assert found.by_field == {
            "name": "where_coordinates", "admin1": "adm_1", "admin2": "adm_2", "country": "country",
            "lon": "longitude", "lat": "Latitude",
        }  # fmt: skip
        assert 'name in "where_coordinates"' in found.said()

    @pytest.mark.parametrize(
        ("header", "given", "wanted"),
        [
            (["Name", "town"], {}, {"name": "town"}),  # a name can be a person's
            (["Name", "age"], {}, {"name": "Name"}),
            (["town", "admin1"], {"admin1": ""}, {"name": "town"}),
            (["town", "city"], {"name": "city"}, {"name": "city"}),
            (["town", "lat"], {}, {"name": "town"}),
            (["المكان", "المحافظة"], {}, {"name": "المكان", "admin1": "المحافظة"}),
        ],
    )
    def test_what_is_taken(self, header: list[str], given: dict[str, str], wanted: dict[str, str]) -> None:
        assert find_columns(header, given, file="a.csv").by_field == wanted

    @pytest.mark.parametrize(
        ("given", "code"),
        [({"name": "no"}, "missing_column"), ({"name": "a", "admin1": "a"}, "duplicate_column"),
         ({"name": "a", "lon": "b"}, "missing_column")],
    )  # fmt: skip
    def test_what_is_refused(self, given: dict[str, str], code: str) -> None:
        with pytest.raises(InputError) as caught:
            find_columns(["a", "b"], given, file="a.csv")
        assert caught.value.code == code


def test_each_distinct_text_is_looked_up_once_while_it_is_kept(match: Match) -> None:
    table = "town,governorate\n" + "Kafr Zuhur,Idlib\nKafr Zuhur,Idlib \nTell Zarzour,Raqqa\n" * 20
    done = match(table)
    assert (done.counts.rows, done.counts.distinct, done.matcher.looked_up) == (60, 2, 2)
    again = match(table, kept=1)
    assert (again.bytes, again.counts.distinct) == (done.bytes, 2)
    assert again.matcher.looked_up == 40


class TestReview:
    def test_it_has_one_line_per_open_text_the_most_frequent_first(self, match: Match) -> None:
        done = match("town,governorate\nXqzvw Wkkpt,\nTall Zarzur,\nKafr Zuhur,Idlib\nTall Zarzur,\n")
        assert [(row["name"], row["rows"], row["verdict"]) for row in done.review] == [
            ("Tall Zarzur", "2", "ambiguous"), ("Xqzvw Wkkpt", "1", "not_found"),
        ]  # fmt: skip
        assert done.review[0]["country"] == "SY"
        assert "geonames:9003 " in done.review[0]["candidates"]
        assert {row["choice"] + row["note"] for row in done.review} == {""}
        assert done.review_bytes.startswith("\ufeff".encode())

    def test_names_that_look_like_formulas_come_back_as_they_were(self, match: Match, tmp_path: Path) -> None:
        done = match('town\n"=Xqzvw Wkkpt"\n')
        assert done.review[0]["name"] == "'=Xqzvw Wkkpt"
        assert _filled(tmp_path, done, "geonames:9001")[0].spot == Spot("=Xqzvw Wkkpt", country="SY")

    def test_a_choice_places_its_rows_and_is_known_from_then_on(self, syria: Database, tmp_path: Path) -> None:
        (tmp_path / "user.csv").write_text("town,governorate\nBluetown,\nKafr Zuhur,Idlib\n", encoding="utf-8")
        with read_session(syria) as session:
            first = _match(session, tmp_path / "user.csv")
        lines = _filled(tmp_path, first, "geonames:9001", note="the teacher said so")
        with read_session(syria) as session:
            places = chosen(session, lines)
        with write_session(syria, who="A. Person", why="choices") as session:
            counts = learn(session, places, file="user.csv")
        assert (counts.named, counts.rejected) == (1, 0)
        with read_session(syria) as session:
            second = _match(session, tmp_path / "user.csv", choices=found_of_choices(places, "A. Person"))
            known = locate(session, "Bluetown", country="SY", admin1="Idlib")
        row = second.rows[0]
        assert (row["match_verdict"], row["match_key"], row["match_probability"]) == ("sure", "geonames:9001", "")
        assert (row["match_longitude"], row["match_latitude"]) == ("36.5", "35.7")
        assert row["match_notes"] == "Chosen by A. Person."
        assert second.ours("key") == ["geonames:9001"] * 2
        assert (second.counts.chosen, second.review, second.matcher.unused_choices()) == (1, [], 0)
        assert (known.candidates[0].key, known.candidates[0].matched) == ("geonames:9001", "Bluetown")

    def test_a_computed_candidate_can_be_chosen_and_teaches_no_name(self, syria: Database, tmp_path: Path) -> None:
        (tmp_path / "user.csv").write_text("town\n5 km north of Tall Zarzur\n", encoding="utf-8")
        with read_session(syria) as session:
            first = _match(session, tmp_path / "user.csv")
            places = chosen(session, _filled(tmp_path, first, "computed:geonames:9003"))
        with write_session(syria, who="A. Person", why="choices") as session:
            assert learn(session, places, file="user.csv").read == 0
        with read_session(syria) as session:
            done = _match(session, tmp_path / "user.csv", choices=found_of_choices(places, "A. Person"))
        lon, lat = float(done.ours("longitude")[0]), float(done.ours("latitude")[0])
        assert distance_m(lon, lat, 36.95, 36.25) == pytest.approx(5_000, abs=500)
        assert (done.ours("verdict"), done.ours("key")) == (["sure"], [""])

    @pytest.mark.parametrize(
        ("text", "taught"),
        [
            ("Bluetown", ["Bluetown"]),
            ("Bluetown village, Idlib governorate", ["Bluetown"]),
            ("western Bluetown", ["western Bluetown"]),
            ("5 km north of Aleppo", []),  # what is 5 km north of Aleppo is not called so
            ("between Aleppo and Idlib", []),
            ("Redtown/Bluetown", []),  # one of the two names it, nobody said which
            ("Redtown governorate", []),  # the chosen village is none
            ("36.2, 37.1", []),
        ],
    )
    def test_only_a_text_that_is_a_name_is_learnt(self, syria: Database, text: str, taught: list[str]) -> None:
        choice = Choice(Spot(text, country="SY"), "geonames:9001", "", "review.csv, line 2")
        with write_session(syria, who="A. Person", why="choices") as session:
            learn(session, chosen(session, [choice]), file="user.csv")
        with read_session(syria) as session:
            names = session.exec(select(PlaceName.name).where(PlaceName.kind == NameKind.ATTESTED)).all()
        assert names == taught

    @pytest.mark.parametrize(
        ("key", "code"),
        [("geonames:404", "unknown_place"), ("computed:geonames:9001", "unknown_place"), ("Aleppo", "bad_choice"),
         ("geonames:", "bad_choice"), ("geo\u200bnames:1", "invisible_character")],
    )  # fmt: skip
    def test_a_choice_that_is_none_is_refused(
        self, reader: Session, match: Match, tmp_path: Path, key: str, code: str
    ) -> None:
        done = match("town\nTall Zarzur\n")
        with pytest.raises(InputError) as caught:
            chosen(reader, _filled(tmp_path, done, key))
        assert caught.value.code == code
        assert "review.csv, line 2, choice" in str(caught.value.where)

    def test_two_choices_for_one_text_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "review.csv"
        path.write_text("name,admin1,admin2,country,choice\na,,,SY,geonames:1\na,,,SY,geonames:2\n")
        with pytest.raises(ConflictError, match="two_choices"):
            read_choices(path)

    def test_another_file_is_no_review(self, tmp_path: Path) -> None:
        path = tmp_path / "other.csv"
        path.write_text("name,choice\na,geonames:1\n")
        with pytest.raises(InputError, match="missing_column"):
            read_choices(path)
        with pytest.raises(NotFoundError):
            read_choices(tmp_path / "none.csv")


def _filled(folder: Path, done: Result, key: str, *, note: str = "") -> Any:
    """The review of ``done`` with ``key`` chosen in each line, saved as a spreadsheet saves it and read again."""
    path = folder / "review.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(done.review[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(row | {"choice": key, "note": note} for row in done.review)
    return read_choices(path)


@pytest.fixture(scope="module")
def real_syria(shared_data: Path, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The places, codes and governorates of Syria from the shared data."""
    path = tmp_path_factory.mktemp("real") / "syria.db"
    shutil.copy(template, path)
    folder = shared_data / "gazetteer"
    with write_session(SqliteDatabase(path), who="tester", why="Syria") as session:
        load_embedded(session, ("SY",))
        for name in ("SY.txt", "admin1CodesASCII.txt"):
            import_geonames(session, folder / name)
        import_areas(session, folder / "sy_region.geojson", level=PlaceKind.ADM1, licence="CC0")
    return SqliteDatabase(path)


def test_sure_rows_of_real_reports_lie_where_the_reports_say(
    real_syria: Database, shared_data: Path, tmp_path: Path
) -> None:  # fmt: skip
    """Of the tuning set; on all of it, and on the set held back, ``scripts/bench.py`` measures."""
    lines = (shared_data / "geocoding" / "ucdp_sy.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [text for text in map(json.loads, lines) if text["split"] == "dev"][:250]
    path = tmp_path / "ged.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["where_coordinates", "adm_1", "longitude", "latitude"])
        writer.writerows([text["text"], text["admin1"], text["lon"], text["lat"]] for text in texts)
    with read_session(real_syria) as session:
        done = _match(session, path)
    assert done.counts.rows == len(texts) == sum(done.counts.verdicts.values())
    sure = [row for row in done.rows if row["match_verdict"] == "sure"]
    near = [
        distance_m(*(float(row[name]) for name in ("longitude", "latitude", "match_longitude", "match_latitude")))
        <= 10_000 for row in sure
    ]  # fmt: skip
    assert len(sure) > 0.4 * len(texts)
    assert sum(near) >= 0.93 * len(sure)
    told = [row for row in sure if "[far_from_name]" in row["match_notes"]]
    assert len(told) <= len(near) - sum(near), "what is told as far is far"
    settled = {"sure", "coarse"}
    assert all((row["match_longitude"] != "") is (row["match_verdict"] in settled) for row in done.rows)
