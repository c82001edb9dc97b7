"""How far two spellings are apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazetteer.folding import fold
from gazetteer.search import likeness
from gazetteer.search.likeness import MAX_PHONES, distances, phones

NAMES = st.text("abdefghijklmnopqrstuvwyz 017", max_size=14)
ARABIC = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهوي ", max_size=12)
ANY_NAME = st.one_of(NAMES, ARABIC, st.text(max_size=12).map(fold))


def apart(one: str, other: str) -> float:
    return float(distances(fold(one), [fold(other)])[0])


def slow_distance(one: str, other: str) -> float:
    """The same by the textbook: a table filled cell by cell (Wagner and Fischer 1974)."""
    unwritten = any("\u0600" <= letter <= "\u06ff" for letter in one + other)
    drop = likeness._DROP_UNWRITTEN if unwritten else likeness._DROP
    first, second = phones(one), phones(other)
    table = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for column, code in enumerate(second, start=1):
        table[0][column] = table[0][column - 1] + float(drop[code])
    for row, mine in enumerate(first, start=1):
        table[row][0] = table[row - 1][0] + float(drop[mine])
        for column, theirs in enumerate(second, start=1):
            table[row][column] = min(
                table[row - 1][column] + float(drop[mine]),
                table[row][column - 1] + float(drop[theirs]),
                table[row - 1][column - 1] + float(likeness._SUBSTITUTE[mine, theirs]),
            )
    return table[-1][-1]


@settings(max_examples=200)
@given(ANY_NAME, st.lists(ANY_NAME, min_size=1, max_size=6))
def test_it_equals_the_textbook(one: str, others: list[str]) -> None:
    expected = [slow_distance(one, other) for other in others]
    np.testing.assert_allclose(distances(one, others), expected, atol=1e-4)


@given(ANY_NAME)
def test_a_name_is_not_apart_from_itself(name: str) -> None:
    assert float(distances(name, [name])[0]) == pytest.approx(0.0, abs=1e-5)


@given(ANY_NAME, ANY_NAME)
def test_it_is_the_same_both_ways_and_never_negative(one: str, other: str) -> None:
    there, back = float(distances(one, [other])[0]), float(distances(other, [one])[0])
    assert there == pytest.approx(back, abs=1e-4)
    assert there >= -1e-5


@given(ANY_NAME, st.lists(ANY_NAME, min_size=1, max_size=8))
def test_company_changes_nothing(one: str, others: list[str]) -> None:
    alone = [float(distances(one, [other])[0]) for other in others]
    np.testing.assert_allclose(distances(one, others), alone, atol=1e-4)


def test_costs_are_symmetric_and_none_is_free() -> None:
    costs = likeness._SUBSTITUTE
    np.testing.assert_array_equal(costs, costs.T)
    assert np.all(np.diag(costs) == 0)
    assert np.all(costs[~np.eye(len(costs), dtype=bool)] > 0)
    assert np.all(likeness._DROP[1:] > 0)
    assert np.all(likeness._DROP_UNWRITTEN <= likeness._DROP)


# A name, and two spellings of which the first is the nearer.
NEARER = [
    ("qamishli", "kamishli", "hamishli"),
    ("raqqa", "rakka", "ramma"),
    ("tall rifat", "tell rifat", "tall rimat"),
    ("mansoura", "mansura", "mansira"),
    ("mansura", "mansira", "mandura"),
    ("khan", "kan", "ran"),
    ("deir", "dayr", "daud"),
    ("gharbi", "garbi", "sarbi"),
    ("cheikh", "sheikh", "meikh"),
    ("jinah", "jina", "jinan"),
    ("tal 1", "tall 1", "tal 2"),
]


@pytest.mark.parametrize(("name", "near", "far"), NEARER, ids=[row[0] for row in NEARER])
def test_what_transliterations_confuse_costs_less(name: str, near: str, far: str) -> None:
    assert apart(name, near) < apart(name, far)


@pytest.mark.parametrize(
    ("arabic", "latin"),
    [
        ("المنصورة", "Al Mansoura"), ("الرقة", "Ar Raqqah"), ("دير الزور", "Dayr az Zawr"), ("حمص", "Homs"),
        ("تل رفعت", "Tall Rif‘at"), ("الجينة", "Al Jīnah"), ("منبج", "Manbij"), ("خان شيخون", "Khān Shaykhūn"),
        ("القامشلي", "Al Qāmishlī"), ("الموصل", "Al Mawsil"), ("كفر نبل", "Kafr Nubl"), ("جرابلس", "Jarābulus"),
    ],
)  # fmt: skip
def test_an_arabic_name_is_next_to_its_latin_spelling(arabic: str, latin: str) -> None:
    letters = len(fold(latin).replace(" ", ""))
    assert apart(arabic, latin) <= 0.12 * letters
    assert apart(arabic, latin) < apart(arabic, "Kobani")
    assert apart(arabic, latin) < apart(arabic, "Baghdad")


def test_short_vowels_cost_less_beside_arabic() -> None:
    assert apart("منبج", "mnbj") == pytest.approx(0.0, abs=1e-5)
    assert 0 < apart("منبج", "manbij") < apart("mnbj", "manbij")


def test_doubled_letters_blanks_and_a_final_h_cost_nothing() -> None:
    for one, other in [("tall rifat", "talrifat"), ("raqqa", "raqa"), ("jinah", "jina"), ("mansurah", "mansura")]:
        assert phones(one) == phones(other)


def test_digits_are_not_taken_for_doubled() -> None:
    assert phones("sector 11") != phones("sector 1")


def test_a_long_name_is_cut_and_an_empty_one_has_no_phones() -> None:
    assert len(phones("mansura" * 2_000)) == MAX_PHONES
    assert phones("") == phones("   ") == b""
    assert len(distances("raqqa", [])) == 0
    np.testing.assert_allclose(distances("", ["", "bd"]), [0.0, 2.0])
    assert float(distances("raqqa", [""])[0]) > 1


def test_letters_of_other_scripts_are_told_apart() -> None:
    assert apart("Москва", "Москва") == pytest.approx(0.0, abs=1e-5)
    assert apart("Дамаск", "Дамбск") == pytest.approx(1.0)
    assert apart("Дамаск", "Damascus") > 3
    assert apart("拉卡", "阿勒颇") > 1


def test_ain_is_not_heard() -> None:
    assert phones("عرب") == phones("رب")


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_has_phones(text: str) -> None:
    codes = phones(fold(text))
    assert len(codes) <= MAX_PHONES
    assert all(0 < code < likeness._SIZE for code in codes)
