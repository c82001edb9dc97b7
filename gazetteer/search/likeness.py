"""How far two spellings are apart: an edit distance that knows which letters stand for one another.

The letters of Latin and Arabic spellings are taken to one alphabet of phones, and each substitution costs what the
transliterations in use make it worth: a vowel for another little, q for k less than k for m. One spelling is compared
with many at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_LATIN = {letter: letter for letter in "abdefghijklmnopqrstuvwyz0123456789"} | {
    "sh": "S", "ch": "C", "tch": "C", "sch": "S", "kh": "K", "x": "K", "gh": "G", "th": "T", "dh": "D", "ph": "f",
    "dj": "j", "ck": "k", "c": "k", "ee": "i", "oo": "u", "ou": "u", "aa": "a", "ii": "i", "uu": "u", "ei": "ey",
    "ai": "ay", "au": "aw",
}  # fmt: skip
_ARABIC = dict(zip("ابپتثجچحخدذرزژسشصضطظغفڤقكگلمنهوي", "abptTjChKdDrzzsSsdtzGfvqkglmnhwy", strict=True))
_PHONES = _LATIN | _ARABIC
# Letters of other scripts stand for themselves; ain is not heard in Latin spellings, and left out of both.
_SPELLED = re.compile("|".join([*sorted(_PHONES, key=len, reverse=True), r"[^\W_ع]"]))
_DOUBLED = re.compile(r"([^0-9])\1+")
_ALPHABET = "abdefghijklmnopqrstuvwyzSCKGTD0123456789"
_CODES = {phone: code for code, phone in enumerate(_ALPHABET, start=1)}
_PAD = 0
_FIRST_OTHER = len(_ALPHABET) + 1
_OTHERS = 64  # codes of letters of other scripts; two that share one are taken for the same
_SIZE = _FIRST_OTHER + _OTHERS
MAX_PHONES = 40

_CHEAP = {
    0.05: "yi wu", 0.1: "ye wo pb ie ou", 0.15: "gG", 0.2: "ae ai ao au ei eo eu iu CS vf vw TtTs DdDz",
    0.3: "qk jg Ts zD jC", 0.4: "qg zd Ck ay hK KG kG", 0.5: "sS kK td zs GK rG bf bw jy qK zj", 0.6: "nm kg",
    0.8: "lr ln",
}  # fmt: skip
_DROPPED = {"a": 0.2, "e": 0.2, "i": 0.25, "o": 0.25, "u": 0.25, "w": 0.4, "y": 0.35, "h": 0.45}
_UNWRITTEN = {"a": 0.08, "e": 0.08, "i": 0.1, "o": 0.12, "u": 0.12}


def _substitutions() -> NDArray[np.float32]:
    costs = np.ones((_SIZE, _SIZE), dtype=np.float32)
    for cost, groups in _CHEAP.items():
        for group in groups.split():
            for one, other in zip(group[::2], group[1::2], strict=True):
                costs[_CODES[one], _CODES[other]] = costs[_CODES[other], _CODES[one]] = cost
    np.fill_diagonal(costs, 0.0)
    return costs


def _drops(cheap: dict[str, float]) -> NDArray[np.float32]:
    costs = np.ones(_SIZE, dtype=np.float32)
    costs[_PAD] = 0.0
    for phone, cost in cheap.items():
        costs[_CODES[phone]] = cost
    return costs


_SUBSTITUTE = _substitutions()
_DROP = _drops(_DROPPED)
_DROP_UNWRITTEN = _drops(_DROPPED | _UNWRITTEN)
_HAS_ARABIC = re.compile("[\u0600-\u06ff]")


@lru_cache(maxsize=16_384)
def phones(folded: str) -> bytes:
    """The codes of the phones of a folded name, without blanks, doubled letters and a final h."""
    joined = folded.replace(" ", "")
    spelled = "".join(_PHONES.get(found, found) for found in _SPELLED.findall(joined))
    single = _DOUBLED.sub(r"\1", spelled)
    if len(single) > 3 and single.endswith("h"):
        single = single[:-1] if single[-2] in "aei" else single[:-1] + "a"
    return bytes(_CODES.get(phone) or _FIRST_OTHER + ord(phone) % _OTHERS for phone in single[:MAX_PHONES])


@lru_cache(maxsize=16_384)
def _is_arabic(folded: str) -> bool:
    return _HAS_ARABIC.search(folded) is not None


def distances(folded: str, others: Sequence[str]) -> NDArray[np.float32]:
    """Weighted edit distances from one folded name to each of others, in letters.

    Short vowels cost next to nothing where either spelling is Arabic, which leaves them out.

    Args:
        folded: a name, from `gazetteer.folding.fold`.
        others: names folded likewise.
    """
    if len(others) == 0:
        return np.zeros(0, dtype=np.float32)
    query = np.frombuffer(phones(folded), dtype=np.uint8)
    coded = [phones(other) for other in others]
    width = max(map(len, coded))
    codes = np.frombuffer(b"".join(code.ljust(width, b"\0") for code in coded), dtype=np.uint8).reshape(
        len(coded), width
    )
    if _HAS_ARABIC.search(folded) is not None:
        unwritten = np.ones(len(others), dtype=bool)
    else:
        unwritten = np.array([_is_arabic(other) for other in others])
    costs = np.where(unwritten[:, None], _DROP_UNWRITTEN[codes], _DROP[codes])
    reached = np.zeros((len(others), width + 1), dtype=np.float32)
    np.cumsum(costs, axis=1, out=reached[:, 1:])
    row = reached.copy()
    for code in query:
        drop = np.where(unwritten, _DROP_UNWRITTEN[code], _DROP[code])
        best = row + drop[:, None]
        np.minimum(best[:, 1:], row[:, :-1] + _SUBSTITUTE[code][codes], out=best[:, 1:])
        # Inserting costs along the row: the least of (best - reached) so far, plus what is reached.
        row = reached + np.minimum.accumulate(best - reached, axis=1)
    found: NDArray[np.float32] = row[:, -1]
    return found
