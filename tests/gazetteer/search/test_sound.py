"""Sound keys: one spelling for the many that a name has."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from gazetteer.folding import fold
from gazetteer.search.sound import coarse_of, skeleton_of, sound_key, sound_of_folded

ALPHABET = frozenset("abdfghijklmnrstuxzS0123456789 ")
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
NAMES = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyzêîûşç' -", min_size=1, max_size=30),
    st.text("إأابتةثجحخدذرزسشصضطظعغفقكلمنهوىي ", min_size=1, max_size=30),
)


def one_word(name: str) -> str:
    return sound_key(name).replace(" ", "")


def skeleton(name: str) -> str:
    return skeleton_of(one_word(name))


# Spellings that must have one sound.
SAME_SOUND = {
    "article and sun letter": "Raqqa|Ar Raqqah|ar-Raqqa|al-Raqa|Er Rakka|Rakka|er-Raqqah",
    "sun letter sh": "ash-Shaddadi|Al-Shaddadi|esh Shaddadi|Shaddadi",
    "ta marbuta": "Mansoura|Al Manşūrah|al-Mansura|Mansourah|el-Mansura|Al Mansurah",
    "deir": "Deir ez-Zor|Dayr az Zawr|Der ez Zor|Deir al-Zour|Dayr az-Zūr|دير الزور",
    "tell": "Tall Rifat|Tal Rifaat|Tell Rif‘at|Tel Rifat",
    "sheikh": "Sheikh Maqsud|Cheikh Maqsoud|Shaykh Maqsud|Shekh Maqsood",
    "ee, i and y": "Jisreen|Jisrin|Jisryn",
    "ou, u and w": "Khan Shaykhun|Khan Sheikhoun|Khan Cheikhoun|Khan Shaikhun|خان شيخون",
    "q and k": "Qamishli|Al Qamishli|Kamishli|al-Qamishly",
    "doubled letters": "Al Jinah|al-Jinnah|al-Jina|Al-Jīnah|Al Jeineh|الجينة",
    "marks": "Tall ‘Ar|Tall 'Ar|Tall Ar|Tall ʿĀr|Tall `Ar",
    "direction marks": "Homs|\u202eHoms\u202c|Ho\u200bms|\ufeffHoms",
    "feature word": "Raqqa|Raqqa city|City of Raqqa|Raqqa governorate|town of Raqqa",
    "Arabic feature word": "الرقة|مدينة الرقة|محافظة الرقة|ناحية الرقة",
    "Arabic letter forms": "إدلب|ادلب|أدلب",
    "ain": "Ain al-Arab|Ayn al Arab|Ein al-Arab|Aain al Arab",
    "umm": "Umm Qasr|Um Qasr|Oum Qasr|Omm Qasr",
    "abu": "Abu Kamal|Abou Kamal|Bou Kamal|Albu Kamal",
    "bayt": "Bayt Jinn|Beit Jin|Beit Jinn|Bait Jin",
    "Kurdish ê": "Serê Kaniyê|Sere Kaniye|Sare Kaniye",
    "Kurdish ş": "Qamişlî|Qamishli",
    "Kurdish c": "Cizîrê|Jizire",
    "sharqi and gharbi": "Samdaniyah al Gharbiyah|Samdaniya Gharbiya|Samdaniyya al-Gharbi",
    "jabal": "Jabal Zawiya|Jebel Zawiyah|Djebel Zawiya",
    "case": "HOMS|homs|Homs",
}  # fmt: skip

# Spellings that share the consonants only: Arabic leaves the short vowels out.
SAME_SKELETON = {
    "Raqqa": "Raqqa|الرقة",
    "Mansoura": "Mansoura|المنصورة",
    "Tall Rifat": "Tall Rif‘at|Tel Ref'at|تل رفعت",
    "Idlib": "Idlib|Edlib|Idleb|إدلب|Idlip",
    "Homs": "Homs|Hims|حمص|Hums",
    "Mosul": "Mosul|Al Mawsil|Mossoul|الموصل",
    "Maqsud": "Sheikh Maqsud|الشيخ مقصود",
    "Kafr Nabl": "Kafr Nabl|Kafranbel|Kafr Nubl|كفر نبل",
    "Ayn al-Arab": "Ain al-Arab|عين العرب",
    "Jisr": "Jisr ash-Shughur|Jisir Al-Shoghour|جسر الشغور",
    "Umm Qasr": "Umm Qasr|أم قصر",
    "Abu Kamal": "Abu Kamal|البوكمال|ابو كمال",
    "Jadida": "Mosul al-Jadida|Al Mawsil al Jadidah|الموصل الجديدة",
    "Deir": "Deir Ezzor|Deir ez-Zor|دير الزور",
}
# Spellings that only the coarse key joins.
SAME_COARSE = ["Qamishli|Gamishli|Qamişlo", "Duma|Tuma", "Khalid|Kalid", "Shingal|Şingal"]
DIFFERENT = ["Homs|Hama", "Raqqa|Idlib", "Mosul|Manbij", "Deir Hafir|Deir ez-Zor", "Tall Rifat|Tall Abyad"]


@pytest.mark.parametrize("names", SAME_SOUND.values(), ids=SAME_SOUND.keys())
def test_spellings_of_one_name_share_a_sound(names: str) -> None:
    assert len({one_word(name) for name in names.split("|")}) == 1


@pytest.mark.parametrize("names", SAME_SKELETON.values(), ids=SAME_SKELETON.keys())
def test_spellings_share_their_consonants(names: str) -> None:
    assert len({skeleton(name) for name in names.split("|")}) == 1


@pytest.mark.parametrize("names", SAME_COARSE)
def test_confused_consonants_share_a_coarse_skeleton(names: str) -> None:
    skeletons = {skeleton(name) for name in names.split("|")}
    assert len(skeletons) > 1
    assert len({coarse_of(found) for found in skeletons}) == 1


@pytest.mark.parametrize("names", SAME_SKELETON.values(), ids=SAME_SKELETON.keys())
def test_spellings_of_one_name_come_close(names: str) -> None:
    for one, other in combinations(names.split("|"), 2):
        assert fuzz.ratio(one_word(one), one_word(other)) >= 60


@pytest.mark.parametrize("names", DIFFERENT)
def test_other_names_have_other_consonants(names: str) -> None:
    one, other = names.split("|")
    assert skeleton(one) != skeleton(other)
    assert coarse_of(skeleton(one)) != coarse_of(skeleton(other))


def test_a_cedilla_is_sh_only_in_a_kurdish_text() -> None:
    assert one_word("Qamişlî") == one_word("Qamishli")
    assert one_word("Manşūrah") == one_word("Mansura")


@pytest.mark.parametrize("name", ["", " ", "-", "'", "،", "\u202e", "ʿ", "\ud800"])
def test_a_name_without_letters_has_no_sound(name: str) -> None:
    assert sound_key(name) == ""


def test_digits_and_other_scripts_stay() -> None:
    assert sound_key("17 Tammuz") == "17 tamuz"
    assert sound_key("Москва") == "москва"


def test_a_name_of_ten_thousand_letters_has_a_sound() -> None:
    for letter in ("a", "ا", "sh", "ab ", "قا"):
        assert len(sound_key(letter * 10_000)) <= 30_000


@given(ANY_TEXT)
def test_any_text_has_a_sound(text: str) -> None:
    sound = sound_key(text)
    assert sound == " ".join(sound.split())
    assert len(sound) <= 4 * len(fold(text)) + 4
    bare = skeleton_of(sound)
    assert " " not in bare
    assert (bare == "") == (sound == "")
    assert (coarse_of(bare) == "") == (bare == "")
    assert sound_of_folded(fold(text)).replace(" ", "") != "" or sound == ""


@given(ANY_TEXT)
def test_what_may_be_done_twice_changes_nothing(text: str) -> None:
    bare = skeleton_of(sound_key(text))
    assert skeleton_of(bare) == bare
    assert coarse_of(coarse_of(bare)) == coarse_of(bare)
    assert sound_key(text) == sound_key(" " + text + "  ")


@given(NAMES)
def test_a_name_in_known_letters_is_written_in_the_alphabet_of_sounds(name: str) -> None:
    assert set(sound_key(name)) <= ALPHABET
    assert set(skeleton_of(one_word(name))) <= ALPHABET


@given(NAMES)
def test_case_and_marks_do_not_matter(name: str) -> None:
    assert one_word(name.upper().lower()) == one_word(name.lower())
    assert one_word(f"\u200f{name}\u202c") == one_word(name)


@given(st.text("bdfjklmnrsz", min_size=2, max_size=8))
def test_vowels_do_not_matter_to_the_skeleton(consonants: str) -> None:
    with_a, with_i = ("".join(letter + vowel for letter in consonants) for vowel in "ai")
    assert skeleton("x" + with_a) == skeleton("x" + with_i)


# The letters that Arabic names are written with in Latin, one for one.
PAIRS = dict(zip("بتجدرزسفقلمن", "btjdrzsfqlmn", strict=True))


@given(st.lists(st.sampled_from(sorted(PAIRS)), min_size=3, max_size=8, unique=True))
def test_arabic_letters_have_the_skeleton_of_their_latin_ones(letters: list[str]) -> None:
    latin = "a".join(PAIRS[letter] for letter in letters)
    if not latin.startswith(("bab", "tal")):  # "بل" stays, "tal" is a word of its own
        assert skeleton("".join(letters)) == skeleton(latin)
