"""Match keys of place and organisation names: what two spellings of one name have in common.

The key is for finding; the name as written is what is stored and shown. Nothing is transliterated: a Latin
and an Arabic spelling have different keys, and each is recorded as a name of its own. The order of the steps
matters: marks go after decomposition, or a hamza survives in one normal form and not in the other.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest

# Quotes and half rings that stand for hamza and ain, and the stretching tatweel: dropped, not a word break.
_DROPPED = "'`´ʹʻʼʽʾʿˈˊˋ‘’‛′＇\u0640ء"

_LETTERS = {
    # Latin letters that Unicode does not take apart into a base and a mark.
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t",
    # Arabic, Persian and Kurdish forms of one letter; hamza on a seat falls with the marks.
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ێ": "ي", "ۍ": "ي", "ة": "ه", "ۃ": "ه", "ە": "ه", "ہ": "ه",
    "ھ": "ه", "ک": "ك", "ڪ": "ك", "ۆ": "و", "ۋ": "و", "ڕ": "ر", "ڵ": "ل",
}  # fmt: skip
_TABLE = str.maketrans(_LETTERS | dict.fromkeys(_DROPPED, ""))
_BEFORE_COMPATIBILITY = str.maketrans(dict.fromkeys(_DROPPED, ""))

_ARTICLES = frozenset({"al", "el", "il", "ul"})
# Before a sun letter the article takes its sound: "ash Shaykh", "ar Raqqah", "ed Dayr".
_SUN_LETTERS = ("th", "dh", "sh", "t", "d", "r", "z", "s", "n", "l")
_ASSIMILATED = {vowel + letter: letter for vowel in "ae" for letter in _SUN_LETTERS}
_ARABIC_ARTICLE = "ال"
_NO_ARTICLE = frozenset({"الله"})
_SHORTEST_STEM = 2  # "الف" is a word, not an article and one letter

_FEATURE_NAMES = (
    "town village city camp neighbourhood neighborhood governorate province district subdistrict nahiya nahiyah "
    "nahiyat county qada mintaqat muhafazat of "
    "محافظة مدينة قرية حي ناحية منطقة قضاء بلدة مخيم"
)

_SCRIPTS = {
    "LATIN": "Latn", "ARABIC": "Arab", "CYRILLIC": "Cyrl", "HEBREW": "Hebr", "GREEK": "Grek", "ARMENIAN": "Armn",
    "GEORGIAN": "Geor", "SYRIAC": "Syrc",
}  # fmt: skip


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """The match key of ``name``: the same for any case, normal form, marks, articles and Arabic letter forms.

    Folding a key changes nothing. A name of nothing but punctuation folds to the empty string.

    Args:
        name: a name in any script.
    """
    key, last = _fold_once(name), name
    if key.isascii() and key == key.lower():
        return key
    # Folding case can uncover marks, and dropping marks can uncover letters that have a case fold.
    while key != last:
        key, last = _fold_once(key), key
    return key


def _fold_once(name: str) -> str:
    text = unicodedata.normalize("NFC", name).translate(_BEFORE_COMPATIBILITY)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKD", text)
    text = text.translate(_CHARACTERS)
    return unicodedata.normalize("NFC", " ".join(_without_articles(text.split())))


def _fold_character(character: str) -> str:
    """A character of a decomposed, case-folded text: kept, dropped, a digit, or a space."""
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category[0] in "LNM" or character in _DROPPED:
        return character
    return " "


class _Characters(dict[int, str]):
    """What becomes of each character, worked out when it is first met: ``str.translate`` asks for it."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code)).translate(_TABLE)
        self[code] = folded
        return folded


_CHARACTERS = _Characters()


def _without_articles(words: list[str]) -> list[str]:
    """``words`` without Latin and Arabic articles; unchanged where nothing else would be left."""
    kept = [_without_prefix(word) for word in words]
    while True:
        fewer = [word for word, following in _with_next(kept) if not _is_article(word, following)]
        if len(fewer) in (0, len(kept)):
            return kept
        kept = fewer


def _with_next(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each word with the one after it; the last with an empty one."""
    return zip_longest(words, words[1:], fillvalue="")


def _is_article(word: str, following: str) -> bool:
    letter = _ASSIMILATED.get(word)
    return word in _ARTICLES or (letter is not None and following.startswith(letter))


def _without_prefix(word: str) -> str:
    """An Arabic word without its attached article."""
    while (
        word.startswith(_ARABIC_ARTICLE)
        and word not in _NO_ARTICLE
        and len(word) >= len(_ARABIC_ARTICLE) + _SHORTEST_STEM
    ):
        word = word.removeprefix(_ARABIC_ARTICLE)
    return word


_FEATURE_WORDS = frozenset(fold(word) for word in _FEATURE_NAMES.split())


def strip_feature_words(folded: str) -> str:
    """A match key without words for the kind of place ("town", "governorate", "ناحية").

    Args:
        folded: what `fold` returned.

    Returns:
        What remains; ``folded`` itself where nothing would.
    """
    words = folded.split()
    # "sub-district" comes out of folding as two words.
    kept = [
        word
        for word, following in _with_next(words)
        if word not in _FEATURE_WORDS and not (word == "sub" and following == "district")
    ]
    return " ".join(kept) or folded


def script_of(text: str) -> str:
    """The script most letters of ``text`` belong to, as an ISO 15924 code.

    Returns:
        ``Latn``, ``Arab``, ``Cyrl``, ``Hebr``, ``Grek``, ``Armn``, ``Geor`` or ``Syrc``; ``Zyyy`` (common) for a
        text without letters, ``Zzzz`` (not coded) for letters of another script.
    """
    if text.isascii():
        return "Latn" if any(map(str.isalpha, text)) else "Zyyy"
    counts = Counter(map(_script, filter(str.isalpha, text)))
    return counts.most_common(1)[0][0] if counts else "Zyyy"


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "Zzzz")
