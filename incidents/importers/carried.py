"""What of an exported incident is read back, and whether it says what is recorded already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from db.errors import AtlasError, ConflictError, InputError
from db.vocabulary import Geoprivacy
from incidents.exports.properties import CARRIED, DERIVED
from incidents.exports.records import (
    DERIVED_ATTRIBUTION,
    DERIVED_CLAIM,
    DERIVED_GRADING,
    DERIVED_LOCATION,
    DERIVED_NAME,
    DERIVED_STATEMENT,
    DERIVED_THREAD,
    Record,
)

DERIVED_OF = {
    "names": DERIVED_NAME,
    "codes": frozenset[str](),
    "locations": DERIVED_LOCATION,
    "claims": DERIVED_CLAIM,
    "attributions": DERIVED_ATTRIBUTION,
    "gradings": DERIVED_GRADING,
    "investigations": DERIVED_THREAD,
    "statements": DERIVED_STATEMENT,
}
"""The lists of records of a feature, and in each the members that are worked out."""


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Put ``where`` in front of what an error from inside says of the place."""
    try:
        yield
    except AtlasError as error:
        error.at(where)
        raise


def plain(record: Any) -> Any:
    """``record`` as it reads back from JSON: tuples become lists."""
    return orjson.loads(orjson.dumps(record))


def mapping(value: Any, where: str) -> Record:
    """``value``, if it is a JSON object.

    Raises:
        InputError: ``wrong_type``.
    """
    if not isinstance(value, dict):
        raise InputError("wrong_type", "An object is needed here.", where=where, got=value)
    return value


def records(value: Any, where: str) -> list[Record]:
    """``value``, if it is a JSON array of objects; null is an empty one.

    Raises:
        InputError: ``wrong_type``.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError("wrong_type", "An array is needed here.", where=where, got=value)
    return [mapping(item, f"{where} {number}") for number, item in enumerate(value, start=1)]


def texts(value: Any, where: str) -> list[str]:
    """``value``, if it is a JSON array of texts; null is an empty one.

    Raises:
        InputError: ``wrong_type``.
    """
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError("wrong_type", "An array of texts is needed here.", where=where, got=value)
    return value


def code_of(record: Mapping[str, Any]) -> str | None:
    """The code of a record; None where it has none.

    Raises:
        InputError: ``wrong_type``.
    """
    code = record.get("code")
    if code is not None and not isinstance(code, str):
        raise InputError("wrong_type", "A code is a text.", where="code", got=code)
    return code


def without_nulls(record: Mapping[str, Any], drop: frozenset[str] = frozenset()) -> Record:
    """``record`` without the members ``drop`` and without nulls, which stand for what is not known."""
    return {name: value for name, value in record.items() if value is not None and name not in drop}


def carried(found: Mapping[str, Any]) -> Record:
    """The properties that are read back, without what is worked out.

    Raises:
        InputError: ``unknown_field`` or ``wrong_type``.
    """
    unknown = [name for name in found if name not in CARRIED and name not in DERIVED]
    if len(unknown) > 0:
        fix = "Remove it, or put it in the note."
        raise InputError("unknown_field", "This property is not one of an export.", got=unknown[0], fix=fix)
    kept: Record = {}
    for name in (name for name in CARRIED if name in found):
        kept[name] = found[name]
        if name in DERIVED_OF:
            kept[name] = [_without(item, DERIVED_OF[name]) for item in records(found[name], name)]
    return kept


def _without(record: Record, derived: frozenset[str]) -> Record:
    return {name: value for name, value in record.items() if name not in derived}


def as_recorded(found: Record) -> Record:
    """The carried properties of a public export as an import records them.

    Its places are lowered already: lowering them again would move them.
    """
    places = [place | {"geoprivacy": Geoprivacy.EXACT.value} for place in found.get("locations", [])]
    return found | {"locations": places, "visibility": "public"}


def difference(given: Any, held: Any, path: str = "") -> str | None:
    """Where ``given`` says something else than ``held``, as ``claims 2, minimum``; None where it does not.

    A member that ``given`` does not have is not compared.
    """
    if isinstance(given, dict) and isinstance(held, dict):
        found = (
            difference(value, held.get(name), f"{path}, {name}" if path else name) for name, value in given.items()
        )
        return next((one for one in found if one is not None), None)
    if isinstance(given, list) and isinstance(held, list) and len(given) == len(held):
        pairs = enumerate(zip(given, held, strict=True), start=1)
        found = (difference(one, other, f"{path} {number}") for number, (one, other) in pairs)
        return next((one for one in found if one is not None), None)
    return None if given == held else path


def refuse_difference(code: str, field: str) -> ConflictError:
    """The error for a code that is recorded with other content (B63)."""
    return ConflictError(
        "different_content",
        f"{code} is recorded already, and says something else there.",
        where=field,
        fix=f"Look at it with: incidents show {code}; correct it with: incidents edit {code}; or leave it out.",
    )
