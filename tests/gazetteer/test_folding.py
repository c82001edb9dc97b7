"""Match keys: one key for the spellings of one name, and no key that depends on how the text was typed."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.folding import fold, script_of, strip_feature_words

UCDP_NAMES = Path(__file__).parents[2].parent / "shared/data/geocoding/ucdp_sy.jsonl"
TEXT = st.text(st.characters(codec="utf-8"))
NAMES = st.text(st.sampled_from("abdlnrsthzAEİıßøşḥ'’ʿ- .ابةىیكکلآأإؤئءـًّ٣۳3\u200f\u200c\u202é̇"))
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u00ad\u061c"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param("Al Mansurah", "mansurah", id="article before a space"),
        pytest.param("al-Mansurah", "mansurah", id="article before a hyphen"),
        pytest.param("Mosul al-Jadida", "mosul jadida", id="article inside"),
        pytest.param("Ash Shaykh Miskin", "shaykh miskin", id="article before a sun letter"),
        pytest.param("Dayr az-Zawr", "dayr zawr", id="sun-letter article inside"),
        pytest.param("An Nabk", "nabk", id="an before n"),
        pytest.param("Aţ Ţabqah", "tabqah", id="sun letter under a cedilla"),
        pytest.param("As al-Samra", "samra", id="an article uncovered by another"),
        pytest.param("An Hour Away", "an hour away", id="an before no sun letter is a word"),
        pytest.param("Asad", "asad", id="a word that begins like an article"),
        pytest.param("Al", "al", id="nothing but an article"),
        pytest.param("Qaḑā’ ar Ramādī", "qada ramadi", id="diacritics and a hamza mark"),
        pytest.param("Ma`arrat an-Nuʿmān", "maarrat numan", id="backtick and half ring"),
        pytest.param("Da´el", "dael", id="an acute accent typed for hamza"),
        pytest.param("المنصورة", "منصوره", id="Arabic article and ta marbuta, not transliterated"),
        pytest.param("المَنْصُورَة", "منصوره", id="vowel signs"),
        pytest.param("الـمـنـصـورة", "منصوره", id="tatweel"),
        pytest.param("ﺍﻟﻤﻨﺼﻮﺭﺓ", "منصوره", id="presentation forms"),
        pytest.param("إدلب", "ادلب", id="hamza below alef"),
        pytest.param("أريحا", "اريحا", id="hamza above alef"),
        pytest.param("آفس", "افس", id="madda"),
        pytest.param("ٱلباب", "باب", id="alef wasla"),
        pytest.param("الموصل الجديدة", "موصل جديده", id="article on each word"),
        pytest.param("بئر", "بير", id="hamza on a ya seat"),
        pytest.param("لؤلؤة", "لولوه", id="hamza on a waw seat"),
        pytest.param("سماء", "سما", id="hamza alone"),
        pytest.param("مصطفى", "مصطفي", id="alef maqsura"),
        pytest.param("کرکوک", "كركوك", id="Persian kaf"),
        pytest.param("گرمیان", "گرميان", id="gaf is kept, Persian ya is ya"),
        pytest.param("عبد الله", "عبد الله", id="the name of God has no article to lose"),
        pytest.param("ألف", "الف", id="too short to hold an article"),
        pytest.param("حي ١٧ تموز", "حي 17 تموز", id="Arabic-Indic digits"),
        pytest.param("۱۷", "17", id="Persian digits"),
        pytest.param("Tal'Afar (north), Iraq", "talafar north iraq", id="punctuation"),
        pytest.param("Łódź/Ørsted", "lodz orsted", id="letters without a decomposition"),
        pytest.param("İstanbul Iğdır", "istanbul igdir", id="dotted and dotless i"),
        pytest.param("Al\u200f-Bab\u202e", "bab", id="direction marks"),
        pytest.param(" \t Raqqa\n  city ", "raqqa city", id="spaces"),
        pytest.param("—", "", id="punctuation only"),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_name_folds_to_its_key(name: str, key: str) -> None:
    assert fold(name) == key


@given(TEXT | NAMES)
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(TEXT | NAMES)
def test_normal_forms_have_one_key(name: str) -> None:
    assert fold(unicodedata.normalize("NFC", name)) == fold(unicodedata.normalize("NFD", name)) == fold(name)


@given(TEXT | NAMES)
def test_case_does_not_matter(name: str) -> None:
    assert fold(name.upper()) == fold(name.lower()) == fold(name)


@given(NAMES, st.sampled_from(INVISIBLE), st.integers(0, 100))
def test_invisible_marks_do_not_matter(name: str, mark: str, place: int) -> None:
    assert fold(name[:place] + mark + name[place:]) == fold(name)


@given(TEXT | NAMES)
def test_a_key_holds_letters_digits_and_single_spaces(name: str) -> None:
    key = fold(name)
    assert key == " ".join(key.split())
    assert not any(unicodedata.category(character)[0] in "PSCZ" for character in key.replace(" ", ""))


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("Teir Maaleh village", "teir maaleh"),
        ("Ar Rastan district", "rastan"),
        ("Aleppo Governorate", "aleppo"),
        ("City of Mosul", "mosul"),
        ("Raqqa sub-district", "raqqa"),
        ("Nāḩiyat Baghdīdā", "baghdida"),
        ("محافظة حلب", "حلب"),
        ("مدينة الموصل", "موصل"),
        ("قضاء سنجار", "سنجار"),
        ("حي الجديدة", "جديده"),
        ("ناحية المنصورة", "منصوره"),
        pytest.param("Town", "town", id="nothing remains"),
        pytest.param("مدينة", "مدينه", id="nothing remains, Arabic"),
        pytest.param("", "", id="empty"),
        pytest.param("Townsville", "townsville", id="only whole words"),
    ],
)
def test_feature_words_are_stripped_from_a_key(name: str, rest: str) -> None:
    assert strip_feature_words(fold(name)) == rest


@given(TEXT | NAMES)
def test_stripping_feature_words_never_leaves_nothing_of_something(name: str) -> None:
    assert bool(strip_feature_words(fold(name))) == bool(fold(name))


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Raqqa 17", "Latn"),
        ("الرقة", "Arab"),
        ("کرکوک", "Arab"),
        ("Ракка", "Cyrl"),
        ("רקה", "Hebr"),
        ("مدرسة البادية al", "Arab"),
        ("17-3 (2017)", "Zyyy"),
        ("", "Zyyy"),
        ("拉卡", "Zzzz"),
    ],
)
def test_the_script_of_a_text(text: str, script: str) -> None:
    assert script_of(text) == script


@given(TEXT)
def test_any_text_has_a_script_code_of_four_letters(text: str) -> None:
    assert len(script_of(text)) == 4


def test_real_place_names_keep_a_key() -> None:
    if not UCDP_NAMES.exists():
        pytest.skip("the shared data folder is not beside this repository")
    rows = [json.loads(line) for line in UCDP_NAMES.read_text(encoding="utf-8").splitlines()]
    keys = {fold(str(row["text"])) for row in rows}
    assert "" not in keys
    assert len(keys) < len({row["text"] for row in rows})
