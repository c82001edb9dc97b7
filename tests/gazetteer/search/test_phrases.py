"""What a text says round the names in it: hand-made tables in English, French and Arabic, and bad input."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.vocabulary import PlaceKind
from gazetteer.search.phrase_words import flat
from gazetteer.search.phrases import MAX_LENGTH, Anchor, Phrase, Relation, parse_phrase

TOWN = {PlaceKind.SETTLEMENT}
QUARTER = {PlaceKind.SETTLEMENT, PlaceKind.NEIGHBOURHOOD}
CAMP = QUARTER | {PlaceKind.LANDMARK}
DISTRICT = {PlaceKind.ADM2, PlaceKind.NEIGHBOURHOOD}
N, NE, E, SE, S, SW, W, NW = (float(degrees) for degrees in range(0, 360, 45))

# text, relation, names, heading, distance in metres
RELATIONS: list[tuple[str, str, tuple[str, ...], float | None, float | None]] = [
    # a distance at a heading
    ("5 km north-east of Idlib", "offset", ("Idlib",), NE, 5000),
    ("10km NE of Raqqa", "offset", ("Raqqa",), NE, 10000),
    ("2.5 km W Hajin", "offset", ("Hajin",), W, 2500),
    ("about 3 miles south of Tabqa", "offset", ("Tabqa",), S, 4828.032),
    ("approximately 12 kilometres to the north-west of Mosul", "offset", ("Mosul",), NW, 12000),
    ("500 m south of the city of Manbij", "offset", ("Manbij",), S, 500),
    ("five kilometers north of Aleppo", "offset", ("Aleppo",), N, 5000),
    ("2,5 km NNE of Hama", "offset", ("Hama",), 22.5, 2500),
    ("5-10 km south of Sinjar", "offset", ("Sinjar",), S, 7500),
    ("15 كم شمال شرق حلب", "offset", ("حلب",), NE, 15000),
    ("على بعد ١٠ كم جنوب إدلب", "offset", ("إدلب",), S, 10000),
    ("شمال حلب بـ 15 كم", "offset", ("حلب",), N, 15000),
    ("20 كيلومتر إلى الغرب من الموصل", "offset", ("الموصل",), W, 20000),
    ("à 5 km au nord d'Alep", "offset", ("Alep",), N, 5000),
    ("à 12 kilomètres à l’ouest de Raqqa", "offset", ("Raqqa",), W, 12000),
    # a distance without a heading
    ("5 kilometres from Mosul", "offset", ("Mosul",), None, 5000),
    ("3 km outside Al Bab", "offset", ("Al Bab",), None, 3000),
    ("10 كم من الرقة", "offset", ("الرقة",), None, 10000),
    ("à 8 km de Homs", "offset", ("Homs",), None, 8000),
    # a heading without a distance
    ("west of Raqqa", "direction", ("Raqqa",), W, None),
    ("just south-east of Deir ez-Zor city", "direction", ("Deir ez-Zor",), SE, None),
    ("south of the city of Raqqa", "direction", ("Raqqa",), S, None),
    ("غرب الرقة", "direction", ("الرقة",), W, None),
    ("شمال غربي مدينة إدلب", "direction", ("إدلب",), NW, None),
    ("إلى الشرق من حمص", "direction", ("حمص",), E, None),
    ("au nord-est d'Alep", "direction", ("Alep",), NE, None),
    ("l'ouest de Mossoul", "direction", ("Mossoul",), W, None),
    ("between Raqqa and Tabqa", "between", ("Raqqa", "Tabqa"), None, None),
    ("the area between Al Bab and Tell Abyad", "between", ("Al Bab", "Tell Abyad"), None, None),
    ("midway between Homs and Hama", "between", ("Homs", "Hama"), None, None),
    ("بين الرقة و الطبقة", "between", ("الرقة", "الطبقة"), None, None),
    ("بين وادي بردى ودمشق", "between", ("وادي بردى", "دمشق"), None, None),
    ("entre Alep et Damas", "between", ("Alep", "Damas"), None, None),
    ("on the road from Aleppo to Damascus", "road", ("Aleppo", "Damascus"), None, None),
    ("Road between Baghdad city and Baquba town", "road", ("Baghdad", "Baquba"), None, None),
    ("Road M-5 between Rastan and Hamah", "road", ("Rastan", "Hamah"), None, None),
    ("Aleppo-Damascus road", "road", ("Aleppo", "Damascus"), None, None),
    ("Hama – Salamiyah highway", "road", ("Hama", "Salamiyah"), None, None),
    ("Deir ez-Zor-Hasakah road", "road", ("Deir ez-Zor", "Hasakah"), None, None),
    ("Bab al-Hawa-Idlib road", "road", ("Bab al-Hawa", "Idlib"), None, None),
    ("on the road to Palmyra", "road", ("Palmyra",), None, None),
    ("طريق حلب دمشق", "road", ("حلب", "دمشق"), None, None),
    ("طريق دير الزور الحسكة", "road", ("دير الزور", "الحسكة"), None, None),
    ("على الطريق بين حمص وتدمر", "road", ("حمص", "تدمر"), None, None),
    ("طريق حمص - حماة", "road", ("حمص", "حماة"), None, None),
    ("sur la route d'Alep à Damas", "road", ("Alep", "Damas"), None, None),
    ("route de Homs à Palmyre", "road", ("Homs", "Palmyre"), None, None),
    ("الطريق الواصل بين مدينتي الرقة والطبقة", "road", ("الرقة", "الطبقة"), None, None),
    ("near Manbij", "near", ("Manbij",), None, None),
    ("close to Al Bab", "near", ("Al Bab",), None, None),
    ("in the vicinity of Kobani", "near", ("Kobani",), None, None),
    ("around Hajin", "near", ("Hajin",), None, None),
    ("قرب منبج", "near", ("منبج",), None, None),
    ("بالقرب من مدينة الباب", "near", ("الباب",), None, None),
    ("près d'Alep", "near", ("Alep",), None, None),
    ("outskirts of Mosul", "outskirts", ("Mosul",), None, None),
    ("on the western outskirts of Mosul", "outskirts", ("Mosul",), W, None),
    ("Idlib outskirts", "outskirts", ("Idlib",), None, None),
    ("a suburb of Damascus", "outskirts", ("Damascus",), None, None),
    ("أطراف إدلب", "outskirts", ("إدلب",), None, None),
    ("أطراف إدلب الشمالية", "outskirts", ("إدلب",), N, None),
    ("محيط عفرين", "outskirts", ("عفرين",), None, None),
    ("banlieue de Damas", "outskirts", ("Damas",), None, None),
    ("at the northern entrance to Idlib city", "outskirts", ("Idlib",), N, None),
    ("rural Aleppo", "rural", ("Aleppo", "rural Aleppo"), None, None),
    ("rural area of Raqqa", "rural", ("Raqqa", "rural area of Raqqa"), None, None),
    ("Aleppo countryside", "rural", ("Aleppo", "Aleppo countryside"), None, None),
    ("countryside of Aleppo", "rural", ("Aleppo", "countryside of Aleppo"), None, None),
    ("northern Aleppo countryside", "rural", ("Aleppo", "northern Aleppo countryside"), N, None),
    ("Aleppo's eastern countryside", "rural", ("Aleppo", "Aleppo's eastern countryside"), E, None),
    ("southern rural Idlib", "rural", ("Idlib", "southern rural Idlib"), S, None),
    ("ريف حلب", "rural", ("حلب", "ريف حلب"), None, None),
    ("ريف حلب الشمالي", "rural", ("حلب", "ريف حلب الشمالي"), N, None),
    ("ريف إدلب الجنوبي الشرقي", "rural", ("إدلب", "ريف إدلب الجنوبي الشرقي"), SE, None),
    ("campagne d'Alep", "rural", ("Alep", "campagne d'Alep"), None, None),
    ("Damascus countryside", "rural", ("Damascus", "Rif Dimashq", "Damascus countryside"), None, None),
    ("Rural Damascus", "rural", ("Damascus", "Rif Dimashq", "Rural Damascus"), None, None),
    ("western Mosul", "part", ("Mosul", "western Mosul"), W, None),
    ("West Mosul", "part", ("Mosul", "West Mosul"), W, None),
    ("in eastern Aleppo city", "part", ("Aleppo", "eastern Aleppo city"), E, None),
    ("the western part of Mosul", "part", ("Mosul", "western part of Mosul"), W, None),
    ("in the north of Syria", "part", ("Syria", "in the north of Syria"), N, None),
    ("eastern Ghouta", "part", ("Ghouta", "eastern Ghouta"), E, None),
    ("Central Iraq", "part", ("Iraq", "Central Iraq"), None, None),
    ("القسم الغربي من الموصل", "part", ("الموصل", "القسم الغربي من الموصل"), W, None),
    ("شمال غرب سوريا", "part", ("سوريا", "شمال غرب سوريا"), NW, None),
    ("Mossoul-Ouest", "part", ("Mossoul", "Mossoul-Ouest"), W, None),
    ("dans l'est de la Syrie", "part", ("Syrie", "dans l'est de la Syrie"), E, None),
    ("ريف دمشق الشرقي", "part", ("ريف دمشق", "ريف دمشق الشرقي"), E, None),
    ("Syria/Turkey border", "border", ("Syria", "Turkey"), None, None),
    ("Iraq-Saudi Arabia border", "border", ("Iraq", "Saudi Arabia"), None, None),
    ("الحدود بين سوريا والعراق", "border", ("سوريا", "العراق"), None, None),
]  # fmt: skip

NAMES = [
    "Mosul", "Al Bab", "Bab al-Hawa", "Tell Abyad", "Tal Rifaat", "تل أبيض", "Jisr al-Shughur", "جسر الشغور",
    "Deir ez-Zor", "دير الزور", "Ma'arrat al-Nu'man", "Sāmarrā’", "‘Ānah", "Qal`at al Madiq", "At Tall",
    "An Nasiriyah", "Jabal at Turkuman", "Ras al-Ayn", "Khan Shaykhun", "Umm al Qasr", "Jubb ad Dam", "Hit",
    "Erbil", "الجينة", "أم جامع", "بين النهرين", "المنصورة الشرقية", "Kharab al Gharbiyah", "طريق الباب",
    "Tartus and Latakia", "17th Reserve Division",
]  # fmt: skip

# text, names, kinds, landmark, context, context_maybe
PLAIN: list[tuple[str, tuple[str, ...], set[PlaceKind], str, tuple[str, ...], tuple[str, ...]]] = [
    *((name, (name,), set(), "", (), ()) for name in NAMES),
    ("Rif Dimashq", ("Rif Dimashq",), {PlaceKind.ADM1}, "", (), ()),
    ("Reef Dimashq", ("Reef Dimashq",), {PlaceKind.ADM1}, "", (), ()),
    ("ريف دمشق", ("ريف دمشق",), {PlaceKind.ADM1}, "", (), ()),
    # words for a kind
    ("Teir Maaleh village", ("Teir Maaleh",), TOWN, "", (), ()),
    ("Aleppo town", ("Aleppo",), TOWN, "", (), ()),
    ("the city of Aleppo", ("Aleppo",), TOWN, "", (), ()),
    ("Qaryat Hamrah", ("Hamrah",), TOWN, "", (), ()),
    ("قرية الجينة", ("الجينة",), TOWN, "", (), ()),
    ("مدينة حلب", ("حلب",), TOWN, "", (), ()),
    ("ville d'Alep", ("Alep",), TOWN, "", (), ()),
    ("Yarmouk Camp", ("Yarmouk",), CAMP, "", (), ()),
    ("Kamuna refugee camp", ("Kamuna",), CAMP, "", (), ()),
    ("مخيم اليرموك", ("اليرموك",), CAMP, "", (), ()),
    ("Al Jadidah District", ("Al Jadidah",), DISTRICT, "", (), ()),
    ("Qaḑā’ Mandalī", ("Mandalī",), DISTRICT, "", (), ()),
    ("Mintaqat Markaz Hamah district", ("Markaz Hamah",), DISTRICT, "", (), ()),
    ("Uqayribat sub-district", ("Uqayribat",), {PlaceKind.ADM3}, "", (), ()),
    ("ناحية سنجار", ("سنجار",), {PlaceKind.ADM3}, "", (), ()),
    ("Karbalā’ province", ("Karbalā’",), {PlaceKind.ADM1}, "", (), ()),
    ("محافظة حلب", ("حلب",), {PlaceKind.ADM1}, "", (), ()),
    ("gouvernorat d’Idlib", ("Idlib",), {PlaceKind.ADM1}, "", (), ()),
    ("Hayy al-Zuhur", ("al-Zuhur",), QUARTER, "", (), ()),
    ("حي الشيخ مقصود", ("الشيخ مقصود",), QUARTER, "", (), ()),
    ("Ein Terma suburb", ("Ein Terma",), QUARTER, "", (), ()),
    ("Orm area", ("Orm",), set(), "", (), ()),
    # a name that is nothing but such words stays
    ("village", ("village",), TOWN, "", (), ()),
    ("قرية", ("قرية",), TOWN, "", (), ()),
    # landmarks
    ("Tabqa dam", ("Tabqa",), set(), "dam", (), ()),
    ("Deir ez-Zor airport", ("Deir ez-Zor",), set(), "airport", (), ()),
    ("Shair gas field", ("Shair",), set(), "gas field", (), ()),
    ("Qwaris Military Air Base", ("Qwaris",), set(), "Military Air Base", (), ()),
    ("Idlib Central Prison", ("Idlib",), set(), "Central Prison", (), ()),
    ("Former Al Mayadin Airport", ("Al Mayadin",), set(), "Former Airport", (), ()),
    ("University of Mosul", ("Mosul",), set(), "University", (), ()),
    ("مطار دير الزور العسكري", ("دير الزور",), set(), "مطار العسكري", (), ()),
    ("سد الطبقة", ("الطبقة",), set(), "سد", (), ()),
    ("the school in Al Mansoura", ("Al Mansoura",), set(), "school", (), ()),
    ("مدرسة في المنصورة", ("المنصورة",), set(), "مدرسة", (), ()),
    ("Omar mosque, Al Jinah", ("Al Jinah", "Omar"), set(), "Omar mosque", (), ("Al Jinah",)),
    ("Raqqa hospital, Syria", ("Raqqa",), set(), "hospital", ("Syria",), ()),
    ("Tabqa dam, Raqqa", ("Tabqa",), set(), "dam", ("Raqqa",), ()),
    ("Old City of Mosul", ("Mosul",), set(), "Old City", (), ()),
    ("Mosul's Old City", ("Mosul",), set(), "Old City", (), ()),
    # units and other names
    ("Kafr Batna, Rural Damascus", ("Kafr Batna",), set(), "", ("Rif Dimashq",), ()),
    ("قرية حزة بريف دمشق", ("حزة",), TOWN, "", ("ريف دمشق",), ()),
    ("Al Jinah, Aleppo province", ("Al Jinah",), set(), "", ("Aleppo province",), ()),
    ("الجينة، محافظة حلب", ("الجينة",), set(), "", ("محافظة حلب",), ()),
    ("Hajin in Deir ez-Zor governorate", ("Hajin",), set(), "", ("Deir ez-Zor governorate",), ()),
    ("Hajin, Abu Kamal district, Deir ez-Zor, Syria", ("Hajin",), set(), "",
     ("Abu Kamal district", "Deir ez-Zor", "Syria"), ()),
    ("Manbij (Aleppo)", ("Manbij", "Aleppo"), set(), "", (), ("Aleppo",)),
    ("Manbij (Aleppo governorate)", ("Manbij",), set(), "", ("Aleppo governorate",), ()),
    ("Al-Rai town (Choban Bey)", ("Al-Rai", "Choban Bey"), TOWN, "", (), ("Choban Bey",)),
    ("Tall Tawil (Tall Tamr area) village", ("Tall Tawil",), TOWN, "", (), ("Tall Tamr",)),
    ("Hadalat Border Crossing (IDP Camp)", ("Hadalat",), CAMP, "Border Crossing", (), ()),
    ("Qaryat Hamrat / Balasim", ("Hamrat", "Balasim"), TOWN, "", (), ()),
    ("Kobane/Ayn al Arab town", ("Kobane", "Ayn al Arab"), TOWN, "", (), ()),
    ("حلب - الباب", ("حلب", "الباب"), set(), "", (), ("الباب",)),
]  # fmt: skip

# text, names, the anchors in short (relation, name, other, heading, distance)
ANCHORED: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]] = [
    ("al Mansoura town west of Raqqa", ("al Mansoura",), [("direction", "Raqqa", "", W, None)]),
    ("Ma'arrat Misrin, north of Idlib", ("Ma'arrat Misrin",), [("direction", "Idlib", "", N, None)]),
    ("Hajin (5 km from Abu Kamal)", ("Hajin",), [("offset", "Abu Kamal", "", None, 5000)]),
    ("Mansoura 26 km west of Raqqa city", ("Mansoura",), [("offset", "Raqqa", "", W, 26000)]),
    ("Injana, between Baghdad and Kirkuk", ("Injana",), [("between", "Baghdad", "Kirkuk", None, None)]),
    ("Darayya, a suburb of Damascus", ("Darayya",), [("outskirts", "Damascus", "", None, None)]),
    ("Kafr Nabl in southern Idlib countryside", ("Kafr Nabl",), [("rural", "Idlib", "", S, None)]),
    ("قرية الجينة في ريف حلب الغربي", ("الجينة",), [("rural", "حلب", "", W, None)]),
    ("بلدة حزانو بريف إدلب الشمالي", ("حزانو",), [("rural", "إدلب", "", N, None)]),
    ("قرية المنصورة غرب الرقة", ("المنصورة",), [("direction", "الرقة", "", W, None)]),
    ("Saraqib, near Idlib", ("Saraqib",), [("near", "Idlib", "", None, None)]),
    ("Aleppo-Raqqa highway near Maskanah", ("Aleppo", "Raqqa"), [("near", "Maskanah", "", None, None)]),
    ("Tanf, Syrian-Iraqi border", ("Tanf",), [("border", "Syria", "Iraq", None, None)]),
    ("village near Tabqa west of Raqqa", ("Tabqa",), [("direction", "Raqqa", "", W, None)]),
]


@pytest.mark.parametrize(
    ("text", "relation", "names", "heading", "distance"), RELATIONS, ids=[case[0] for case in RELATIONS]
)
def test_a_relation_is_read(
    text: str, relation: str, names: tuple[str, ...], heading: float | None, distance: float | None
) -> None:
    phrase = parse_phrase(text)
    assert (phrase.relation, phrase.names, phrase.heading) == (relation, names, heading)
    assert phrase.distance_m == (None if distance is None else pytest.approx(distance))
    assert (phrase.distance_precision_m is None) == (distance is None)
    assert (phrase.heading_precision is None) == (heading is None)
    assert phrase.text == text
    assert phrase.anchors == ()


def test_the_table_of_relations_is_as_large_as_promised() -> None:
    assert len({case[0] for case in RELATIONS}) >= 60
    assert len({case[0] for case in PLAIN}) >= 60


@pytest.mark.parametrize(
    ("text", "names", "kinds", "landmark", "context", "maybe"), PLAIN, ids=[case[0] for case in PLAIN]
)
def test_a_plain_name_is_at_a_place(
    text: str, names: tuple[str, ...], kinds: set[PlaceKind], landmark: str, context: tuple[str, ...],
    maybe: tuple[str, ...],
) -> None:  # fmt: skip
    phrase = parse_phrase(text)
    assert (phrase.relation, phrase.names) == (Relation.AT, names)
    assert (set(phrase.kinds), phrase.landmark) == (kinds, landmark)
    assert (phrase.context, phrase.context_maybe) == (context, maybe)
    assert phrase.anchors == ()


@pytest.mark.parametrize(("text", "names", "anchors"), ANCHORED, ids=[case[0] for case in ANCHORED])
def test_a_named_place_is_bound_to_another(text: str, names: tuple[str, ...], anchors: list[tuple[Any, ...]]) -> None:
    phrase = parse_phrase(text)
    assert phrase.names == names
    assert [(a.relation, a.name, a.other, a.heading, a.distance_m) for a in phrase.anchors] == anchors


@pytest.mark.parametrize(
    ("text", "half_m"),
    [
        ("15 km from X", 500.0), ("10 km from X", 500.0), ("100 km from X", 5000.0), ("10.5 km from X", 250.0),
        ("10.6 km from X", 50.0), ("2.25 km from X", 125.0), ("1000 m from X", 50.0), ("10 miles from X", 804.672),
        ("5-10 km from X", 2500.0),
    ],
    ids=lambda value: str(value),
)  # fmt: skip
def test_the_doubt_of_a_distance_is_half_its_implied_unit(text: str, half_m: float) -> None:
    assert parse_phrase(text).distance_precision_m == pytest.approx(half_m)


@pytest.mark.parametrize(
    ("word", "heading", "half"),
    [("north", 0, 45), ("NE", 45, 22.5), ("north-east", 45, 22.5), ("ESE", 112.5, 11.25),
     ("south-southwest", 202.5, 11.25)],
)  # fmt: skip
def test_a_heading_stands_for_its_sector(word: str, heading: float, half: float) -> None:
    phrase = parse_phrase(f"{word} of Raqqa")
    assert (phrase.heading, phrase.heading_precision) == (heading, half)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Yarmouk Camp, Damascus", "Yarmouk Camp"), ("Al Jadidah District", "Al Jadidah District"),
        ("Eastern Ghouta", "Eastern Ghouta"), ("Rif al-Muhandisin 1", "Rif al-Muhandisin 1"),
        # The school's clause must not be looked up: there is a village مدرسة.
        ("مدرسة في المنصورة", "المنصورة"),
    ],
    ids=lambda value: str(value),
)  # fmt: skip
def test_the_whole_comes_first_among_the_readings_as_a_name(text: str, whole: str) -> None:
    phrase = parse_phrase(text)
    assert phrase.whole == whole
    assert phrase.readings[0] == whole


def test_the_place_that_a_relation_starts_from_is_no_reading_of_the_place_described() -> None:
    assert "Idlib" not in parse_phrase("5 km north-east of Idlib").readings
    assert "Mosul" not in parse_phrase("western Mosul").readings
    assert parse_phrase("Aleppo town").readings == ("Aleppo town", "Aleppo")


@pytest.mark.parametrize(
    ("text", "relation", "name", "landmark"),
    [
        ("a farm near al-Tanf", "near", "al-Tanf", "a farm"),
        ("the M5 highway near Saraqib", "near", "Saraqib", "M5 highway"),
        ("near the school in Hajin", "near", "Hajin", "school"),
        ("army base north of Baghdad", "direction", "Baghdad", "army base"),
    ],
)  # fmt: skip
def test_a_thing_without_a_name_lies_to_the_place_named(text: str, relation: str, name: str, landmark: str) -> None:
    phrase = parse_phrase(text)
    assert (phrase.relation, phrase.names, phrase.landmark) == (relation, (name,), landmark)


def test_a_part_named_after_a_comma_may_be_a_name_or_a_unit() -> None:
    assert parse_phrase("Kafr Batna, Eastern Ghouta").context_maybe == ("Ghouta", "Eastern Ghouta")
    assert parse_phrase("الجينة في ريف حلب الغربي").context_maybe == ("حلب",)


def test_marks_spaces_and_direction_signs_change_nothing() -> None:
    plain = parse_phrase("ريف حلب الشمالي")
    marked = parse_phrase("\u202b  رِيف\u200f حـلب \n الشمالي \u202c")
    assert (marked.relation, marked.names, marked.heading) == (plain.relation, plain.names, plain.heading)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "\ud800", "Al\ud800 Bab", "\x00\x01", "(", ")(", "((((", ",", "،،،", "/", "-", "5", "5 km",
        "5 km north of",
        "west of", "near", "between", "between X", "road", "border", "town village city", "in in in", "of",
        "a" * 10_000, "north " * 1_700, "Aleppo, " * 1_250, "5 km from " * 25, "((" * 150, "rural " * 48, "بين و " * 49,
    ],
    ids=lambda text: repr(text[:16]),
)  # fmt: skip
def test_a_broken_text_is_read_as_something(text: str) -> None:
    phrase = parse_phrase(text)
    assert len(phrase.names) >= 1
    assert all(not "\ud800" <= letter <= "\udfff" for name in phrase.names for letter in name)


@given(st.text(max_size=80))
def test_any_text_is_taken_and_keeps_what_was_given(text: str) -> None:
    phrase = parse_phrase(text)
    assert phrase.text == text
    assert len(phrase.names) >= 1


_PARTS = (
    "5 km|north|of|in|the|near|between|and|Idlib|,|(|)|/|-|road|from|to|ريف|شمال|حلب|بين|و|d'|à|town|mosque|rural|"
    "countryside"
)


@given(st.lists(st.sampled_from(_PARTS.split("|")), max_size=60))
def test_relation_words_in_any_order_give_no_error(parts: list[str]) -> None:
    phrase = parse_phrase(" ".join(parts))
    assert all(isinstance(anchor, Anchor) and anchor.relation is not Relation.AT for anchor in phrase.anchors)


@given(st.text())
def test_the_flat_text_is_as_long_as_the_text(text: str) -> None:
    assert len(flat(text)) == len(text)


@pytest.mark.parametrize(
    "unit", ["5 km north of ", "in ", "(", "/", "between and ", "d'", "- ", "1 ", "rural ", "طريق "]
)
def test_the_time_stays_small_up_to_the_longest_text_that_is_taken_apart(unit: str) -> None:
    text = (unit * MAX_LENGTH)[:MAX_LENGTH]
    start = time.perf_counter()
    parse_phrase(text)
    assert time.perf_counter() - start < 0.25


def test_a_text_longer_than_any_place_text_is_left_whole() -> None:
    text = "near Idlib " * 40
    assert parse_phrase(text) == Phrase(text, Relation.AT, (text.strip(),), whole=text.strip())


def test_names_of_the_published_gazetteers_are_nearly_all_plain_names(shared_data: Path) -> None:
    dump = shared_data / "gazetteer" / "SY.txt"
    if not dump.exists():
        pytest.skip("SY.txt is not in ../shared/data/gazetteer")
    names = [line.split("\t")[1] for line in dump.read_text(encoding="utf-8").splitlines()]
    others = [name for name in names if parse_phrase(name).relation is not Relation.AT]
    assert len(others) <= len(names) / 1000, others


def test_no_text_of_the_tuning_set_loses_its_name(shared_data: Path) -> None:
    for country in ("sy", "iq"):
        rows = shared_data / "geocoding" / f"ucdp_{country}.jsonl"
        if not rows.exists():
            pytest.skip(f"{rows.name} is not in ../shared/data/geocoding")
        for line in rows.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            phrase = parse_phrase(row["text"])
            assert row["split"] != "dev" or all(name in row["text"] for name in phrase.names), phrase
