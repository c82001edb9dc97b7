"""What cells of somebody else's file say, and what is kept of them."""

from __future__ import annotations

from typing import Any

import pytest

from db.errors import InputError
from incidents.importers.foreign_cells import cell, figure, kept, noted, objects


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        (" null ", None),
        ("NaN", None),
        (0, "0"),  # zero says something
        (False, "no"),
        (" a ", "a"),
        (["a", None, "b"], "a, b"),
        ([], None),
        ({"value": "within_1m", "label": "Within 1m"}, "within_1m"),
        ({"other": "x"}, None),
        ('a:2:{i:0;s:1:"a";i:1;s:1:"b";}', "a, b"),
        ('a:2:{i:3;s:1:"a";i:7;s:1:"b";}', "a, b"),
        ("a:0:{}", None),
        ("N;", None),
        ("i:0;", "0"),
    ],
)
def test_a_cell_is_a_text_or_nothing(value: Any, text: str | None) -> None:
    assert cell({"x": value}, "x") == text


def test_the_first_column_that_says_something_counts() -> None:
    assert cell({"a": "", "b": None, "c": "x", "d": "y"}, "a", "b", "c", "d") == "x"
    assert cell({}, "a") is None


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        ("0", "0", ("exact", 0, 0)),
        ("", "", None),
        (None, 0, ("at_most", None, 0)),
        (3, None, ("at_least", 3, None)),
        (3, 5, ("between", 3, 5)),
    ],
)
def test_a_range_of_two_cells(least: Any, most: Any, said: tuple[Any, ...] | None) -> None:
    found = figure({"low": least, "high": most}, "low", "high")
    assert (None if found is None else tuple(found.values())) == said


def test_objects_are_those_of_a_list_of_json_or_of_php() -> None:
    for value in ([{"a": "b"}], '[{"a": "b"}]', 'a:1:{i:0;a:1:{s:1:"a";s:1:"b";}}', 'a:1:{i:4;a:1:{s:1:"a";s:1:"b";}}'):
        assert objects({"x": value}, "x") == [{"a": "b"}]
    assert objects({"x": "null"}, "x") == []
    with pytest.raises(InputError, match="wrong_type"):
        objects({"x": 'a:1:{i:0;s:1:"x";}'}, "x")


def test_a_note_holds_what_it_has_room_for_and_names_the_rest() -> None:
    row = {"a": "1", "b": "x" * 3_990, "c": "2", "d": ""}
    text, cut = kept(row, ("a", "b", "c", "d"))
    assert (text, cut) == (f"a: 1\nb: {'x' * 3_990}", ["c"])
    assert (noted(text, "a"), noted(text, "c"), noted(None, "a")) == ("1", None, None)
    assert kept({}, ("a",)) == (None, [])
