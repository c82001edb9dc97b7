"""A set of ids that takes a byte an id, however many are in it: an export may refer to millions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class IdSet:
    """A set of row ids, which count from 1 and leave few gaps."""

    def __init__(self) -> None:
        self._held = bytearray()

    def add(self, key: int) -> None:
        """Put ``key`` in."""
        if key >= len(self._held):
            self._held.extend(bytes(max(key + 1 - len(self._held), len(self._held))))
        self._held[key] = 1

    def update(self, keys: Iterable[int]) -> None:
        """Put ``keys`` in."""
        for key in keys:
            self.add(key)

    def __contains__(self, key: int) -> bool:
        return key < len(self._held) and self._held[key] == 1

    def __iter__(self) -> Iterator[int]:
        """The ids, ascending."""
        at = self._held.find(1)
        while at >= 0:
            yield at
            at = self._held.find(1, at + 1)
