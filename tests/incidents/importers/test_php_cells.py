"""Reading what PHP serialised, and refusing what would hurt."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from incidents.importers.php_cells import MAX_BYTES, MAX_DEPTH, is_serialised, read_serialised


def serialised(value: Any) -> str:
    """``value`` as PHP writes it."""
    if value is None:
        return "N;"
    if isinstance(value, bool):
        return f"b:{int(value)};"
    if isinstance(value, int):
        return f"i:{value};"
    if isinstance(value, str):
        return f's:{len(value.encode())}:"{value}";'
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    items = [serialised(key) + serialised(item) for key, item in pairs]
    return f"a:{len(items)}:{{{''.join(items)}}}"


SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_php_writes_is_read(value: Any) -> None:
    assert read_serialised(serialised(value), "cell") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a:2:{i:0;s:11:"CS9001 شا";i:1;d:0.5;}', ["CS9001 شا", 0.5]),  # lengths are in bytes
        ('a:1:{i:3;s:1:"x";}', {3: "x"}),  # a list with holes is no list
        ("a:0:{}", []),
        ('s:4:"a";b";', 'a";b'),  # quotes inside need no escape
    ],
)
def test_texts_are_as_long_as_they_say(text: str, value: Any) -> None:
    assert is_serialised(text)
    assert read_serialised(text, "cell") == value


@pytest.mark.parametrize("text", ["a village", "s", "N", "i:12", "a: one; b: two;", "[1]", "{}", "", "note: none;"])
def test_plain_text_is_not_taken_for_it(text: str) -> None:
    assert not is_serialised(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('O:8:"stdClass":0:{}', "php_serialised"),
        ('a:1:{i:0;O:3:"Foo":1:{s:1:"a";i:1;}}', "php_serialised"),
        ('C:3:"Foo":2:{ab}', "php_serialised"),
        ("a:1:{i:0;R:1;}", "php_serialised"),
        ('a:1:{i:0;s:9:"short";}', "php_serialised"),
        ('a:1:{i:0;s:1:"é";}', "php_serialised"),  # cut inside a character
        ("a:2:{i:0;i:1;}", "php_serialised"),
        ("a:1:{i:0;i:1;i:1;i:2;}", "php_serialised"),
        ("a:2:{i:0;i:1;i:0;i:2;}", "php_serialised"),  # a key twice
        ("a:1:{a:0:{}i:1;}", "php_serialised"),
        ("a:1:{i:0;d:1e9999;}", "php_serialised"),
        ("a:1:{i:0;i:1_0;}", "php_serialised"),
        ("a:0:{}a:0:{}", "php_serialised"),
        ("a:9999999:{}", "too_large"),
        ("a:1:{i:0;" * 50 + "N;" + "}" * 50, "too_deep"),
        (f's:{MAX_BYTES}:"{"x" * MAX_BYTES}";', "too_large"),
    ],
)
def test_hostile_and_malformed_text_is_refused(text: str, code: str) -> None:
    assert is_serialised(text)
    with pytest.raises(InputError) as caught:
        read_serialised(text, "belligerents")
    assert caught.value.code == code
    assert "belligerents" in str(caught.value)


def test_the_deepest_that_is_read() -> None:
    levels = MAX_DEPTH - 1
    text = "a:1:{i:0;" * levels + "N;" + "}" * levels
    value = read_serialised(text, "cell")
    for _ in range(levels):
        (value,) = value
    assert value is None
