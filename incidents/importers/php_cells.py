"""Cells as PHP's ``serialize`` writes them, in which WordPress keeps lists and choices.

Read are arrays, texts, whole and decimal numbers, truth values and null. Objects, references and closures are refused:
nothing in a published table needs them. A package for it exists (phpserialize, last released in 2016); it recurses as
deep as the text asks, lets the last of two equal keys win and passes over what follows the value, so this is its own
reader of some dozen lines.
"""

from __future__ import annotations

import re
from typing import Any

from db.errors import InputError

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
MAX_ITEMS = 10_000
"""In all arrays of a cell together."""

_LOOKS = re.compile(r"(?:a:[0-9]+:\{|O:[0-9]+:\"|C:[0-9]+:\"|E:[0-9]+:\"|[sSbidrR]:[^ ]{1,20}[:;]|N;\Z).*", re.DOTALL)
_SCALAR = re.compile(rb"(?:N|b:[01]|i:-?[0-9]{1,18}|d:-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?);")
_ARRAY = re.compile(rb"a:([0-9]{1,7}):\{")
_TEXT = re.compile(rb's:([0-9]{1,7}):"')
_FIX = "Write the cell as JSON, or as plain text; or export the table again."


def is_serialised(text: str) -> bool:
    """Whether a cell looks like a value that PHP serialised."""
    return text.endswith((";", "}")) and _LOOKS.fullmatch(text) is not None


def read_serialised(text: str, where: str) -> Any:
    """The value: None, a truth value, a number, a text, a list (keys 0, 1, 2 ...) or a dictionary.

    Args:
        text: the cell, without blanks round it.
        where: what to call it in errors.

    Raises:
        InputError: ``php_serialised``: the text is malformed or holds an object; ``too_large``, ``too_deep``.
    """
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise InputError("too_large", f"The cell has more than {MAX_BYTES} bytes.", where=where, fix=_FIX)
    reader = _Reader(data, where)
    value = reader.value(1)
    if reader.position != len(data):
        raise reader.bad("Something follows the value.")
    return value


class _Reader:
    """Reads one value after the other from ``position``, a number of bytes: PHP counts texts in bytes."""

    def __init__(self, data: bytes, where: str) -> None:
        self._data = data
        self._where = where
        self._items = 0
        self.position = 0

    def bad(self, why: str) -> InputError:
        got = self._data[self.position : self.position + 40].decode("utf-8", "replace")
        where = f"{self._where}, byte {self.position + 1}"
        return InputError(
            "php_serialised", f"The cell cannot be read as PHP wrote it. {why}", where=where, got=got, fix=_FIX
        )

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            why = f"The cell nests deeper than {MAX_DEPTH} levels."
            raise InputError("too_deep", why, where=self._where, fix=_FIX)
        match self._data[self.position : self.position + 2]:
            case b"a:":
                return self._array(depth)
            case b"s:":
                return self._text()
            case b"N;" | b"b:" | b"i:" | b"d:":
                return self._scalar()
            case b"O:" | b"C:" | b"E:":
                raise self.bad("It holds an object, which is never read.")
        raise self.bad("No value begins here.")

    def _scalar(self) -> Any:
        found = _SCALAR.match(self._data, self.position)
        if found is None:
            raise self.bad("This is no value.")
        self.position = found.end()
        kind, _, digits = found[0].decode().rstrip(";").partition(":")
        if kind == "N":
            return None
        return digits == "1" if kind == "b" else int(digits) if kind == "i" else float(digits)

    def _text(self) -> str:
        found = _TEXT.match(self._data, self.position)
        if found is None:
            raise self.bad("A text has its length in bytes.")
        end = found.end() + int(found[1])
        if self._data[end : end + 2] != b'";':
            raise self.bad("The text is not as long as it says.")
        try:
            text = self._data[found.end() : end].decode()
        except UnicodeDecodeError:
            raise self.bad("The text ends inside a character.") from None
        self.position = end + 2
        return text

    def _array(self, depth: int) -> Any:
        found = _ARRAY.match(self._data, self.position)
        if found is None:
            raise self.bad("An array has a number of items.")
        count = int(found[1])
        self._items += count
        if self._items > MAX_ITEMS:
            raise InputError("too_large", f"The cell has more than {MAX_ITEMS} items.", where=self._where, fix=_FIX)
        self.position = found.end()
        items: dict[Any, Any] = {}
        for _ in range(count):
            key = self.value(depth + 1)
            if not isinstance(key, int | str) or isinstance(key, bool):
                raise self.bad("A key is a number or a text.")
            if key in items:
                raise self.bad(f"The key {key} stands twice.")
            items[key] = self.value(depth + 1)
        if self._data[self.position : self.position + 1] != b"}":
            raise self.bad("The array has more items than it says.")
        self.position += 1
        return list(items.values()) if list(items) == list(range(count)) else items
