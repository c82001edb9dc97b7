"""Bad input gets a clear error and loses nothing: the project's table of bad inputs, B01 to B67.

``pytest tests/test_bad_inputs.py -k B16`` runs one row. Each goes through the door that a person has, the command
line first. Rows of the HTTP face alone (B51, B52, B55 to B57) are tests/incidents/api's, which name theirs too.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import shapely

from db.settings import settings
from tests.bad import dates, figures, records, shapes, texts
from tests.bad.desk import CITED, GEONAMES, WHO, Desk, digest, geonames_line, lay_out
from tests.bad.doors import (
    BOW_TIE,
    PLACE,
    READERS,
    SQUARE,
    Case,
    Command,
    area,
    claim,
    csv_claim,
    csv_incident,
    inside,
    own,
    own_geojson,
    point,
    polygon,
)
from tests.bad.shapes import WIDE
from tests.bad.texts import zipped

CASES = [*texts.CASES, *figures.CASES, *dates.CASES, *shapes.CASES, *records.CASES]
GED = Path(__file__).parent / "fixtures" / "ged" / "syria_few.csv"


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ledger, recorded once with the commands that a person has."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INCIDENTS_DATABASE_URL", f"sqlite:///{folder / 'incidents.db'}")
        settings.cache_clear()
        lay_out(Desk(folder))
    settings.cache_clear()
    return folder / "incidents.db"


@pytest.fixture
def desk(laid_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk of this test's own with the small ledger."""
    found = Desk(tmp_path / "desk")
    found.folder.mkdir()
    shutil.copy(laid_out, found.database)
    monkeypatch.setenv("INCIDENTS_DATABASE_URL", f"sqlite:///{found.database}")
    settings.cache_clear()
    yield found
    settings.cache_clear()


@pytest.mark.parametrize("found", CASES)
def test_a_bad_input_is_refused_with_a_reason_and_changes_nothing(desk: Desk, found: Case) -> None:
    words = found.command(desk)
    before, files = desk.digest(), desk.files()
    answer = desk.run(*words)
    assert (answer.exit_code, answer.code) == (found.exit_code, found.code), answer
    for text in found.says:
        assert text in answer.err
    assert desk.digest() == before
    assert desk.files() == files


HEAD = "code,name\n"
SCHOOL = f"{HEAD}school,مدرسة البادية\n"
NAME = "SELECT name FROM incident WHERE code = ?"


def name_of(desk: Desk, code: str = "school") -> str:
    return str(desk.rows(NAME, code)[0][0])


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        pytest.param(SCHOOL.encode("utf-8-sig"), (), "", id="B02 UTF-8 with a mark"),
        pytest.param(SCHOOL.encode("utf-16"), (), "read as utf-16-le", id="B03 UTF-16 with a mark"),
        pytest.param(b"\xfe\xff" + SCHOOL.encode("utf-16-be"), (), "read as utf-16-be", id="B03 UTF-16 big-endian"),
        pytest.param(SCHOOL.encode("cp1256"), ("--encoding", "cp1256"), "read as cp1256", id="B04 named encoding"),
        pytest.param(SCHOOL.replace(",", ";").encode(), (), "", id="B10 semicolons"),
        pytest.param(SCHOOL.replace(",", "\t").encode(), (), "", id="B10 tabs"),
        pytest.param(SCHOOL.replace("\n", "\r\n", 1).encode() + b"shop,The shop\rgate,The gate\n", (), "",
                     id="B11 mixed line ends"),
        pytest.param("Id,Title\nschool,مدرسة البادية\n".encode(), ("--column", "code=Id", "--column", "name=Title"), "",
                     id="B14 mapped columns"),
    ],
)  # fmt: skip
def test_a_csv_that_can_be_read_in_one_way_only_is_read(
    desk: Desk, content: bytes, options: tuple[str, ...], said: str
) -> None:
    out = desk.done("import", "csv", desk.file("in.csv", content), *options, "--by", "tester")
    assert name_of(desk) == "مدرسة البادية"
    assert out.rstrip().endswith(said)
    assert said != "" or "read as" not in out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_with_a_byte_order_mark_is_read_and_its_encoding_said(desk: Desk, encoding: str) -> None:  # B02, B03
    text = json.dumps(own(name="مدرسة"), ensure_ascii=False)
    out = desk.done("import", "geojson", desk.file("in.geojson", text.encode(encoding)))
    assert name_of(desk) == "مدرسة"
    assert ("read as" in out) == (encoding != "utf-8-sig")


def test_b02_and_b03_geonames_with_a_byte_order_mark(desk: Desk) -> None:
    line_of_it = geonames_line("900", "Ar Raqqah", "الرقة", "35.95", "39.0", "P", "PPLA", "04", "200000")
    reading = ("gazetteer", "import", "geonames")
    assert "read as utf-16-le" in desk.done(*reading, desk.file("X.txt", line_of_it.encode("utf-16")))
    assert "0 added, 1 unchanged" in desk.done(*reading, desk.file("Y.txt", line_of_it.encode("utf-8-sig")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_b15_a_text_like_a_formula_is_kept_and_neutralised_in_csv_alone(desk: Desk, start: str) -> None:
    name = f"{start}HYPERLINK(1)"
    desk.done(*csv_incident(name=name, time_words=f"{start}1", start="2017-03-17")(desk))
    assert name_of(desk) == name
    rows = list(
        csv.DictReader(io.StringIO(desk.done("find", "--format", "csv", "--text", "school", "--tier", "internal")))
    )
    assert [row["name"] for row in rows] == [f"'{name}"]
    found = json.loads(desk.done("find", "--format", "geojson", "--text", "school", "--tier", "internal"))
    assert found["features"][0]["properties"]["name"] == name


def test_b15_blanks_round_a_text_go_and_those_inside_stay(desk: Desk) -> None:
    desk.done(*csv_incident(name="\tThe\tschool\r ")(desk))
    assert name_of(desk) == "The\tschool"


CLAIMED = "SELECT bound, minimum, maximum, words FROM claim WHERE code NOT IN ('market-c1') ORDER BY id"


@pytest.mark.parametrize(
    ("cells", "stored"),
    [
        pytest.param({"words": "٣٤"}, ("exact", 34, 34, "٣٤"), id="B22 words"),
        pytest.param({"bound": "exact", "minimum": "٣٤", "maximum": "٣٤"}, ("exact", 34, 34, "٣٤"), id="B22 cells"),
        pytest.param({"bound": "between", "minimum": "۳", "maximum": "۵"}, ("between", 3, 5, "۳–۵"), id="B22 Persian"),
        pytest.param({"bound": "exact", "minimum": " 012 ", "maximum": "12"}, ("exact", 12, 12, "12"), id="B21 zeros"),
        pytest.param({"words": "150,000", "confirmed": "yes"}, ("exact", 150_000, 150_000, "150,000"), id="B18 yes"),
        pytest.param({"words": "up to 30"}, ("at_most", None, 30, "up to 30"), id="B23 open below"),
        pytest.param({"words": "at least 33"}, ("at_least", 33, None, "at least 33"), id="B23 open above"),
        pytest.param({"words": "dozens"}, ("unquantified", None, None, "dozens"), id="B23 no number"),
    ],
)
def test_a_figure_is_kept_with_its_words_and_open_ends(
    desk: Desk, cells: dict[str, str], stored: tuple[object, ...]
) -> None:
    desk.done(*csv_claim(**cells)(desk))
    assert desk.rows(CLAIMED) == [stored]
    again = desk.done(*csv_claim(**cells)(desk))
    assert again.count("0 added, 1 unchanged") == 2
    assert desk.rows(CLAIMED) == [stored]


def test_b18_a_large_figure_is_taken_when_it_is_confirmed(desk: Desk) -> None:
    desk.done(*claim("--words", "150000", "--confirm-large")(desk))
    assert desk.rows(CLAIMED) == [("exact", 150_000, 150_000, "150000")]


def test_b24_figures_of_two_sources_that_contradict_are_kept_and_shown(desk: Desk) -> None:
    desk.done(*claim("--words", "at least 33")(desk))
    desk.done("claim", "add", "market", "--source", "echo", "--report", "echo-1", "--category", "civilian",
              "--words", "up to 30", *WHO)  # fmt: skip
    assert "contradiction" in desk.done("show", "market")
    assert len(desk.rows(CLAIMED)) == 2


@pytest.mark.parametrize(("order", "day"), [("dmy", "2017-04-03"), ("mdy", "2017-03-04")])
def test_b28_the_order_of_days_is_read_where_a_person_says_it(desk: Desk, order: str, day: str) -> None:
    desk.done(*csv_incident("--date-format", order, start="03/04/2017")(desk))
    assert desk.rows("SELECT edtf FROM incident WHERE code = 'school'") == [(day,)]


def test_b28_a_day_that_the_order_said_does_not_have_is_refused(desk: Desk) -> None:
    before = desk.digest()
    answer = desk.run(*csv_incident("--date-format", "mdy", start="17/03/2017")(desk))
    assert (answer.exit_code, answer.code) == (2, "impossible_date")
    assert desk.digest() == before


@pytest.mark.parametrize("start", ["2017-03-17T23:30Z", "2017-03-18T02:30+03:00"])
def test_b31_a_time_with_its_zone_is_kept_in_utc_and_shown_on_its_local_day(desk: Desk, start: str) -> None:
    desk.done(*csv_incident(start=start, tz="Asia/Baghdad")(desk))
    assert desk.rows("SELECT substr(start_utc, 1, 16), tz FROM incident WHERE code = 'school'") == [
        ("2017-03-17 23:30", "Asia/Baghdad")
    ]
    assert "2017-03-18 02:30 Asia/Baghdad" in desk.done("show", "school")
    assert "2017-03-18" in desk.done("find", "--text", "school")


PLACED = "SELECT lon, lat FROM location ORDER BY id"
FAR = ("--lon", "36.11305", "--lat", "36.78763", "--name", "Al Jinah")


def test_b35_and_b36_a_point_that_is_confirmed_is_taken(desk: Desk) -> None:
    desk.done(*point(*FAR, "--confirm-far")(desk))
    desk.done(*point("--lon", "0", "--lat", "0", "--confirm-null-island")(desk))
    desk.done(*csv_incident(**PLACE, lon="0", lat="0", confirmed="yes")(desk))
    assert desk.rows(PLACED) == [(36.11305, 36.78763), (0.0, 0.0), (0.0, 0.0)]
    assert desk.rows("SELECT why FROM change_set ORDER BY id DESC LIMIT 1 OFFSET 2") == [("a test",)]


def test_b37_crs84_by_its_name_is_taken(desk: Desk) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    desk.done(*area(polygon(SQUARE, crs=crs))(desk))
    assert len(desk.rows(PLACED)) == 1


def boundary(ring_of_it: list[list[float]]) -> dict[str, Any]:
    properties = {"name": "Test", "country": "SY"}
    feature = {"type": "Feature", "properties": properties, "geometry": polygon(ring_of_it)}
    return {"type": "FeatureCollection", "features": [feature]}


def test_b41_a_boundary_that_crosses_itself_is_kept_aside_or_repaired_on_request_and_flagged(desk: Desk) -> None:
    words = ("gazetteer", "import", "areas", desk.json("b.geojson", boundary(BOW_TIE)), "--level", "adm2")
    assert "0 added" in desk.done(*words)
    assert "line 1  rejected  self_intersecting" in desk.done("import", "log", 2)
    assert desk.rows("SELECT count(*) FROM area") == [(0,)]
    assert "1 added" in desk.done(*words, "--repair")
    assert "line 1  flagged  repaired_polygon" in desk.done("import", "log", 3)


def test_b43_a_shape_cut_at_the_antimeridian_is_taken(desk: Desk) -> None:
    parts = [
        [[[179.0, 10.0], [180.0, 10.0], [180.0, 11.0], [179.0, 11.0], [179.0, 10.0]]],
        [[[-180.0, 10.0], [-179.0, 10.0], [-179.0, 11.0], [-180.0, 11.0], [-180.0, 10.0]]],
    ]
    desk.done(*area({"type": "MultiPolygon", "coordinates": parts})(desk))
    assert len(desk.rows(PLACED)) == 1
    assert desk.run(*inside({"type": "MultiPolygon", "coordinates": parts})(desk)).exit_code == 0


def test_b44_a_clockwise_shell_is_taken_and_turned_in_an_export(desk: Desk) -> None:
    desk.done(*area(polygon(SQUARE[::-1]), "--primary")(desk))
    out = desk.folder / "out.geojson"
    desk.done("export", out, "--areas", "--tier", "internal", "--text", "market")
    shape = json.loads(out.read_bytes())["features"][0]["geometry"]
    assert [part.exterior.is_ccw for part in shapely.get_parts(shapely.geometry.shape(shape))] == [True]


def test_b45_an_altitude_is_dropped_from_the_geometry(desk: Desk) -> None:
    high = [[*position, 300.0] for position in SQUARE]
    desk.done(*area(polygon(high))(desk))
    assert [shapely.from_wkb(wkb).has_z for (wkb,) in desk.rows("SELECT wkb FROM area")] == [False]
    desk.done(*point("--lon", "37.05", "--lat", "36.05", "--primary")(desk))
    file = desk.folder / "out.geojson"
    desk.done("export", file, "--tier", "internal")
    document = json.loads(file.read_bytes())
    for feature in document["features"]:
        if feature["geometry"] is not None:
            feature["geometry"]["coordinates"].append(300.0)
    out = desk.done("import", "geojson", desk.json("in.geojson", document))
    assert "0 added" in out
    assert "0 rejected" in out


def test_b48_an_area_larger_than_the_country_is_taken_when_it_is_confirmed(desk: Desk) -> None:
    desk.done(*area(polygon(WIDE), "--confirm-large-area")(desk))
    assert len(desk.rows(PLACED)) == 1


def test_b54_nothing_of_an_archive_is_unpacked(desk: Desk) -> None:
    file = desk.file("in.csv", zipped(b"code,name\n", "../outside.csv"))
    before = desk.files()
    assert desk.run("import", "csv", file).code == "not_text"
    assert desk.files() == before


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u2069", "\u200b", "\ufeff"])
def test_b58_an_invisible_character_in_a_name_is_kept_shown_as_its_code_and_flagged(desk: Desk, mark: str) -> None:
    name = f"The {mark}school"
    assert ", 1 flagged" in desk.done(*csv_incident(name=name)(desk))
    assert name_of(desk) == name
    shown = desk.done("show", "school") + desk.done("find", "--text", "school") + desk.done("history", "school")
    assert mark not in shown
    assert shown.count(f"\\u{ord(mark):04x}") == 2
    assert "invisible_character" in desk.done("import", "log", 2)


def test_b58_marks_that_spelling_needs_are_neither_escaped_nor_flagged(desk: Desk) -> None:
    name = "خانه\u200cها\u200f"
    assert "flagged" not in desk.done(*csv_incident(name=name)(desk))
    assert name in desk.done("show", "school")


VARIANTS = [("Café Alépo", "Cafe\u0301 Ale\u0301po"), ("مدرسة أحمد", "مدرسه احمد"), ("منى", "مني")]


@pytest.mark.parametrize(("kept", "asked"), [*VARIANTS, *((asked, kept) for kept, asked in VARIANTS)])
def test_b59_a_name_is_kept_as_written_and_found_in_its_other_forms(desk: Desk, kept: str, asked: str) -> None:
    desk.done("add", "school", "--name", kept, *WHO)
    assert name_of(desk) == kept
    assert desk.done("show", asked).startswith("school")
    assert "school" in desk.done("find", "--text", asked)


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "The [/b] [bold]market", "a :fire: b", "%s {0} $(x)"])
def test_b60_a_name_is_text_in_every_output(desk: Desk, name: str) -> None:
    desk.done("add", "school", "--name", name, *WHO)
    assert name_of(desk) == name
    assert f"school  {name}" in desk.done("show", "school")
    assert name in desk.done("find", "--text", "school")
    rows = list(csv.DictReader(io.StringIO(desk.done("find", "--format", "csv", "--text", "school"))))
    assert rows[0]["name"] == name
    for form in ("json", "geojson"):
        assert json.dumps(name, ensure_ascii=False)[1:-1] in desk.done("find", "--format", form, "--text", "school")


def test_b62_a_web_address_is_kept_and_never_fetched(desk: Desk) -> None:
    # The network is blocked in tests: a fetch would end with an error.
    words = ("report", "add", "r", "--publisher", "echo", "--title", "T", "--url", "http://0xA9FEA9FE/", *WHO)
    desk.done(*words)
    assert desk.rows("SELECT url FROM report WHERE code = 'r'") == [("http://0xA9FEA9FE/",)]


LOG_TABLES = ("import_run", "import_row", "change_set", "change", "sqlite_sequence")


TWICE: dict[str, Command] = {
    "csv": csv_claim(words="at least 33", stated="2017-03-22"),
    "geojson": own_geojson(edtf="2017-03-17", tz="Asia/Damascus"),
    "ged": lambda desk: ("import", "ged", GED),
    "geonames": lambda desk: READERS["geonames"](desk.file("S.txt", geonames_line(*GEONAMES[0]))),
    "boundaries": lambda desk: READERS["boundaries"](desk.json("b.geojson", boundary(SQUARE))),
}


@pytest.mark.parametrize("name", TWICE)
def test_b63_the_same_file_again_adds_and_changes_nothing(desk: Desk, name: str) -> None:
    words = TWICE[name](desk)
    desk.done(*words)
    before = digest(desk.database, LOG_TABLES)
    edits = desk.rows("SELECT count(*) FROM change WHERE table_name <> 'import_run'")
    again = desk.done(*words)
    assert "0 added" in again
    assert "0 superseded" in again or "superseded" not in again
    assert digest(desk.database, LOG_TABLES) == before
    assert desk.rows("SELECT count(*) FROM change WHERE table_name <> 'import_run'") == edits


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        pytest.param("UPDATE incident SET name = 'x', version = version + 1", "no_change_set", id="B64 no reason"),
        pytest.param("DELETE FROM claim", "no_delete", id="B64 delete"),
        pytest.param("REPLACE INTO incident SELECT * FROM incident", "duplicate|no_change_set", id="B64 replace"),
        pytest.param("UPDATE investigation_step SET state = 'credible'", "append_only", id="B64 rewritten step"),
    ],
)
def test_raw_sql_without_a_reason_is_refused_by_the_database(desk: Desk, statement: str, code: str) -> None:
    before = desk.digest()
    with closing(sqlite3.connect(desk.database)) as raw, pytest.raises(sqlite3.IntegrityError, match=code):
        raw.execute(statement)
    assert desk.digest() == before


def test_b64_raw_sql_cannot_take_an_illegal_step(desk: Desk) -> None:
    before = desk.digest()
    with closing(sqlite3.connect(desk.database)) as raw:
        key = raw.execute("SELECT max(id) FROM change_set").fetchone()[0]
        raw.execute("INSERT INTO open_change_set (id, change_set_id) VALUES (1, ?)", (key,))
        raw.row_factory = sqlite3.Row
        step = dict(raw.execute("SELECT * FROM investigation_step").fetchone())
        # It stands at open: it cannot be opened again.
        step |= {"id": step["id"] + 1, "change_set_id": key}
        marks = ", ".join(f":{column}" for column in step)
        with pytest.raises(sqlite3.IntegrityError, match="illegal_move"):
            raw.execute(f"INSERT INTO investigation_step ({', '.join(step)}) VALUES ({marks})", step)
    assert desk.digest() == before


def test_b65_an_edit_on_the_version_that_was_seen_is_taken_once(desk: Desk) -> None:
    words = ("edit", "market", "--name", "The old market", "--version", "1", *WHO)
    assert "version 2" in desk.done(*words)
    before = desk.digest()
    answer = desk.run(*words)
    assert (answer.exit_code, answer.code) == (3, "stale_version")
    assert "incidents history market" in answer.err
    assert desk.digest() == before


def test_b66_a_pair_may_be_judged_again_and_its_history_stays(desk: Desk) -> None:
    desk.done("same", "judge", "clinic", "road", "--verdict", "undecided", "--why", "taken back", "--by", "tester")
    desk.done("same", "judge", "market", "road", "--why", "one night", "--by", "tester")
    assert desk.rows("SELECT count(*) FROM judgement") == [(4,)]


def test_b67_an_ambiguous_name_is_placed_once_it_is_said_which(desk: Desk) -> None:
    for said in ("geonames:103", "Al Mansurah, 09"):
        desk.done("location", "add", "market", *CITED, "--precision", "settlement", "--place", said, *WHO)
    assert desk.rows(PLACED) == [(37.02, 36.18), (37.02, 36.18)]


def test_the_good_rows_of_a_partial_import_are_kept_and_the_bad_ones_kept_aside(desk: Desk) -> None:
    out = desk.done(*csv_incident("--partial", start="2017-02-30")(desk))
    assert "1 added, 0 unchanged, 1 rejected" in out
    assert "line 3  rejected  impossible_date" in desk.done("import", "log", 2)
    assert desk.rows("SELECT code FROM incident WHERE code IN ('shop', 'school')") == [("shop",)]


OF_THE_SERVER = {"B51", "B52", "B55", "B56", "B57"}


def test_every_row_of_the_table_that_needs_no_server_has_a_case() -> None:
    source = Path(__file__).read_text(encoding="utf-8").upper()
    covered = {found.values[0].row for found in CASES} | set(re.findall(r"\bB[0-9]{2}\b", source.replace("_", " ")))
    assert {f"B{number:02}" for number in range(1, 68)} - covered - OF_THE_SERVER == set()


def test_every_row_that_needs_a_server_is_named_by_a_test_of_it() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("incidents/api/test_*.py")
    )
    assert OF_THE_SERVER | {"B53", "B54", "B60", "B65"} <= set(re.findall(r"\bB[0-9]{2}\b", sources))
