"""Likeness of bags of words, beside a plain cosine."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import incidents.suggestions.wording as module
from incidents.suggestions.wording import Vocabulary, Wording, words_of

TEXTS = st.lists(st.sets(st.sampled_from("abcdefgh")), min_size=1, max_size=7)


def wording(texts: list[set[str]]) -> Wording:
    """Each word is a part of its text; they are given in no order."""
    return Wording.of(texts, Vocabulary())


@given(TEXTS)
def test_the_likeness_is_the_cosine_of_words_weighed_by_rarity(texts: list[set[str]]) -> None:
    held = {word: sum(word in text for text in texts) for word in set().union(*texts)}
    rarity = {word: math.log((1 + len(texts)) / (1 + count)) + 0.1 for word, count in held.items()}
    pairs = [(one, other) for one in range(len(texts)) for other in range(len(texts))]
    left, right = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    for (one, other), found in zip(pairs, wording(texts).likeness(left, right), strict=True):
        if len(texts[one]) == 0 or len(texts[other]) == 0:
            assert math.isnan(found)
            continue
        dot = sum(rarity[word] ** 2 for word in texts[one] & texts[other])
        norms = [math.sqrt(sum(rarity[word] ** 2 for word in texts[at])) for at in (one, other)]
        assert found == pytest.approx(dot / (norms[0] * norms[1]))


def test_many_pairs_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wording([{"a", "b"}, {"b"}, {"c"}])
    left, right = np.array([0, 0, 1, 2]), np.array([1, 2, 0, 2])
    whole = found.likeness(left, right)
    monkeypatch.setattr(module, "BATCH", 1)
    assert found.likeness(left, right) == pytest.approx(whole)


def test_parts_of_words_make_spellings_alike() -> None:
    assert words_of("mansura") == {"mansura"}
    texts = [[name] for name in ("mansura", "mansoura", "tabqa")]
    likeness = Wording.of(texts, Vocabulary(letters=True)).likeness(np.array([0, 0]), np.array([1, 2]))
    assert likeness[0] > 0.1
    assert likeness[1] == 0


def test_words_are_told_once_of_whichever_part_they_are() -> None:
    begins, words = Vocabulary().bags([["Deir ez-Zor", "Zor"], [], ["", "deir"]])
    assert np.diff(begins).tolist() == [2, 0, 1]
    assert words[2] == words[0] != words[1]
