"""Nearest: the recorded names that an unknown one may be a slip for."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 3
LEAST_LIKENESS = 60.0


def nearest(text: str, names: Iterable[str]) -> str:
    """A sentence that offers the names most like ``text``, for the end of an error; empty where none is like it.

    Args:
        text: what was asked for.
        names: the names or codes that are recorded.
    """
    from rapidfuzz import process  # here: only an error needs it

    found = process.extract(text, list(names), limit=SHOWN, score_cutoff=LEAST_LIKENESS)
    near = dict.fromkeys(name for name, _, _ in found)
    return f"Nearest: {'; '.join(near)}. " if len(near) > 0 else ""
