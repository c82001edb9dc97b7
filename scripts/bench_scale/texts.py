"""Measures the text search beside hand-written SQL on the same index tables."""

from __future__ import annotations

from bench_gazetteer.clock import progress

from bench_scale.case import SQLITE, Case
from bench_scale.figures import Measure, Rule
from bench_scale.process import child

NAME = "text"
BAR = 2.0
TEXTS = {"a frequent word": "market", "two words": "hospital shelling", "an Arabic word": "سوق"}
WORKS = {"page_ms": "page of 100", "ids_ms": "all ids"}


def text(case: Case) -> list[Measure]:
    """Each text, as a page and as all ids."""
    asked = {"texts": list(TEXTS.values()), "repeat": case.repeat}
    ours = child("searching:ask", url=case.url, **asked)["by"]
    if case.edition == SQLITE:
        peer, theirs = "FTS5 by hand", child("searching:raw_sqlite", path=str(case.path), **asked)["by"]
    else:
        peer, theirs = "GIN by hand", child("searching:raw_gin", url=case.url, **asked)["by"]
    progress(f"{case.size:,} {case.edition}: {len(TEXTS)} texts")
    found = []
    for name, words in TEXTS.items():
        mine, other = ours[words], theirs[words]
        differ = len(set(mine["ids"]) ^ set(other["ids"]))
        same = "the same page" if mine["page"] == other["page"] else "another page"
        notes = {"ids_ms": [f"{len(mine['ids']):,} ids, {differ} differ from the peer's, {same}"]}
        found += [
            Measure(
                NAME, f"text, {name}: {work}", case.size, case.edition, mine[unit], "ms", peer,
                # Another answer is no peer.
                other[unit] if differ == 0 else None, Rule.WITHIN, BAR, case.repeat, notes.get(unit, []),
            )
            for unit, work in WORKS.items()
        ]  # fmt: skip
    return found
