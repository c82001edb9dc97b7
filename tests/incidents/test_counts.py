"""Counts as sources say them: bounds, words, number cells, and the seeds' own figures."""

from __future__ import annotations

import contextlib
import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.vocabulary import Bound
from incidents.counts import CONFIRM_FROM, LARGEST, Count, count, parse_cell, parse_count

WHERE = "claims.csv, row 7, column killed"
CLAIMS = Path(__file__).parents[3] / "shared" / "seeds" / "claims.csv"


def refusal_of(call: Any, *args: Any, **named: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        call(*args, **named, where=WHERE)
    assert caught.value.where == WHERE
    return caught.value


@pytest.mark.parametrize(
    ("words", "bound", "least", "most"),
    [
        ("33", Bound.EXACT, 33, 33),
        ("0", Bound.EXACT, 0, 0),
        ("1,472", Bound.EXACT, 1472, 1472),
        ("1 472", Bound.EXACT, 1472, 1472),
        ("1\u202f472", Bound.EXACT, 1472, 1472),  # narrow no-break blank, the SI separator
        ("three", Bound.EXACT, 3, 3),
        ("twenty", Bound.EXACT, 20, 20),
        ("Thirty-Three", Bound.EXACT, 33, 33),  # a hyphen that is no range
        ("two hundred", Bound.EXACT, 200, 200),
        ("a total of 51", Bound.EXACT, 51, 51),
        ("only 21", Bound.EXACT, 21, 21),
        ("٣٤", Bound.EXACT, 34, 34),  # B22
        ("\u200f٣٤", Bound.EXACT, 34, 34),  # with a right-to-left mark, as copied from Arabic text
        ("۳۴", Bound.EXACT, 34, 34),  # Persian digits
        ("٤٬١٠٨", Bound.EXACT, 4108, 4108),  # Arabic thousands separator
        ("at least 33", Bound.AT_LEAST, 33, None),
        ("At least  33 ", Bound.AT_LEAST, 33, None),
        ("no less than 998", Bound.AT_LEAST, 998, None),
        ("no fewer than 12", Bound.AT_LEAST, 12, None),
        ("33+", Bound.AT_LEAST, 33, None),
        ("33 or more", Bound.AT_LEAST, 33, None),
        ("at least a dozen", Bound.AT_LEAST, 12, None),
        ("more than 100", Bound.MORE_THAN, 101, None),
        ("over 1,000", Bound.MORE_THAN, 1001, None),
        ("over a hundred", Bound.MORE_THAN, 101, None),
        (">200", Bound.MORE_THAN, 201, None),
        ("more than two dozen", Bound.MORE_THAN, 25, None),
        ("up to 30", Bound.AT_MOST, None, 30),
        ("as many as 200", Bound.AT_MOST, None, 200),
        ("no more than 5", Bound.AT_MOST, None, 5),
        ("fewer than 10", Bound.LESS_THAN, None, 9),
        ("less than 5", Bound.LESS_THAN, None, 4),
        ("almost 1,000", Bound.ALMOST, None, 1000),
        ("nearly 300", Bound.ALMOST, None, 300),
        ("around 200", Bound.AROUND, 200, 200),
        ("roughly 220", Bound.AROUND, 220, 220),
        ("about 74", Bound.AROUND, 74, 74),
        ("~75", Bound.AROUND, 75, 75),
        ("30 or so", Bound.AROUND, 30, 30),
        ("two dozen", Bound.AROUND, 24, 24),
        ("about two dozen", Bound.AROUND, 24, 24),
        ("a dozen", Bound.AROUND, 12, 12),
        ("a hundred", Bound.AROUND, 100, 100),  # said of 90 as of 110; "one hundred" is exact
        ("one hundred", Bound.EXACT, 100, 100),
        ("between 37 and 62", Bound.BETWEEN, 37, 62),
        ("37-62", Bound.BETWEEN, 37, 62),
        ("37–62", Bound.BETWEEN, 37, 62),
        ("40 - 420", Bound.BETWEEN, 40, 420),
        ("230 to 520", Bound.BETWEEN, 230, 520),
        ("two hundred to three hundred", Bound.BETWEEN, 200, 300),
        ("between 1,000 and 1,200", Bound.BETWEEN, 1000, 1200),
        ("dozens", Bound.UNQUANTIFIED, None, None),
        ("Dozens of", Bound.UNQUANTIFIED, None, None),
        ("hundreds of", Bound.UNQUANTIFIED, None, None),
        ("tens", Bound.UNQUANTIFIED, None, None),
        ("thousands", Bound.UNQUANTIFIED, None, None),
        ("several", Bound.UNQUANTIFIED, None, None),
        ("unknown", Bound.UNKNOWN, None, None),
        ("denied any", Bound.NONE_DENIED, 0, 0),
        ("denied that there were any", Bound.NONE_DENIED, 0, 0),
        ("none (denied)", Bound.NONE_DENIED, 0, 0),
    ],
)
def test_words_of_a_source_become_a_bound_and_keep_their_words(
    words: str, bound: Bound, least: int | None, most: int | None
) -> None:
    assert parse_count(words, where=WHERE) == Count(bound, least, most, words.strip())


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   ",
        "nearly half",  # a share
        "80%",
        "32 per cent",
        "1000 Days",  # a duration
        "none",  # zero, or a denial? the writer has to say which
        "1.000",  # a thousand, or one
        "012",
        "+12",
        "1_000",
        "3.0",
        "1,0000",
        "33 and 47",
        "at least",
        "at least dozens",
        "two to three hundred",  # 200 to 300: must never become 2 to 300
        "around 20-30",
        "up to at least 30",
        "n/a",
        "33 civilians",  # the category is a field of its own
    ],
)
def test_words_that_say_no_count_are_refused_with_the_way_to_write_them(words: str) -> None:
    error = refusal_of(parse_count, words)
    assert error.code == "unreadable_count"
    assert "at least 33" in str(error.fix)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("36,19", "decimal_comma"),  # B25
        ("-5", "negative_count"),  # B17
        ("−5", "negative_count"),  # a real minus sign
        ("62-37", "range_reversed"),  # B16
        ("between 9 and 1", "range_reversed"),  # B16
        ("1000000000", "count_too_large"),  # B18
        ("1" + "0" * 30, "count_too_large"),  # B19
        ("9" * 5000, "count_too_large"),  # longer than int() accepts
        ("100,000", "large_count_unconfirmed"),  # B18
        ("less than 0", "negative_count"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(words: str, code: str) -> None:
    assert refusal_of(parse_count, words).code == code


def test_large_count_is_accepted_when_confirmed() -> None:
    assert parse_count("at least 250,000", where=WHERE, confirm_large=True).min == 250_000


@pytest.mark.parametrize(
    ("cell", "number"),
    [("33", 33), (" 33\t", 33), ("0", 0), ("012", 12), ("٣٤", 34), ("\u200f٣٤", 34), ("", None), ("  ", None)],
)
def test_number_cell_holds_digits_or_nothing(cell: str, number: int | None) -> None:
    assert parse_cell(cell, where=WHERE) == number


@pytest.mark.parametrize(
    ("cell", "code", "hint"),
    [
        ("3.0", "not_an_integer", "digits only"),  # B21
        ("1_000", "not_an_integer", "digits only"),  # B21
        ("+12", "not_an_integer", "digits only"),  # B21
        ("true", "words_in_number_cell", "text field"),  # B21
        ("1,000", "thousands_separator", "1000"),
        ("up to 30", "words_in_number_cell", "text field"),  # B23
        ("at least 33", "words_in_number_cell", "text field"),  # B23
        ("dozens", "words_in_number_cell", "text field"),  # B23
        ("33+", "words_in_number_cell", "text field"),
        ("37-62", "words_in_number_cell", "text field"),
        ("36,19", "decimal_comma", "decimal comma"),  # B25
        ("-1", "negative_count", None),  # B17
        ("NaN", "not_finite", None),  # B20
        ("1e999", "not_finite", None),  # B20
        ("1000000000", "count_too_large", None),  # B18
        ("1" + "0" * 30, "count_too_large", None),  # B19
        ("٣4", "not_an_integer", "digits only"),  # B22: two scripts in one number
    ],
)
def test_number_cell_refuses_anything_but_digits(cell: str, code: str, hint: str | None) -> None:
    error = refusal_of(parse_cell, cell)
    assert error.code == code
    assert hint is None or hint in str(error.fix)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (True, "not_an_integer"),  # B21
        (3.0, "not_an_integer"),  # B21
        ("1_000", "not_an_integer"),  # B21
        ("012", "not_an_integer"),  # B21
        ("+12", "not_an_integer"),  # B21
        ("33", "not_an_integer"),
        ("٣٤", "not_an_integer"),  # B22
        (float("nan"), "not_finite"),  # B20
        (float("inf"), "not_finite"),  # B20
        (-1, "negative_count"),  # B17
        (10**9, "count_too_large"),  # B18
        (LARGEST + 1, "count_too_large"),  # B18
        (10**30, "count_too_large"),  # B19
        (CONFIRM_FROM, "large_count_unconfirmed"),  # B18
    ],
)
def test_count_from_parts_takes_whole_numbers_only(number: Any, code: str) -> None:
    assert refusal_of(count, Bound.EXACT, number, number).code == code
    assert refusal_of(count, Bound.AT_LEAST, number, None).code == code
    assert refusal_of(count, Bound.AT_MOST, None, number).code == code


def test_number_too_long_to_be_printed_is_refused() -> None:
    assert refusal_of(count, Bound.EXACT, 10**5000, 10**5000).got == "10^30 or more"  # B19


def test_range_with_its_ends_reversed_is_refused() -> None:
    assert refusal_of(count, Bound.BETWEEN, 9, 1).code == "range_reversed"  # B16


@pytest.mark.parametrize(
    ("bound", "least", "most"),
    [
        (Bound.EXACT, 3, 4),
        (Bound.EXACT, 3, None),
        (Bound.EXACT, None, None),
        (Bound.AROUND, 3, 4),
        (Bound.AT_LEAST, 3, 9),
        (Bound.AT_LEAST, None, 9),
        (Bound.MORE_THAN, 0, None),  # "more than -1"
        (Bound.MORE_THAN, 3, 9),
        (Bound.AT_MOST, 0, 9),
        (Bound.LESS_THAN, 3, None),
        (Bound.ALMOST, 3, 3),
        (Bound.BETWEEN, 3, None),
        (Bound.UNQUANTIFIED, 24, None),
        (Bound.NONE_DENIED, None, None),
        (Bound.NONE_DENIED, 0, 1),
        (Bound.UNKNOWN, 0, 0),  # unknown is not zero
    ],
)
def test_bound_refuses_numbers_it_cannot_have(bound: Bound, least: int | None, most: int | None) -> None:
    assert refusal_of(count, bound, least, most, "words").code == "bound_mismatch"


def test_unknown_bound_lists_the_known_ones() -> None:
    error = refusal_of(count, "up_to", None, 30)
    assert error.code == "unknown_bound"
    assert "at_most" in str(error.fix)


def test_unquantified_count_needs_its_words() -> None:
    assert refusal_of(count, Bound.UNQUANTIFIED, None, None, " ").code == "words_missing"


def test_words_are_written_from_the_numbers_where_none_are_given() -> None:
    assert count("at_least", 33, None, where=WHERE).words == "at least 33"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("33", "33"),
        ("0", "0"),
        ("at least 33", "33+"),
        ("more than 100", "101+"),
        ("up to 30", "≤30"),
        ("fewer than 10", "<10"),
        ("almost 1,000", "almost 1000"),
        ("around 200", "~200"),
        ("between 37 and 62", "37–62"),
        ("dozens", '"dozens"'),
        ("none (denied)", "0 (denied)"),
        ("unknown", "unknown"),
    ],
)
def test_display_is_short_and_keeps_the_bound(words: str, shown: str) -> None:
    assert parse_count(words, where=WHERE).text() == shown


def test_zero_denied_unknown_and_unquantified_never_look_the_same() -> None:
    shown = [parse_count(words, where=WHERE).text() for words in ("0", "denied any", "unknown", "dozens", "up to 0")]
    assert len(set(shown)) == len(shown)


def counts() -> st.SearchStrategy[Count]:
    """Every bound with numbers it can have."""
    number = st.integers(0, LARGEST)

    def build(bound: Bound, pair: tuple[int, int]) -> Count:
        low, high = sorted(pair)
        parts: dict[Bound, tuple[int | None, int | None]] = {
            Bound.EXACT: (low, low),
            Bound.AROUND: (low, low),
            Bound.AT_LEAST: (low, None),
            Bound.MORE_THAN: (max(low, 1), None),
            Bound.AT_MOST: (None, high),
            Bound.LESS_THAN: (None, min(high, LARGEST - 1)),
            Bound.ALMOST: (None, high),
            Bound.BETWEEN: (low, high),
            Bound.NONE_DENIED: (0, 0),
            Bound.UNQUANTIFIED: (None, None),
            Bound.UNKNOWN: (None, None),
        }
        return count(bound, *parts[bound], "core fighters", where=WHERE, confirm_large=True)

    return st.builds(build, st.sampled_from(list(Bound)), st.tuples(number, number))


@given(counts())
def test_canonical_words_are_read_back_into_the_same_count(said: Count) -> None:
    again = parse_count(said.canonical_words(), where=WHERE, confirm_large=True)
    assert (again.bound, again.min, again.max) == (said.bound, said.min, said.max)


@given(st.integers(0, LARGEST))
def test_number_is_read_alike_with_and_without_separators_and_in_arabic_digits(number: int) -> None:
    arabic = str(number).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for text in (str(number), f"{number:,}", arabic):
        assert parse_count(text, where=WHERE, confirm_large=True).min == number
    assert parse_cell(arabic, where=WHERE) == number


@given(st.text())
def test_any_text_is_read_or_refused_with_an_error_of_ours(text: str) -> None:
    for reader in (parse_count, parse_cell):
        with contextlib.suppress(InputError):  # any other exception fails the test
            reader(text, where=WHERE)


# The seeds name some bounds by the words; and the Pentagon's explicit zero is a denial here.
BOUND_OF_SEED = {"up_to": Bound.AT_MOST, "as_many_as": Bound.AT_MOST}
# Where bound_raw is a whole phrase that repeats the value or stands round it, the phrase a clerk would enter.
PHRASE_OF_SEED = {
    "more than 100 people in a single hit": "more than 100",
    "over a hundred lives": "over a hundred",
    "denied that there were any": "denied that there were any",
    "including; adult female": "221",
}


def seed_figures() -> list[tuple[str, str, str, str, str]]:
    """Every distinct figure of killed or injured people in the seeds: bound, words, value, min, max."""
    if not CLAIMS.exists():
        return []
    with CLAIMS.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["metric"].startswith(("killed", "injured"))]
    return sorted(
        {(row["bound"], row["bound_raw"], row["value_raw"], row["value_min"], row["value_max"]) for row in rows}
    )


@pytest.mark.skipif(not CLAIMS.exists(), reason="../shared/seeds/claims.csv is not on this machine")
def test_seeds_hold_the_figures_expected() -> None:
    assert len(seed_figures()) >= 40


@pytest.mark.parametrize(("bound", "bound_raw", "value_raw", "least", "most"), seed_figures())
def test_figure_of_the_seeds_is_read_as_recorded(
    bound: str, bound_raw: str, value_raw: str, least: str, most: str
) -> None:
    phrase = PHRASE_OF_SEED.get(bound_raw)
    if phrase is None:
        phrase = value_raw if bound == Bound.UNQUANTIFIED else f"{bound_raw} {value_raw}".strip()
    denied = bound_raw.startswith("denied")
    read = parse_count(phrase, where=WHERE)
    assert read.bound == (Bound.NONE_DENIED if denied else BOUND_OF_SEED.get(bound, bound))
    assert (read.min, read.max) == (int(least) if least else None, int(most) if most else None)
