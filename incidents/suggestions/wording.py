"""Wordings: bags of words of many texts, and how alike two of them are (cosine of words weighed by rarity)."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazetteer.folding import fold

LETTERS = 3
_WORD = re.compile(r"\w+")
BATCH = 50_000
"""Words looked up at once, so that they stay near the processor."""
Numbers = NDArray[np.int32]


def words_of(text: str, *, letters: bool = False) -> set[str]:
    """The words of a folded text; with ``letters`` also their parts of three letters."""
    words = set(_WORD.findall(text))
    if letters:
        words |= {word[at : at + LETTERS] for word in words for at in range(len(word) - LETTERS + 1)}
    return words


class Vocabulary:
    """Words by number. A text that comes again is not taken apart again: most records share names with others."""

    def __init__(self, *, letters: bool = False) -> None:
        """Nothing is known yet; ``letters`` as in :func:`words_of`."""
        self._letters = letters
        self._words: dict[str, int] = {}
        self._texts: dict[str, int] = {}
        self._numbers, self._ends = array("i"), array("i", [0])

    def __len__(self) -> int:
        """How many words there are."""
        return len(self._words)

    def bags(self, texts: Iterable[Iterable[str]]) -> tuple[Numbers, Numbers]:
        """The words of texts that are given in parts: where those of each begin, shape (n + 1,), and their numbers."""
        parts, sizes = array("i"), array("i")
        for text in texts:
            before = len(parts)
            parts.extend(self._number(part) for part in text)
            sizes.append(len(parts) - before)
        part = np.frombuffer(parts, np.int32)
        ends = np.array(self._ends, dtype=np.int32)
        counts = ends[part + 1] - ends[part]
        row = np.repeat(np.repeat(np.arange(len(sizes)), np.frombuffer(sizes, np.int32)), counts)
        words = np.array(self._numbers, dtype=np.int32)[_runs(ends[part], counts)]
        keys = np.sort(row << 32 | words)
        keys = keys[np.diff(keys, prepend=-1) != 0]
        begins = np.searchsorted(keys, np.arange(len(sizes) + 1) << 32)
        return begins.astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)

    def _number(self, text: str) -> int:
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = len(self._texts)
            words = sorted(words_of(fold(text), letters=self._letters))
            self._numbers.extend(self._words.setdefault(word, len(self._words)) for word in words)
            self._ends.append(len(self._numbers))
        return found


def _runs(begins: Numbers, sizes: Numbers) -> Numbers:
    """The numbers of several ranges, one after the other."""
    ends = np.cumsum(sizes, dtype=np.int32)
    return np.arange(ends[-1] if len(ends) > 0 else 0, dtype=np.int32) + np.repeat(begins - ends + sizes, sizes)


def _lengths(begins: Numbers, words: Numbers, rarity: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    found: NDArray[np.float64] = np.sqrt(np.bincount(rows, rarity[words] ** 2, len(begins) - 1))
    return found


@dataclass(frozen=True)
class Wording:
    """The words of n texts.

    Attributes:
        begins: where the words of each text begin; shape (n + 1,).
        words: their numbers, rising in each text.
        rarity: of each word of the vocabulary.
        lengths: of each text as a vector; 0 where it has no word. Shape (n,).
    """

    begins: Numbers
    words: Numbers
    rarity: NDArray[np.float64]
    lengths: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]], vocabulary: Vocabulary) -> Wording:
        """The wording of texts that are given in parts."""
        begins, words = vocabulary.bags(texts)
        held = np.bincount(words, minlength=len(vocabulary))
        rarity = np.log(len(begins) / (1 + held)) + 0.1
        return cls(begins, words, rarity, _lengths(begins, words, rarity))

    def more(self, texts: Iterable[Iterable[str]], vocabulary: Vocabulary) -> Wording:
        """With further texts after these; a word stays as rare as it was, and one that was not known is the rarest."""
        begins, words = vocabulary.bags(texts)
        rarest = np.full(len(vocabulary) - len(self.rarity), np.log(len(self.begins) / 2) + 0.1)
        rarity = np.concatenate([self.rarity, rarest])
        return Wording(
            np.concatenate([self.begins, self.begins[-1] + begins[1:]]), np.concatenate([self.words, words]), rarity,
            np.concatenate([self.lengths, _lengths(begins, words, rarity)]),
        )  # fmt: skip

    def likeness(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosine of each pair of texts, 0 to 1; not a number where one has no word. Shape (m,)."""
        sizes = np.diff(self.begins)
        # The words of the shorter text are looked up in the longer.
        shorter = sizes[left] <= sizes[right]
        short, long = np.where(shorter, left, right), np.where(shorter, right, left)
        # By size: what is looked up together takes as many steps as the longest of the texts needs.
        order = np.argsort(sizes[long], kind="stable")
        short, long = short[order], long[order]
        found = np.zeros(len(left))
        ends = np.cumsum(sizes[short], dtype=np.int64)
        start = 0
        while start < len(left):
            stop = max(int(np.searchsorted(ends, (ends[start - 1] if start > 0 else 0) + BATCH)), start + 1)
            found[order[start:stop]] = self._shared(short[start:stop], long[start:stop])
            start = stop
        with np.errstate(invalid="ignore"):  # nothing by nothing is not a number, as it should be
            return found / (self.lengths[left] * self.lengths[right])

    def _shared(self, short: NDArray[np.int64], long: NDArray[np.int64]) -> NDArray[np.float64]:
        """Of each pair, the squares of the words that both texts have, added up."""
        begins = self.begins
        counts = begins[short + 1] - begins[short]
        wanted = self.words[_runs(begins[short], counts)]
        # Up to where the words of the longer text are below the wanted one, in steps of half the size.
        at, ends = np.repeat(begins[long], counts), np.repeat(begins[long + 1], counts)
        widest = int((begins[long + 1] - begins[long]).max(initial=0))
        for bit in reversed(range(widest.bit_length())):
            further = at + np.int32(1 << bit)
            below = (further <= ends) & (self.words.take(further - 1, mode="clip") < wanted)
            at += below.astype(np.int32) << bit
        met = np.flatnonzero((at < ends) & (self.words.take(at, mode="clip") == wanted))
        pair = np.repeat(np.arange(len(short)), counts)[met]
        return np.bincount(pair, self.rarity[wanted[met]] ** 2, len(short)).astype(np.float64)
