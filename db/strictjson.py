"""JSON from outside, read strictly: what two programs could read in two ways is refused.

The standard reader lets the last of two equal keys win, turns ``1e999`` into infinity, keeps half characters
and recurses as deep as the file asks. Rules and codes follow the project's table of bad inputs (B05, B20, B49,
B50, B53); the duplicate-key rule is that of I-JSON (RFC 7493, section 2.3).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import Any, NoReturn

from db.cells import UNSAFE, clean_text
from db.encoding import bom_encoding, read_bytes, refuse_binary, undecodable
from db.errors import InputError

MAX_BYTES = 100_000_000
MAX_DEPTH = 64
MAX_DIGITS = 400  # more than any float needs; Python itself refuses integers above 4,300 digits

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NOT_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_RISKY_ESCAPE = re.compile(r"\\(?:u[dD][89a-fA-F]|u00[0189]|u007[fF]|[bf])|[\x7f-\x9f]")


def read_json(
    data: bytes | Path, *, where: str | None = None, max_depth: int = MAX_DEPTH, max_bytes: int = MAX_BYTES
) -> Any:
    """The value of a JSON text.

    Args:
        data: UTF-8, or UTF-16 or UTF-32 with a byte order mark; or the file that holds it.
        where: what to call it in errors; by default the file's name.
        max_depth: how deep arrays and objects may nest.
        max_bytes: size limit.

    Raises:
        InputError: ``empty_file``, ``too_large``, ``not_text``, ``not_utf8``, ``not_json``, ``too_deep``,
            ``duplicate_key``, ``not_finite`` (NaN, Infinity, 1e999), ``number_too_long``, ``bad_unicode`` (a lone
            surrogate) or ``control_character`` in a text; NotFoundError: ``file_not_found``.
    """
    name = where or (data.name if isinstance(data, Path) else "JSON")
    raw = read_bytes(data, limit=max_bytes + 1) if isinstance(data, Path) else data
    if len(raw) > max_bytes:
        raise InputError("too_large", f"The JSON has more than {max_bytes} bytes.", where=name)
    text = _decode(raw, name)
    if not text.strip():
        raise InputError("empty_file", "The JSON is empty.", where=name)
    _check_depth(text, name, max_depth)
    value = _parse(text, name)
    if _RISKY_ESCAPE.search(text):
        _check_texts(value, name)
    return value


def _decode(raw: bytes, name: str) -> str:
    """The text of ``raw`` without its byte order mark."""
    refuse_binary(raw[: 64 * 1024], name)
    encoding = bom_encoding(raw) or "utf-8"
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = len(re.findall(r"\r\n|[\r\n]", raw[: error.start].decode(encoding, "replace"))) + 1
        raise undecodable(name, error, error.start, line, encoding, told=False, choice=False) from None


def _check_depth(text: str, name: str, max_depth: int) -> None:
    """Refuse deep nesting before the parser, which recurses, sees it (B50)."""
    brackets = _STRING.sub(b"", text.encode("utf-8")).translate(None, delete=_NOT_BRACKET)
    depth = max(accumulate(map(_STEP.__getitem__, brackets)), default=0)
    if depth > max_depth:
        why = f"The JSON nests {depth} levels deep; {max_depth} are read."
        raise InputError("too_deep", why, where=name)


def _parse(text: str, name: str) -> Any:
    """The value of ``text``, whose depth is known to be harmless."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
            raise InputError("duplicate_key", "An object has the same key twice.", where=name, got=twice)
        return members

    def finite(digits: str) -> float:
        number = float(digits)
        if not math.isfinite(number):
            refuse(digits)
        return number

    def whole(digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            why = f"A number has {len(digits)} digits."
            raise InputError("number_too_long", why, where=name, got=digits)
        return int(digits)

    def refuse(constant: str) -> NoReturn:
        raise InputError("not_finite", "A number is not finite.", where=name, got=constant, fix="Use null for unknown.")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_float=finite, parse_int=whole, parse_constant=refuse)
    except json.JSONDecodeError as error:
        place = f"{name}, line {error.lineno}, column {error.colno}"
        got = text[max(0, error.pos - 20) : error.pos + 20]
        raise InputError("not_json", f"This is not JSON: {error.msg}.", where=place, got=got) from None


def _check_texts(value: Any, name: str) -> None:
    """Refuse a text, anywhere in ``value``, that may not be stored; ``where`` is its JSON pointer (RFC 6901)."""
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        pointer, item = stack.pop()
        if isinstance(item, str):
            if UNSAFE.search(item):
                clean_text(item, f"{name} {pointer}", max_length=len(item))
        elif isinstance(item, dict):
            for key, member in item.items():
                stack.append((f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", member))
                stack.append((f"{pointer} (a key)", key))
        elif isinstance(item, list):
            stack.extend((f"{pointer}/{number}", member) for number, member in enumerate(item))
