"""Sound keys: one spelling for the many that Arabic names have in Latin and in Arabic letters.

A sound key says roughly how a name sounds, in an alphabet of its own, so that "Deir ez-Zor", "Dayr az Zawr" and
"دير الزور" come close or together. It is for finding: candidates are then compared with what was written. The
rules follow the transliterations that occur in practice (BGN/PCGN, French, press, Kurdish), not one standard.

* Vowels: ``a`` (also e), ``i`` (also y, ee), ``u`` (also o, w, oo, ou). Arabic writes only the long ones, so the
  *skeleton* of a key leaves them all out.
* Consonants that are confused in one script or the other share a letter: ``k`` for q, k, c and ق, ك; ``S`` for
  sh, ch and ش; ``x`` for kh and خ; ``h`` for h, ه and ح; ``t`` for t, th, ت, ط, ث; ``d`` for d, dh, د, ض, ذ.
"""

from __future__ import annotations

import re
from functools import lru_cache

from gazetteer.folding import fold, strip_feature_words

_KURDISH = re.compile("[êîûÊÎÛ]")
# Only in a text that is Kurdish by its vowels: GeoNames writes ş for the Arabic ص.
_KURDISH_LETTERS = str.maketrans({"ş": "sh", "Ş": "sh", "ç": "ch", "Ç": "ch", "c": "j", "C": "j", "x": "kh", "X": "kh"})

_ARABIC = str.maketrans({
    "ا": "a", "آ": "a", "أ": "a", "إ": "a", "ب": "b", "پ": "b", "ت": "t", "ث": "t", "ج": "j", "چ": "S", "ح": "h",
    "خ": "x", "د": "d", "ذ": "d", "ر": "r", "ز": "z", "ژ": "z", "س": "s", "ش": "S", "ص": "s", "ض": "d", "ط": "t",
    "ظ": "z", "ع": "", "غ": "g", "ف": "f", "ڤ": "f", "ق": "k", "ك": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
    "ه": "h", "و": "u", "ي": "i",
})  # fmt: skip
_ARABIC_LETTER = re.compile("[\u0600-\u06ff]")
_DIGRAPHS = re.compile("tch|sch|sh|ch|kh|gh|th|dh|ph|dj|ck|ee|oo|ou")
_SOUNDS = {
    "tch": "S", "sch": "S", "sh": "S", "ch": "S", "kh": "x", "gh": "g", "th": "t", "dh": "d", "ph": "f", "dj": "j",
    "ck": "k", "ee": "i", "oo": "u", "ou": "u",
}  # fmt: skip
_LETTERS = str.maketrans({"q": "k", "c": "k", "p": "b", "v": "f", "e": "a", "o": "u", "w": "u", "y": "i"})
_DOUBLED = re.compile(r"(.)\1+")
_GLIDES = re.compile("a+(?=[iu])")
_VOWELS = str.maketrans(dict.fromkeys("aiu ", None))
_COARSE = str.maketrans({"S": "s", "z": "s", "d": "t", "x": "k", "g": "k", "j": "k", "h": None})
_WORDS = {
    word: words.split()[0]
    for words in (
        "tl tal tall tell til tel tul", "dir dayr deir der dair", "um umm om oum", "abu abo abou bu bou albu",
        "in ain ayn ein aain", "Six sheikh shaykh shekh cheikh sheik", "kfr kafr kfar kafar kefr kufr",
        "jbl jabal jebel djebel jabel gebel", "bit bayt beit bet bait", "fukani fawqani fouqani foqani faouqani",
        "thtani tahtani tehtani", "jdid jadid jadeed jedid jdeid", "kbir kabir kebir kabeer",
        "jdida jadidah jadida jadideh jadeedah jdeideh", "sgir saghir sagheer saghira", "ras rass", "uadi wadi ouadi",
        "xirba khirbat khirbet kherbet khirba kharbat", "Srki sharqi charqi sharki sharqiyah sharqiya sharqiyeh",
        "grbi gharbi gharbiyah gharbiya gharbiyeh", "burj bourj borj",
    )
    for word in words.split()[1:]
}  # fmt: skip


@lru_cache(maxsize=8_192)
def sound_key(name: str) -> str:
    """The sound key of ``name``, its words apart; empty for a name without letters or digits.

    Args:
        name: in Latin or Arabic letters; other scripts stay as they are.
    """
    if _KURDISH.search(name) is not None:
        name = name.translate(_KURDISH_LETTERS)
    return sound_of_folded(strip_feature_words(fold(name)))


def sound_of_folded(folded: str) -> str:
    """The sound key of an already folded name."""
    words = (_word(word) for word in folded.split())
    return " ".join(word for word in words if word)


def skeleton_of(sound: str) -> str:
    """The consonants of a sound key, in one word; the key itself, in one word, where it has none."""
    return sound.translate(_VOWELS) or sound.replace(" ", "")


def coarse_of(skeleton: str) -> str:
    """A skeleton with the consonants merged that are most often confused; itself where nothing would be left."""
    return skeleton.translate(_COARSE) or skeleton


@lru_cache(maxsize=32_768)
def _word(word: str) -> str:
    if _ARABIC_LETTER.search(word) is not None:
        return _arabic_word(word)
    known = _WORDS.get(word)
    if known is not None:
        return known
    sounds = _DIGRAPHS.sub(lambda found: _SOUNDS[found[0]], word).translate(_LETTERS)
    return _shortened(sounds)


def _arabic_word(word: str) -> str:
    # Final heh is a folded ta marbuta far more often than a heh.
    ended = word[:-1] + "ا" if word.endswith("ه") and len(word) > 2 else word
    return _shortened(ended.translate(_ARABIC))


def _shortened(sounds: str) -> str:
    """``sounds`` without doubled letters, diphthongs and the ending that a ta marbuta leaves (-ah, -a)."""
    short = _DOUBLED.sub(r"\1", _GLIDES.sub("", _DOUBLED.sub(r"\1", sounds)))
    return short[:-1] if len(short) > 3 and short.endswith("ah") else short
