"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.numerals import WORDS, Number, is_multiple, read_digits, read_number, tidy


def test_words_cover_zero_to_ninety_nine() -> None:
    assert set(WORDS.values()) == set(range(100))
    assert (WORDS["nineteen"], WORDS["twenty"], WORDS["twenty-one"], WORDS["ninety nine"]) == (19, 20, 21, 99)


@pytest.mark.parametrize(
    ("plain", "number"),
    [
        ("0", Number(0, rough=False)),
        ("1,044", Number(1044, rough=False)),
        ("1 044", Number(1044, rough=False)),
        ("1,044,000", Number(1_044_000, rough=False)),
        ("three hundred", Number(300, rough=False)),
        ("a thousand", Number(1000, rough=True)),
        ("three dozen", Number(36, rough=True)),
        ("1.044", None),  # a thousand or one
        ("10,44", None),
        ("1,044 000", None),  # two separators in one number
        ("007", None),
        ("zero hundred", None),
        ("hundred", None),
        ("hundreds", None),
        ("", None),
    ],
)
def test_number_is_read_only_where_it_cannot_be_misread(plain: str, number: Number | None) -> None:
    assert read_number(plain) == number


def test_cell_digits_are_of_one_script() -> None:
    assert [read_digits(cell) for cell in ("34", "٣٤", "۳۴", "٣4", "３４", "3 4", "")] == [
        34,
        34,
        34,
        None,
        None,
        None,
        None,
    ]


def test_tidy_drops_direction_marks_and_blanks() -> None:
    assert tidy("\u200f ٣٤\u00a0 OR\tmore ") == "34 or more"


def test_multiples_are_told_from_plain_numbers() -> None:
    assert is_multiple("three hundred")
    assert not is_multiple("three")


@given(st.integers(0, 10**9))
def test_grouped_digits_are_read_back(number: int) -> None:
    for text in (f"{number}", f"{number:,}", f"{number:,}".replace(",", " ")):
        assert read_number(text) == Number(number, rough=False)
