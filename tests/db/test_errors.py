"""Errors: one paragraph that says what, where and the remedy, safe to print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import db.errors
from db.errors import (
    SHOWN_LENGTH,
    AmbiguousError,
    AtlasError,
    ConflictError,
    IllegalMoveError,
    InputError,
    NotADatabaseError,
    NotFoundError,
    ResourceError,
    SchemaAheadError,
    SchemaBehindError,
    StorageError,
    shown,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AtlasError, 1),
        (InputError, 2),
        (NotFoundError, 2),
        (IllegalMoveError, 2),
        (ConflictError, 3),
        (StorageError, 4),
        (NotADatabaseError, 4),
        (SchemaBehindError, 4),
        (SchemaAheadError, 4),
        (ResourceError, 5),
    ],
)
def test_each_kind_has_its_exit_code(error: type[AtlasError], code: int) -> None:
    assert error("some_code", "Why.").exit_code == code
    assert issubclass(error, AtlasError)


def test_the_tree_in_the_docstring_names_every_class() -> None:
    for name, item in vars(db.errors).items():
        if isinstance(item, type) and issubclass(item, AtlasError):
            assert name in str(db.errors.__doc__)


def test_an_error_prints_what_where_and_the_remedy() -> None:
    error = InputError("range_reversed", "Min is above max.", where="row 3", got="9-1", fix="Swap them.")
    assert str(error) == "[range_reversed] row 3: Min is above max.\n  Got: 9-1\n  Swap them."


def test_an_error_prints_only_what_it_has() -> None:
    assert str(InputError("blank", "It is blank.")) == "[blank] It is blank."


@pytest.mark.parametrize("value", [0, False, ""])
def test_a_zero_or_empty_value_is_still_shown(value: object) -> None:
    assert "Got:" in str(InputError("bad", "Bad.", got=value))


def test_the_place_grows_from_the_outside_in() -> None:
    error = InputError("bad", "Bad.", where="column killed").at("row 3").at("a.csv")
    assert error.where == "a.csv, row 3, column killed"
    assert InputError("bad", "Bad.").at("a.csv").where == "a.csv"


def test_candidates_are_listed() -> None:
    error = AmbiguousError("ambiguous_place", "Two places.", ["Mansoura, Raqqa", "Mansoura, Hama"])
    assert str(error).endswith("\n  - Mansoura, Raqqa\n  - Mansoura, Hama")
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("الجنة", "الجنة"),
        ("a\u202eb", "a\\u202eb"),  # right-to-left override
        ("a\x00b", "a\\x00b"),
        ("a\nb", "a\\nb"),
        ("\ud800", "\\ud800"),  # a lone surrogate cannot be printed
        ("\x1b[31mred", "\\x1b[31mred"),  # a terminal would obey
        (None, "None"),
        (b"\xff", "b'\\xff'"),
        (12, "12"),
    ],
)
def test_a_shown_value_cannot_harm_the_terminal(value: object, text: str) -> None:
    assert shown(value) == text


@given(st.text(st.characters(), max_size=300))
def test_a_shown_value_is_short_and_printable(value: str) -> None:
    text = shown(value)
    assert len(text) <= SHOWN_LENGTH
    assert text.isprintable()
    text.encode()


def test_a_long_value_is_cut_with_a_mark() -> None:
    assert shown("x" * 80) == "x" * 80
    assert shown("x" * 81) == "x" * 79 + "…"
