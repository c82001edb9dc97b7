"""Strict JSON: each row of the table of bad inputs that a JSON reader decides."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError, NotFoundError
from db.strictjson import read_json

SAFE_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | SAFE_TEXT,
    lambda children: st.lists(children) | st.dictionaries(SAFE_TEXT, children),
)


@pytest.mark.parametrize(
    ("code", "data", "said"),
    [
        pytest.param("empty_file", b"", "empty", id="B01"),
        pytest.param("empty_file", b"\xef\xbb\xbf \n", "empty", id="B01-mark-only"),
        pytest.param("not_utf8", '{"a":\n"حلب"}'.encode("cp1256"), "line 2, byte 7", id="B04"),
        pytest.param("bad_unicode", rb'["\ud800"]', "/0", id="B05"),
        pytest.param("bad_unicode", rb'{"a": {"b/c": ["x", "\uDC00y"]}}', "/a/b~1c/1", id="B05-pointer"),
        pytest.param("bad_unicode", rb'{"\ud800": 1}', "a key", id="B05-key"),
        pytest.param("bad_unicode", b'["\xed\xa0\x80"]', "surrogate", id="B05-bytes"),
        pytest.param("control_character", rb'{"name": "a\u0000b"}', "/name", id="B06"),
        pytest.param("control_character", rb'["a\bb"]', "U+0008", id="B06-short-escape"),
        pytest.param("control_character", '["a\x9fb"]'.encode(), "U+009F", id="B06-unescaped"),
        pytest.param("not_finite", b'{"killed": NaN}', "NaN", id="B20-nan"),
        pytest.param("not_finite", b"[-Infinity]", "-Infinity", id="B20-infinity"),
        pytest.param("not_finite", b"[1e999]", "1e999", id="B20-overflow"),
        pytest.param("duplicate_key", b'{"killed": 1, "killed": 100}', "killed", id="B49"),
        pytest.param("duplicate_key", rb'{"a": {"b": 1, "\u0062": 2}}', "b", id="B49-escaped-and-nested"),
        pytest.param("too_deep", b"[" * 100_000, "100000", id="B50"),
        pytest.param("too_deep", b'{"a":' * 65 + b"1" + b"}" * 65, "65", id="B50-objects"),
        pytest.param("number_too_long", b"[" + b"9" * 5_000 + b"]", "5000 digits", id="B53"),
        pytest.param("not_text", b"PK\x03\x04\x14\x00", "zip", id="B54"),
        pytest.param("not_text", '{"a": 1}'.encode("utf-16-le"), "utf-16-le", id="B03-without-mark"),
        pytest.param("not_json", b"[1,]", "line 1, column", id="trailing-comma"),
        pytest.param("not_json", b"{'a': 1}", "line 1", id="single-quotes"),
        pytest.param("not_json", b'["a\nb"]', "control character", id="line-break-in-text"),
        pytest.param("not_json", b"[1] [2]", "Extra data", id="two-values"),
        pytest.param("not_json", b'["' + b"\\" * 100_001, "Unterminated", id="unterminated"),
    ],
)
def test_bad_json_is_refused(code: str, data: bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_json(data)
    assert caught.value.code == code
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="B02"),
        pytest.param('{"a": "حلب"}'.encode("utf-16"), {"a": "حلب"}, id="B03"),
        pytest.param(b"\xfe\xff" + "[1]".encode("utf-16-be"), [1], id="B03-big-endian"),
        pytest.param(rb'["\ud83d\ude00 \u202e \n\t"]', ["😀 \u202e \n\t"], id="B05-whole-pair"),
        pytest.param(b'["=1+1", "-3", "@x"]', ["=1+1", "-3", "@x"], id="B15-exact"),
        pytest.param(rb'["[[[[[{{{{\"[[[["]', ['[[[[[{{{{"[[[['], id="brackets-in-text-are-no-depth"),
        pytest.param(b"[" * 64 + b"]" * 64, None, id="B50-just-deep-enough"),
        pytest.param(b"[" + b"[]," * 1000 + b"0]", [[]] * 1000 + [0], id="wide-is-not-deep"),
        pytest.param(b"[1.50, 1e3, 12345678901234567890]", [1.5, 1000.0, 12345678901234567890], id="numbers"),
        pytest.param(b"null", None, id="null"),
    ],
)
def test_good_json_is_read(data: bytes, value: Any) -> None:
    assert value is None or read_json(data) == value
    read_json(data)


@given(VALUES)
def test_whatever_json_can_hold_comes_back(value: Any) -> None:
    for ascii_only in (True, False):
        assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode(), max_depth=1000) == value


@given(st.binary(max_size=40))
def test_any_bytes_give_a_value_or_an_error(data: bytes) -> None:
    with contextlib.suppress(InputError):  # anything else, a RecursionError say, fails the test
        json.dumps(read_json(data), allow_nan=False).encode()


def test_a_file_is_named_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(b'{"a": 1, "a": 2}')
    with pytest.raises(InputError) as caught:
        read_json(path)
    assert caught.value.where == "bad.json"
    path.write_bytes(b"[1]")
    assert read_json(path) == [1]


def test_a_missing_or_too_large_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as missing:
        read_json(tmp_path / "no.json")
    assert missing.value.code == "file_not_found"
    path = tmp_path / "large.json"
    path.write_bytes(b"[" + b" " * 1000 + b"]")
    with pytest.raises(InputError) as large:
        read_json(path, max_bytes=1001)
    assert large.value.code == "too_large"
    with pytest.raises(InputError) as folder:
        read_json(tmp_path)
    assert folder.value.code == "not_a_file"


def test_the_depth_limit_is_a_parameter() -> None:
    assert read_json(b"[[[1]]]", max_depth=3) == [[[1]]]
    with pytest.raises(InputError) as caught:
        read_json(b"[[[1]]]", max_depth=2, where="request body")
    assert (caught.value.code, caught.value.where) == ("too_deep", "request body")
