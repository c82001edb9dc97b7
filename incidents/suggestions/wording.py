"""Wordings: bags of words of many texts, and how alike two of them are (cosine of words weighed by rarity)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LETTERS = 3
_WORD = re.compile(r"\w+")
BATCH = 1_000_000
"""Words looked up at once; bounds the memory."""


def words_of(text: str, *, letters: bool = False) -> set[str]:
    """The words of a folded text; with ``letters`` also their parts of three letters."""
    words = set(_WORD.findall(text))
    if letters:
        words |= {word[at : at + LETTERS] for word in words for at in range(len(word) - LETTERS + 1)}
    return words


@dataclass(frozen=True)
class Wording:
    """The words of n texts.

    Attributes:
        begins: where the words of each text begin; shape (n + 1,).
        keys: text number times the size of the vocabulary plus word number, rising.
        weights: of each word in its text, so that the squares of a text's sum to 1.
        size: of the vocabulary.
    """

    begins: NDArray[np.int64]
    keys: NDArray[np.int64]
    weights: NDArray[np.float64]
    size: int

    @classmethod
    def of(cls, texts: Sequence[set[str]]) -> Wording:
        """The wording of texts given as their words."""
        known: dict[str, int] = {}
        numbers = [sorted(known.setdefault(word, len(known)) for word in sorted(text)) for text in texts]
        counts = np.array([len(text) for text in numbers], dtype=np.int64)
        begins = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        words = np.fromiter((word for text in numbers for word in text), np.int64, int(begins[-1]))
        rows = np.repeat(np.arange(len(texts), dtype=np.int64), counts)
        rarity = np.log((1 + len(texts)) / (1 + np.bincount(words, minlength=max(len(known), 1)))) + 0.1
        weights = rarity[words]
        norms = np.sqrt(np.bincount(rows, weights**2, minlength=len(texts)))
        return cls(begins, rows * len(known) + words, weights / norms[rows], len(known))

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Which texts have no word; shape (n,)."""
        found: NDArray[np.bool_] = np.diff(self.begins) == 0
        return found

    def likeness(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosine of each pair of texts, 0 to 1; not a number where one has no word. Shape (m,)."""
        found = np.zeros(len(left))
        counts = np.diff(self.begins)[left]
        ends = np.cumsum(counts)
        start = 0
        while start < len(left):
            stop = max(int(np.searchsorted(ends, (ends[start - 1] if start > 0 else 0) + BATCH)), start + 1)
            found[start:stop] = self._likeness(left[start:stop], right[start:stop], counts[start:stop])
            start = stop
        found[self.empty[left] | self.empty[right]] = np.nan
        return found

    def _likeness(
        self, left: NDArray[np.int64], right: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        pair = np.repeat(np.arange(len(left)), counts)
        at = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(self.begins[left], counts)
        if len(at) == 0:
            return np.zeros(len(left))
        wanted = self.keys[at] + (right[pair] - left[pair]) * self.size
        there = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        shared = self.keys[there] == wanted
        products = self.weights[at[shared]] * self.weights[there[shared]]
        return np.bincount(pair[shared], products, minlength=len(left)).astype(np.float64)
