"""The lines of a delimited file as the csv module takes them, so that each record keeps its own text and number."""

from __future__ import annotations

from collections.abc import Iterator

from db.encoding import MAX_LINE
from db.errors import InputError


class Recorder:
    """The lines given to the csv module, kept until the record they make is complete."""

    def __init__(self, lines: Iterator[str], name: str) -> None:
        self.source = lines
        self.name = name
        self.pending: list[str] = []
        self.start = 1
        self.ended = False

    def lines(self) -> Iterator[str]:
        """Each line, once it is kept.

        Raises:
            InputError: ``cell_too_long``, the record outgrows 16 million characters.
        """
        size = 0
        for line in self.source:
            size = size + len(line) if self.pending else len(line)
            if size > MAX_LINE:
                where = f"{self.name}, line {self.start}"
                raise InputError("cell_too_long", f"A row has more than {MAX_LINE} characters.", where=where)
            self.pending.append(line)
            yield line
        self.ended = True

    def take(self) -> tuple[int, str]:
        """First line and text of the record just read; the next one starts after it."""
        start, raw = self.start, "".join(self.pending)
        self.start += len(self.pending)
        self.pending.clear()
        return start, raw

    def skip(self, raw: str, delimiter: str) -> bool:
        """Pass over the rest of a record whose text so far is ``raw``, keeping none of it.

        Returns:
            Whether the record ends in the file; False when an open quote runs to the end of it.
        """
        is_open = quote_open(raw, delimiter)
        while is_open:
            line = next(self.source, None)
            if line is None:
                return False
            self.start += 1
            is_open = quote_open(line, delimiter, is_open=True)
        return True


def quote_open(text: str, delimiter: str, *, is_open: bool = False) -> bool:
    """Whether a quoted cell is still open at the end of ``text``.

    Args:
        text: the lines of one record from its start, or its next line when a quoted cell ``is_open``.
        delimiter: one character.
        is_open: whether ``text`` starts inside a quoted cell.
    """
    at = 0
    if not is_open and text.startswith('"'):
        at, is_open = 1, True
    while True:
        if is_open:
            at = text.find('"', at)
            if at < 0:
                return True
            is_open = text.startswith('""', at)
            at += 2 if is_open else 0
        else:
            at = text.find(f'{delimiter}"', at)
            if at < 0:
                return False
            at, is_open = at + 2, True
