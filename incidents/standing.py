"""What stands of the judgements on pairs of records: the events, what they are parts of, and what contradicts.

Pure: it knows ids and nothing of a database. Five things cannot stand together:

1. *different* inside one event (records joined by a chain of *same*);
2. *part of* inside one event: nothing is a part of itself;
3. an event that is part of two others, of which its dead would be counted in both; a part of a part is said once, of
   the smaller whole;
4. a circle of parts;
5. *different* of an event and one that it is part of, however far up: they share dead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from db.vocabulary import Verdict

Pair = tuple[int, int]
SAME, PART, WHOLE = " – ", " part of ", " with its part "


@dataclass(frozen=True)
class Ruling:
    """The verdict that stands on a pair; ``part`` is the record that is part of the other, where it says so."""

    verdict: Verdict
    part: int | None = None


@dataclass(frozen=True)
class Contradiction:
    """Judgements that cannot stand together.

    Attributes:
        why: which rule they break.
        path: the records of the chain that shows it.
        links: what stands between each and the next; one less than records.
    """

    why: str
    path: tuple[int, ...]
    links: tuple[str, ...]

    def told(self, names: Mapping[int, str]) -> str:
        """The chain in words, each record by its name."""
        steps = zip(self.links, self.path[1:], strict=True)
        return names[self.path[0]] + "".join(f"{link}{names[key]}" for link, key in steps)


@dataclass(frozen=True)
class Standing:
    """The ruling of every pair that was ever judged, by (smaller id, larger id)."""

    rulings: Mapping[Pair, Ruling]

    def after(self, pair: Pair, ruling: Ruling) -> Standing:
        """What would stand after one more judgement: the latest of a pair replaces the one before."""
        return Standing({**self.rulings, pair: ruling})

    def of(self, verdict: Verdict) -> Iterator[Pair]:
        """The pairs with this verdict."""
        return (pair for pair, ruling in self.rulings.items() if ruling.verdict is verdict)

    @cached_property
    def groups(self) -> list[list[int]]:
        """The events of more than one record, each in the order of ids."""
        joined: dict[int, set[int]] = {}
        for low, high in self.of(Verdict.SAME):
            less, more = sorted((joined.get(low, {low}), joined.get(high, {high})), key=len)
            if less is not more:
                more |= less
                joined.update(dict.fromkeys(less, more))
                joined.update(dict.fromkeys((low, high), more))
        return sorted(sorted(group) for group in {id(group): group for group in joined.values()}.values())

    @cached_property
    def _heads(self) -> dict[int, int]:
        return {key: group[0] for group in self.groups for key in group}

    def head(self, record: int) -> int:
        """The event of a record, named by the smallest id in it."""
        return self._heads.get(record, record)

    @cached_property
    def parts(self) -> list[tuple[int, int]]:
        """The (part, whole) of every pair judged so, as records, in the order of the pairs."""
        held = sorted((pair, ruling.part) for pair, ruling in self.rulings.items() if ruling.part is not None)
        return [(part, pair[1] if part == pair[0] else pair[0]) for pair, part in held]

    @cached_property
    def wholes(self) -> dict[int, int]:
        """For each event that is part of another: that other one, both by :meth:`head`."""
        return {self.head(part): self.head(whole) for part, whole in self.parts}

    def above(self, record: int) -> Iterator[int]:
        """The events that the record's is part of, from the smallest whole up; ends where a circle closes."""
        here, seen = self.head(record), set[int]()
        while here in self.wholes and here not in seen:
            seen.add(here)
            here = self.wholes[here]
            yield here

    def contradiction(self) -> Contradiction | None:
        """The first thing that cannot stand; None where all does."""
        different = sorted(self.of(Verdict.DIFFERENT))
        for why, pairs in (
            ("Records judged different would be one event by a chain of judgements", different),
            ("A part and its whole would be one event by a chain of judgements", self.parts),
        ):
            for first, second in pairs:
                if self.head(first) == self.head(second):
                    return self._chain(why, first, second, up=False)
        return self._two_wholes() or self._circle() or self._different_part(different)

    def _two_wholes(self) -> Contradiction | None:
        first: dict[int, tuple[int, int]] = {}
        for part, whole in self.parts:
            other, its_whole = first.setdefault(self.head(part), (part, whole))
            if self.head(whole) != self.head(its_whole):
                middle = self._chain("", other, part, up=False)
                return Contradiction(
                    "It would be part of two events",
                    (its_whole, *middle.path, whole),
                    (WHOLE, *middle.links, PART),
                )
        return None

    def _circle(self) -> Contradiction | None:
        for part, whole in self.parts:
            if self.head(part) in self.above(whole):
                back = self._chain("It would be a part of itself", whole, part, up=True)
                return Contradiction(back.why, (part, *back.path), (PART, *back.links))
        return None

    def _different_part(self, different: list[Pair]) -> Contradiction | None:
        for low, high in different:
            for first, second in ((low, high), (high, low)):
                if self.head(second) in self.above(first):
                    return self._chain("Records judged different would be part and whole", first, second, up=True)
        return None

    def _chain(self, why: str, start: int, goal: int, *, up: bool) -> Contradiction:
        """The shortest chain of *same*, and of *part of* where ``up``, that leads from one record to another."""
        queue, came_from = deque([start]), {start: (start, SAME)}
        while goal not in came_from:
            here = queue.popleft()
            for there, link in self._neighbours.get(here, []):
                if there not in came_from and (up or link is SAME):
                    came_from[there] = (here, link)
                    queue.append(there)
        path, links = [goal], list[str]()
        while path[-1] != start:
            before, link = came_from[path[-1]]
            path.append(before)
            links.append(link)
        return Contradiction(why, tuple(path[::-1]), tuple(links[::-1]))

    @cached_property
    def _neighbours(self) -> dict[int, list[tuple[int, str]]]:
        found: dict[int, list[tuple[int, str]]] = {}
        for low, high in self.of(Verdict.SAME):
            found.setdefault(low, []).append((high, SAME))
            found.setdefault(high, []).append((low, SAME))
        for part, whole in self.parts:
            found.setdefault(part, []).append((whole, PART))
        return found
