"""What comes in is checked here: strict models, and errors that name the field and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)

from db.cells import clean_text
from db.errors import AtlasError, InputError
from db.tables.base import LINE, PARAGRAPH, SHORT
from incidents.dates import utc
from incidents.windows import day_span, window

Model = TypeVar("Model", bound="Input")


class Input(BaseModel):
    """The base of all inputs: unknown fields are refused, nothing is changed after checking."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _text(limit: int, *, identifier: bool) -> AfterValidator:
    def check(value: str, info: ValidationInfo) -> str:
        field = info.field_name or "text"
        text = clean_text(value, field, identifier=identifier, max_length=limit)
        if len(text) == 0:
            raise InputError("blank", "The text is blank.", where=field, fix="Leave it out instead.")
        return text

    return AfterValidator(check)


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        known = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        # urlsplit raises for a host it cannot read, such as "http://[::1".
        known = False
    if not known:
        raise InputError(
            "bad_url",
            "Only addresses that begin with http:// or https:// are kept as a source.",
            got=value,
            fix="Give the page's own address, or leave it out and describe the source in the title.",
        )
    return value


def _named(check: Callable[[Any], Any]) -> Callable[[Any, ValidationInfo], Any]:
    """``check`` as a validator whose errors name the field."""

    def named(value: Any, info: ValidationInfo) -> Any:
        try:
            return check(value)
        except AtlasError as error:
            raise error.at(info.field_name or "value") from error

    return named


def _dates(value: str) -> str:
    day_span(value)
    return value


def _day(value: object) -> object:
    """A day as ``YYYY-MM-DD`` or a date; pydantic alone takes 0 for 1 January 1970 (B29)."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or _DAY.fullmatch(value.strip()) is None:
        raise InputError("bad_date", "A day is written YYYY-MM-DD.", got=value, fix="For example 2014-09-23.")
    window(value, tz="UTC")
    return value.strip()


def _instant(value: object) -> object:
    """A moment with its zone; pydantic alone takes a bare number for seconds since 1970 (B29)."""
    if isinstance(value, str):
        if _MOMENT.match(value.strip()) is None:
            fix = "For example 2024-05-01T12:30:00Z."
            raise InputError("bad_date", "A moment has a date, a time and a zone.", got=value, fix=fix)
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise InputError("impossible_date", f"There is no such moment: {error}.", got=value) from error
    if not isinstance(value, datetime):
        raise InputError("bad_date", "A moment has a date, a time and a zone.", got=value)
    moment = utc(value)
    if moment > datetime.now(UTC) + timedelta(days=1):
        raise InputError("future_date", "The moment lies in the future.", got=value.isoformat())
    return moment


def _described(limit: int, **more: Any) -> WithJsonSchema:
    """What a JSON schema says of a text: not blank, without control characters, ``limit`` characters at most."""
    pattern = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": limit, "pattern": pattern} | more)


def _as_given(value: object) -> object:
    return value


_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")

Code = Annotated[str, _text(SHORT, identifier=True), _described(SHORT)]
Line = Annotated[str, _text(LINE, identifier=False), _described(LINE)]
Paragraph = Annotated[str, _text(PARAGRAPH, identifier=False), _described(PARAGRAPH)]
WebAddress = Annotated[
    str, _text(PARAGRAPH, identifier=True), AfterValidator(_named(_web_address)), _described(PARAGRAPH, format="uri")
]
Dates = Annotated[
    str,
    _text(SHORT, identifier=True),
    AfterValidator(_named(_dates)),
    _described(SHORT, examples=["2017-03-24", "2017-04", "2017-03-24/2017-03-27"]),
]
"""A day, month, year or interval (``2017-03-24``, ``2017-04``, ``2017-03-24/2017-03-27``)."""
Day = Annotated[date, BeforeValidator(_named(_day))]
Instant = Annotated[datetime, BeforeValidator(_named(_instant))]
Whole = Annotated[int, PlainValidator(_as_given, json_schema_input_type=int)]
"""A count, handed on as given: `incidents.counts` refuses true, 3.0 and "12", which pydantic would turn into 1, 3
and 12 (B21)."""
Degrees = Annotated[float, PlainValidator(_as_given, json_schema_input_type=float)]
"""Degrees, handed on as given: `gazetteer.points` refuses text and NaN with codes of its own (B38, B39)."""
RowNumber = Annotated[int, Field(strict=True, ge=1)]
"""The number of a row, as lists show it."""


def validated(model: type[Model], data: Mapping[str, Any], *, where: str) -> Model:
    """``data`` as a ``model``.

    Args:
        model: an input class.
        data: field names and values.
        where: what the data are, for the message.

    Raises:
        InputError: the first thing that is wrong, with the name of its field.
    """
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        raise _first_error(error, model, where) from error
    except AtlasError as error:
        raise error.at(where) from error


CODES = {
    "extra_forbidden": "unknown_field",
    "missing": "missing_field",
    "enum": "unknown_value",
    "string_unicode": "bad_unicode",
}


def _first_error(error: ValidationError, model: type[Input], where: str) -> InputError:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or model.__name__
    code = CODES.get(first["type"], "invalid_value")
    fix = f"Known fields: {', '.join(sorted(model.model_fields))}." if code == "unknown_field" else None
    got = None if code == "missing_field" else first.get("input")
    return InputError(code, f"{first['msg']}.", where=f"{where}, {field}", got=got, fix=fix)


def span(dates: str | None) -> tuple[datetime | None, datetime | None]:
    """The UTC bounds of ``dates``; (None, None) when there are none."""
    return (None, None) if dates is None else day_span(dates)
