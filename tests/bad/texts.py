"""B01 to B15, B54, B58, B61, B62: files, headers, rows and texts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

from tests.bad.desk import GEONAMES, WHO, Desk, geonames_line
from tests.bad.doors import (
    Command,
    add,
    case,
    claim,
    csv_bytes,
    csv_claim,
    csv_incident,
    csv_text,
    every_reader,
    line,
    own,
    own_geojson,
    raw_geojson,
)

HEAD = "code,name\nshop,The shop\n"
MARKET = "سوق المنصورة"


def zipped(content: bytes, name: str = "in.csv") -> bytes:
    """A zip archive with one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def with_file(name: str, content: str, *words: str) -> Command:
    """A command that reads a file of this name."""
    return lambda desk: (*words, desk.file(name, content), "--by", "tester")


def boundaries(content: str) -> Command:
    return lambda desk: ("gazetteer", "import", "areas", desk.file("in.geojson", content), "--level", "adm1")


def geonames(encoding: str) -> Callable[[Desk], Sequence[object]]:
    text = "".join(geonames_line(*place) for place in GEONAMES)
    return lambda desk: ("gazetteer", "import", "geonames", desk.file("XX.txt", text.encode(encoding)))


CASES = [
    *every_reader("B01", "empty file", b"", "empty_file", "given."),
    *every_reader("B01", "blank lines only", b"\n\r\n \n", "empty_file"),
    case("B01", "csv, header only", csv_text("code,name\n"), "empty_file", "in.csv", "no rows"),
    case("B01", "geojson without records", own_geojson(own() | {"features": []}), "empty_file", "in.geojson"),
    case("B01", "boundaries without features", boundaries('{"type":"FeatureCollection","features":[]}'), "empty_file"),
    case("B04", "cp1256 csv", csv_bytes(f"{HEAD}school,{MARKET}\n".encode("cp1256")), "not_utf8",
         "in.csv, line 3, byte 31", "--encoding cp1256"),
    case("B04", "cp1256 geonames", geonames("cp1256"), "not_utf8", "XX.txt, line 1", "--encoding"),
    case("B04", "cp1256 geojson", raw_geojson(f'{{"name":"{MARKET}"}}'.encode("cp1256")), "not_utf8",
         "in.geojson, line 1, byte 9", "Save it as UTF-8."),
    case("B04", "not what was named", csv_bytes(b"code,name\na,\x81\n", "in.csv", "--encoding", "utf-16"),
         "not_decodable", "in.csv"),
    case("B04", "unknown encoding", csv_text(HEAD, "--encoding", "arabic-old"), "unknown_encoding", "arabic-old"),
    case("B05", "csv", csv_text(f"{HEAD}school,a\ud800b\n"), "bad_unicode", "in.csv, line 3"),
    case("B05", "geojson", raw_geojson('{"type":"FeatureCollection","format":"a\\ud800"}'), "bad_unicode", "/format"),
    case("B05", "command", add("--name", "a\udcff"), "bad_unicode", "name"),
    case("B05", "reason", line("add", "school", "--name", "The school", "--why", "a\udcff"), "bad_unicode", "why"),
    case("B06", "csv", csv_text(f"{HEAD}school,a\0b\n"), "control_character", "in.csv, line 3, name", "U+0000"),
    case("B06", "geojson", raw_geojson('{"type":"FeatureCollection","tier":"a\\u0000b"}'), "control_character",
         "/tier", "U+0000"),
    case("B06", "command", add("--name", "a\x1b[2Jb"), "control_character", "name", "U+001B"),
    case("B06", "reason", line("add", "school", "--name", "The school", "--why", "a\x07"), "control_character", "why"),
    case("B06", "recorder", line("add", "school", "--name", "S", "--why", "w", "--by", "a\x07"), "control_character",
         "who"),
    case("B07", "csv", csv_text("code,name,name\nshop,a,b\n"), "duplicate_column", "Columns 2 and 3", "name"),
    case("B08", "short row", csv_text(f"{HEAD}school\n"), "row_length", "in.csv, line 3", "1 cells, the header 2"),
    case("B08", "long row", csv_text(f"{HEAD}school,The school,x\n"), "row_length", "in.csv, line 3", "3 cells"),
    case("B08", "file cut in a row", csv_text(f"{HEAD}sch"), "row_length", "in.csv, line 3", "cut off"),
    case("B09", "csv", csv_text(f'{HEAD}school,"The school\nroad2,The road\n'), "unclosed_quote", "in.csv, line 3"),
    case("B10", "neither", csv_text("code|name\nshop|The shop\n"), "missing_column", "code, name", "header"),
    case("B12", "csv", csv_text(f"{HEAD}school,{'x' * 131_073}\n"), "cell_too_long", "in.csv, line 3", "131072"),
    case("B13", "csv", csv_text("code,name,\nshop,The shop,x\n"), "blank_header", "Column 3"),
    case("B14", "csv", csv_text("code,name,colour\nshop,The shop,red\n"), "unknown_field", "Column 3", "colour"),
    case("B14", "csv, misspelt", csv_text("code,name,cuontry\nshop,The shop,SY\n"), "unknown_field", "'country'"),
    case("B14", "csv, wrong mapping", csv_text("code,Title\nshop,The shop\n", "--column", "nmae=Title"),
         "unknown_field", "nmae"),
    case("B14", "geojson property", own_geojson(colour="red"), "unknown_field", "features 2 (school)", "colour"),
    case("B14", "geojson member", own_geojson(own() | {"extra": 1}), "unknown_field", "in.geojson", "extra"),
    case("B14", "command", add("--name", "S", "--colour", "red"), None, "--colour"),
    *every_reader("B54", "zip", zipped(b"code,name\n" * 9), "not_text", "zip archive", "Unpack"),
    *every_reader("B54", "zip bomb", zipped(b"0" * 20_000_000), "not_text"),
    case("B54", "zip with a path outside", csv_bytes(zipped(b"x", "../outside.csv")), "not_text", "in.csv"),
    case("B54", "gzip", csv_bytes(b"\x1f\x8b\x08\x00aaaa"), "not_text", "gzip"),
    case("B54", "workbook by another name", csv_bytes(b"PK\x03\x04\x14\x00\x06\x00"), "not_text", "Excel"),
    case("B58", "incident code", add("--name", "S", code="a\u202eb"), "invalid_value", "code", "\\u202e"),
    case("B58", "report code", line("report", "add", "a\u2066b", "--publisher", "echo", "--title", "T", *WHO),
         "invisible_character", "code", "U+2066"),
    case("B58", "csv code", csv_incident(code="sch\u200bool"), "invalid_value", "in.csv, line 3", "code"),
    case("B58", "csv header", csv_text("code,na\u200bme\nshop,The shop\n"), "invisible_character", "column 2"),
    case("B58", "name of a csv file", with_file("a\u202evsc.csv", HEAD, "import", "csv"), "invisible_character",
         "file name", "U+202E"),
    case("B58", "name of a geonames file", with_file("S\u200bY.txt", geonames_line(*GEONAMES[0]), "gazetteer",
         "import", "geonames"), "invisible_character", "file name"),
    case("B61", "command", add("--name", "n" * 501), "too_long", "name", "500"),
    case("B61", "csv", csv_incident(name="n" * 501), "too_long", "in.csv, line 3", "name"),
    case("B61", "geojson", own_geojson(name="n" * 501), "too_long", "features 2 (school)", "name"),
    case("B61", "words of a claim", claim("--words", "33 " * 300), "too_long", "words"),
    case("B61", "csv, note of a claim", csv_claim(words="33", note="n" * 20_001), "too_long",
         "claims.csv, line 2", "note"),
    *(case("B62", url, line("report", "add", "r", "--publisher", "echo", "--title", "T", "--url", url, *WHO),
           "bad_url", "url", "http")
      for url in ("file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "http://[::1", "//host/x")),
]  # fmt: skip
