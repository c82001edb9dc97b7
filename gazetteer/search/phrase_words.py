"""The words of `gazetteer.search.phrases`: headings, distances, relations, kinds of place and landmarks.

Patterns are written for texts that :func:`flat` has made plain: small letters without marks, one form of each Arabic
letter, ASCII digits, quotes and hyphens, and as many characters as before, so that a span found in the plain text is
cut out of the text as written.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import Final

from db.vocabulary import PlaceKind

_ARABIC = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ئ": "ي", "ؤ": "و", "٫": ".",
}  # fmt: skip
_PLAIN_MARKS = dict.fromkeys("’‘ʼʿʾ`´ʻ′", "'") | dict.fromkeys("–—−‐‑‒―", "-")


def _one_letter(character: str) -> str:
    """A character as one plain character: the base of a marked letter, a digit as ASCII; else itself."""
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


_TABLE: Final = {
    code: _one_letter(chr(code))
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x250), *range(0x660, 0x66A), *range(0x6F0, 0x6FA),
                 *range(0x1E00, 0x1F00))
} | str.maketrans(_ARABIC | _PLAIN_MARKS)  # fmt: skip


def flat(text: str) -> str:
    """``text`` in small letters without marks, character for character."""
    return text.translate(_TABLE)


def _set(listed: str) -> frozenset[str]:
    """Words written one after another."""
    return frozenset(listed.split())


# --- headings -------------------------------------------------------------------------------------------------------
_LETTER_OF = {
    "north": "n", "south": "s", "east": "e", "west": "w", "nord": "n", "sud": "s", "ouest": "w", "est": "e",
    "شمال": "n", "جنوب": "s", "شرق": "e", "غرب": "w",
}  # fmt: skip
_POINTS = ("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw")
_COMPASS = {letters: index * 22.5 for index, letters in enumerate(_POINTS)}
_SECTORS = {1: 45.0, 2: 22.5, 3: 11.25}
_LETTERS = re.compile("north|south|east|west|nord|sud|ouest|est|شمال|جنوب|شرق|غرب")

ENGLISH_HEADING: Final = (
    "(?:(?:(?:north|south|east|west)[- ]?)?(?:north|south)[- ]?(?:east|west)|north|south|east|west)(?:ern)?"
)
FRENCH_HEADING: Final = "(?:(?:nord|sud)[- ]?(?:ouest|est)|nord|sud|ouest|est)"
SHORT_HEADING: Final = "(?:" + "|".join(sorted(_POINTS, key=len, reverse=True)) + ")"
ARABIC_HEADING: Final = "(?:(?:شمال|جنوب)ي? (?:شرق|غرب)ي?|(?:شمال|جنوب|شرق|غرب)ي?)"
ARABIC_SIDE: Final = "(?:ال(?:شمال|جنوب)(?:يه|ي)? ال(?:شرق|غرب)(?:يه|ي)?|ال(?:شمال|جنوب|شرق|غرب)(?:يه|ي)?)"
HEADING: Final = f"(?:{ENGLISH_HEADING}|{FRENCH_HEADING}|{ARABIC_HEADING}|{ARABIC_SIDE})"


def heading_of(words: str) -> tuple[float | None, float | None]:
    """Degrees clockwise from north, and half the sector that the word stands for (Wieczorek et al. 2004).

    Args:
        words: flat words that hold a heading ("north-eastern", "ne", "شمال شرق"), or none.

    Returns:
        For the eight and sixteen point compass 45 degrees for N, E, S, W, 22.5 for NE ..., 11.25 for NNE ...;
        None twice where there is no such heading.
    """
    letters = "".join(_LETTER_OF[word] for word in _LETTERS.findall(words)) or words.strip()
    return (_COMPASS[letters], _SECTORS[len(letters)]) if letters in _COMPASS else (None, None)


# --- distances ------------------------------------------------------------------------------------------------------
NUMBER_WORDS: Final = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "un": 1, "deux": 2, "trois": 3, "cinq": 5, "dix": 10,
}  # fmt: skip
_UNIT_WORDS = {
    "km kms kilometer kilometers kilometre kilometres kilometr كم كلم كيلومتر كيلومترات كيلومترا كيلو": 1000.0,
    "m meter meters metre metres متر مترا امتار": 1.0,
    "mi mile miles mille milles ميل اميال": 1609.344,
    "yd yard yards": 0.9144,
}
UNITS: Final = {word: metres for words, metres in _UNIT_WORDS.items() for word in words.split()}
_NUMBER = r"\d{1,6}(?:[.,]\d{1,4})?"
_ABOUT = (
    r"(?:(?:about|around|approximately|approx\.?|some|roughly|nearly|almost|just|only|within|up to|less than|~|ca\.?|"
    r"environ|a environ|a(?= \d)|علي بعد|علي مسافه|بعد|مسافه|حوالي|نحو|بحوالي|بنحو)\s*)?"
)
DISTANCE: Final = (
    rf"{_ABOUT}{_ABOUT}(?:(?P<from>{_NUMBER})\s?(?:-|to|a|الي)\s?)?"
    rf"(?P<number>{_NUMBER}|{'|'.join(NUMBER_WORDS)})[ -]?"
    rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})\b\.?"
)


def distance_of(found: re.Match[str]) -> tuple[float, float]:
    """Metres, and half the unit that the number is given in, metres (Wieczorek et al. 2004; georefcalculator).

    Args:
        found: a match of :data:`DISTANCE`.
    """
    metres = UNITS[found["unit"]]
    number, half = number_of(found["number"])
    if found["from"] is None:
        return number * metres, half * metres
    least, _ = number_of(found["from"])
    return (least + number) / 2 * metres, max(abs(number - least) / 2, half) * metres


def number_of(written: str) -> tuple[float, float]:
    """A number, and half of what its last digit implies: 15 -> 0.5, 100 -> 5, 10.5 -> 0.25, 10.6 -> 0.05.

    Args:
        written: digits with a stop or comma before decimals, or one of :data:`NUMBER_WORDS`.
    """
    if written in NUMBER_WORDS:
        return float(NUMBER_WORDS[written]), 0.5
    whole, _, fraction = written.replace(",", ".").partition(".")
    value = float(f"{whole}.{fraction or 0}")
    if fraction in ("5", "50"):
        return value, 0.25
    if fraction in ("25", "75"):
        return value, 0.125
    if fraction:
        return value, 0.5 * 10.0 ** -len(fraction)
    zeros = len(whole) - len(whole.rstrip("0"))
    return value, 0.5 * 10.0 ** max(zeros - 1, 0) if value > 0 else 0.5


# --- relations ------------------------------------------------------------------------------------------------------
_OF = r"(?:of the|of|from the|from|de la|de l'|des|du|de|d'|من|عن)"
_ROAD = (
    r"(?:(?:main|international|desert|coastal|old|military|secondary)\s)?"
    r"(?:road|highway|motorway|freeway|route|autoroute)"
)
ROAD_END: Final = re.compile(rf"\s{_ROAD}$")
BORDER_END: Final = re.compile(r"\sborders?(?: area| region| crossing)?(?=$|\s)")
_PART = "(?:parts?|sides?|half|section|sector|end|bank|districts|neighbou?rhoods|quarters|areas?|region)"
_EDGE = "(?:outskirts?|suburbs?|periphery|edges?|fringes?|entrances?(?= of| to))"
_RURAL = "(?:countryside|rural areas?|rural parts?|rural)"
_B, _E = r"(?<![\w'])(?:the\s)?", r"(?=\s+\S)"
_LEAD = r"(?:(?:located|situated|lying|on|in|at|along|off|to)\s(?:the\s)?)?"

OPENERS: Final = {
    "offset": re.compile(
        rf"(?<![\w.,-]){DISTANCE}(?:\s(?:away\s)?(?:to the |au |a l'|الي )?"
        rf"(?P<heading>{HEADING}|{SHORT_HEADING})\b)?"
        rf"(?:\s(?:away\s)?(?:{_OF}(?=\W|(?<=')\w)|outside(?: of)?|off))?(?=\s?(?!(?:of|from|de)$)\S)"
    ),
    "part": re.compile(
        rf"{_B}(?:in (?:the )?(?P<heading>{ENGLISH_HEADING}) of|dans (?:le |l')?(?P<french>{FRENCH_HEADING}) d[eu]|"
        rf"{_LEAD}(?P<side>{ENGLISH_HEADING}) {_PART} of|"
        rf"(?:القسم|الجزء|الجانب|الشطر|النصف) (?P<arabic>{ARABIC_SIDE}) من){_E}"
    ),
    "outskirts": re.compile(
        rf"{_B}(?:{_LEAD}(?:an?\s)?(?:(?P<heading>{ENGLISH_HEADING}) )?{_EDGE} (?:of|to)|"
        rf"(?:dans )?(?:la |en )?(?:peripherie|banlieue) (?:(?P<french>{FRENCH_HEADING}) )?"
        rf"d(?:es?|u|(?=')))(?=['\s]\s*\S)|"
        rf"(?<!\w)(?:(?:علي|في) )?ب?(?:اطراف|ضواحي|محيط|مشارف|تخوم|مدخل){_E}|"
        rf"(?<!\w)(?:علي )?الاطراف (?P<arabic>{ARABIC_SIDE}) (?:من|ل(?=\w))"
    ),
    "rural": re.compile(
        rf"{_B}(?:{_LEAD}(?:(?P<heading>{ENGLISH_HEADING}) )?(?:{_RURAL} (?:of|around)|"
        rf"rural(?! (?:area|part)s?$)(?: (?P<side>{ENGLISH_HEADING}))?)|(?:ri+f|reef|reif)(?! dim)){_E}|"
        rf"{_B}(?:la )?campagne (?:(?P<french>{FRENCH_HEADING}) )?d(?:es?|u|(?='))(?=['\s]\s*\S)|"
        rf"(?<!\w)(?:ال|ب)?ريف(?! دمشق)(?: (?P<arabic>{ARABIC_SIDE}) ل(?=\w)|{_E})"
    ),
    "road": re.compile(
        rf"{_B}{_LEAD}{_ROAD}(?: [a-z]?-?\d{{1,3}})?(?: (?:leading|running))?"
        rf" (?P<link>from|between|linking|connecting|joining|to|d(?=')|de|entre|reliant)(?=['\s]\s*\S)|"
        rf"(?<!\w)(?:علي )?(?:ال)?(?:طريق|اوتوستراد|اتوستراد)(?: (?:الدولي|العام|الواصل|الرابط))?(?: (?:بين|من))?{_E}"
    ),
    "border": re.compile(rf"{_B}{_LEAD}borders? between{_E}|(?<!\w)(?:علي )?الحدود بين{_E}"),
    "between": re.compile(rf"{_B}{_LEAD}(?:areas? )?(?:mid-?way |half-?way )?(?:between|entre){_E}|"
        rf"(?<!\w)(?:ما )?بين{_E}"),
    "direction": re.compile(
        rf"{_B}{_LEAD}(?:just |due )?(?P<heading>{ENGLISH_HEADING}|{SHORT_HEADING})(?: side)? of{_E}|"
        rf"(?<![\w'])(?:au |a l'|le |l')?(?P<french>{FRENCH_HEADING}) d(?:es?|u|(?='))(?=['\s]\s*\S)|"
        rf"(?<!\w)(?P<arabic>{ARABIC_HEADING})(?: من)?{_E}|(?<!\w)(?:الي )(?P<side>{ARABIC_SIDE}) من{_E}"
    ),
    "near": re.compile(
        rf"{_B}{_LEAD}(?:near to|near|nearby|close to|next to|adjacent to|not far from|"
        rf"(?:immediate )?vicinity of|around|"
        rf"outside of|outside|by the|surroundings of|environs of){_E}|"
        rf"(?<![\w'])(?:tout )?(?:pres|a proximite|aux environs|aux alentours|autour) d(?:es?|u|(?='))(?=['\s]\s*\S)|"
        rf"(?<!\w)(?:بالقرب من|القريبه? من|قريبه? من|علي مقربه من|قرب|بجوار|جوار|بجانب){_E}"
    ),
}  # fmt: skip
"""What opens a relation, tried in this order where two begin together; the place named follows it."""


def openers_in(low: str) -> list[tuple[str, re.Match[str]]]:
    """The relations that the clause opens, in its order; of two that overlap the one that begins first, the longer.

    Args:
        low: a flat clause.

    Returns:
        Keys of :data:`OPENERS`, with the match.
    """
    found = [(kind, match) for kind, pattern in OPENERS.items() for match in pattern.finditer(low)]
    found.sort(key=lambda one: (one[1].start(), -one[1].end()))
    kept: list[tuple[str, re.Match[str]]] = []
    for kind, match in found:
        if len(kept) == 0 or match.start() >= kept[-1][1].end():
            kept.append((kind, match))
    return kept


ENDERS: Final = re.compile(
    rf"(?:'s)?(?: (?P<heading>{ENGLISH_HEADING}))? (?:(?P<rural>{_RURAL})|(?P<near>vicinity|surroundings|environs|"
    rf"surrounding areas?)|(?P<outskirts>outskirts|suburbs|periphery))$"
)
"""What closes a relation: "X countryside", "X's eastern countryside", "X outskirts"."""

PREFIX_HEADING: Final = re.compile(rf"(?:the )?(?P<heading>{ENGLISH_HEADING}|central|downtown) (?!of\b)(?=\S)")
SUFFIX_HEADING: Final = re.compile(rf"-(?P<heading>{FRENCH_HEADING})$")
ARABIC_SUFFIX: Final = re.compile(rf"\s(?P<heading>{ARABIC_SIDE})$")
DISTANCE_END: Final = re.compile(rf"\s(?:(?:ب|بمسافه|by)\s?)?{DISTANCE}$")
DISTANCE_ALONE: Final = re.compile(DISTANCE)
FRENCH_ARTICLE: Final = re.compile(r"^(?:[Ll]a|[Ll]es?)\s|^[Ll]['’]")
FILLER: Final = re.compile(
    r"(?:an?|the|some|few|several|area|areas|kilomet(?:er|re)s|km|miles|located|situated|somewhere|on|in|at|to|by|just|"
    r"midway|halfway|along|منطقه|المنطقه|الواقعه|في|علي|الي|a|au|la|le|les|region|sur)"
)
IN: Final = re.compile(
    rf"\s(?:inside|in|within|dans)(?! (?:the )?{ENGLISH_HEADING} of)"
    rf"(?!(?: le| l')? ?{FRENCH_HEADING} d[eu])\s(?:the\s)?|"
    r"\sفي\s|\s(?=ب(?:ريف|محيط|ضواحي|اطراف)\s)"
)
LEADING: Final = re.compile(
    r"في\s|ب(?=ريف دمشق)|dans\s(?:les?|la)\s|(?:les?|la)\s(?=(?:ville|village|province|quartier)s?\s)|"
    rf"(?:(?:inside|in|at(?= the )|on|from|within)\s(?!(?:the )?{ENGLISH_HEADING} of)(?=the|\S))?"
    rf"(?:the\s(?!{ENGLISH_HEADING} of))?"
)
ENDS: Final = re.compile(r"\s(?:and|et|&|و)\s")
ROAD_ENDS: Final = re.compile(r"\s(?:and|to|et|&|with|a|و|الي|toward|towards)\s")

# --- kinds of place and landmarks -----------------------------------------------------------------------------------
_SETTLEMENT = frozenset({PlaceKind.SETTLEMENT})
_QUARTER = frozenset({PlaceKind.NEIGHBOURHOOD, PlaceKind.SETTLEMENT})
_DISTRICT = frozenset({PlaceKind.ADM2, PlaceKind.NEIGHBOURHOOD})
_CAMP = frozenset({PlaceKind.SETTLEMENT, PlaceKind.NEIGHBOURHOOD, PlaceKind.LANDMARK})
_ADM1, _ADM3 = frozenset({PlaceKind.ADM1}), frozenset({PlaceKind.ADM3})
_NONE: frozenset[PlaceKind] = frozenset()
_KINDS = {
    "town village city hamlet locality ville": _SETTLEMENT, "camp": _CAMP,
    "neighbourhood neighborhood suburb quarter": _QUARTER, "district qada county": _DISTRICT,
    "subdistrict sub-district nahiya nahiyah nahia": _ADM3, "governorate province muhafazah": _ADM1, "area": _NONE,
}  # fmt: skip
_KINDS_BEFORE = {
    "villes villages qaryat qariyat madinat": _SETTLEMENT, "hayy hay hai quartier banlieue": _QUARTER,
    "mintaqat": _DISTRICT,
    "nahiyat sous-district": _ADM3, "muhafazat gouvernorat": _ADM1,
    "مدينتي بلدتي قريتي قريه مدينه بلده القريه بمدينه لمدينه ببلده بقريه": _SETTLEMENT,
    "حي بحي ضاحيه": _QUARTER, "مخيم": _CAMP, "محافظه": _ADM1, "قضاء منطقه": _DISTRICT, "ناحيه": _ADM3,
}  # fmt: skip
KINDS_AFTER: Final = {word: kinds for words, kinds in _KINDS.items() for word in words.split()}
KINDS_BEFORE: Final = KINDS_AFTER | {word: kinds for words, kinds in _KINDS_BEFORE.items() for word in words.split()}
KIND_QUALIFIERS: Final = frozenset({"refugee", "refugees", "idp", "displacement", "sub"})

BUILDINGS: Final = _set(
    """
    school mosque church market souk bakery street house building hospital clinic roundabout square shop مدرسه
    جامع مسجد كنيسه سوق فرن شارع مستشفي مشفي دوار
    """
)
"""Landmarks whose own name is seldom that of the place they are in."""
_ARABIC_BUILDINGS = _set(
    """
    مدرسه جامع مسجد كنيسه سوق فرن شارع مستشفي مشفي دوار
    """
)
LANDMARKS: Final = (BUILDINGS - _ARABIC_BUILDINGS) | _set(
    """
    checkpoint dam airbase base airport airfield field farm farms bridge crossing hill hills factory prison
    university refinery mountain mount island river lake valley plain plains headquarters station plant gate
    cemetery junction road highway silo silos depot
    """
)
LANDMARK_QUALIFIERS: Final = _set(
    """
    gas oil air military army artillery defense defence national international central main grand great public
    former primary secondary elementary girls boys border power water electricity bus train railway poultry
    vegetable cement sugar field children's maternity local
    syrian iraqi turkish iranian russian american us kurdish peshmerga isis isil rebel government joint
    """
)
LANDMARKS_BEFORE: Final = _set(
    """
    مدرسه جامع مسجد كنيسه سوق فرن شارع مستشفي مشفي دوار حاجز سد مطار حقل مزرعه معبر مصنع سجن جامعه مصفاه قاعده
    بمدرسه بمستشفي
    """
)
"""Arabic landmark words stand first. جسر and تل are not among them: they begin names of towns (جسر الشغور, تل أبيض)."""

LANDMARK_ADJECTIVES: Final = _set(
    """
    الوطني الوطنيه العام المركزي الجامعي العسكري العسكريه الدولي الكبير
    """
)
"""What may stand last where an Arabic landmark word stands first: "مطار دير الزور العسكري"."""

NAME_PARTS: Final = _set(
    """
    al el ar as ash at ath ad adh an az ez es esh ed et er en ul il ol abu abou umm um om bab deir dayr der jisr
    tal tall tell tel kafr kafar ras ra's ain ayn ein khan beit bayt jabal sheikh shaykh albu bani beni maarat
    maarrat ma'arrat bir khirbat khirbet wadi qal'at nahr dar kfar دير تل كفر عين ابو ام باب خان جسر راس بيت جبل
    معره شيخ الشيخ البو مخيم خربه قلعه وادي برج مدينه قريه بلده حي بني بءر بير مطار حقل سد معبر عبد
    """
)
"""Words that begin a name of several: no name ends with one."""
LIKE_AND: Final = frozenset({"وادي", "واسط", "ولي", "ورده", "وادى"})
"""Words that begin with و of their own; elsewhere it is "and"."""
RIF_DIMASHQ: Final = "Rif Dimashq"
DIMASHQ: Final = re.compile(
    r"(?:ri+f|reef|reif)[- ](?:dimashq|dimishq|damascus)|(?:rural damascus|damascus (?:countryside|rural))|ريف دمشق"
)
LANDS: Final = {
    "syrian": "Syria", "iraqi": "Iraq", "turkish": "Turkey", "iranian": "Iran", "lebanese": "Lebanon",
    "jordanian": "Jordan", "israeli": "Israel", "kuwaiti": "Kuwait", "saudi": "Saudi Arabia",
}  # fmt: skip
"""The country of "the Syrian-Turkish border"."""
COUNTRIES: Final = frozenset(
    {"syria", "iraq", "lebanon", "turkey", "jordan", "syrie", "irak", "سوريا", "العراق", "سوريه"}
)


def _signals() -> frozenset[str]:
    """Words without which a text holds no relation; a text without them is a plain name."""
    headings = [
        f"{first}{second}" for first in ("", "north", "south") for second in ("", "east", "west", "north", "south")
    ]
    words = [f"{heading}{end}" for heading in headings if heading for end in ("", "ern")]
    words += _LETTER_OF
    words += [f"{word}{end}" for word in ("شمال", "جنوب", "شرق", "غرب") for end in ("ي", "يه")]
    words += UNITS
    words += _set(
        """
        of in inside within dans near nearby close next adjacent far vicinity around outside by surroundings
        environs surrounding outskirts outskirt suburbs periphery edge edges fringe fringes entrance entrances rural
        countryside
        rif riif reef reif between entre road highway motorway freeway route autoroute border borders central
        downtown pres proximite alentours autour peripherie banlieue campagne قرب بالقرب القريب القريبه قريب
        قريبه مقربه بجوار جوار بجانب اطراف باطراف ضواحي بضواحي محيط بمحيط مشارف تخوم مدخل الاطراف ريف الريف بريف طريق
        الطريق اوتوستراد الحدود بين القسم الجزء الجانب الشطر النصف في الي
        """
    )
    return frozenset(map(sys.intern, words))


SIGNALS: Final = _signals()
