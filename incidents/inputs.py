"""What comes in is checked here: strict models, and errors that name the field and the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo

from db.cells import clean_text
from db.errors import AtlasError, InputError
from db.tables.base import LINE, PARAGRAPH, SHORT
from incidents.windows import day_span

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
    scheme = urlsplit(value).scheme.lower()
    if scheme not in {"http", "https"}:
        raise InputError(
            "bad_url",
            "Only addresses that begin with http:// or https:// are kept as a source.",
            got=value,
            fix="Give the page's own address, or leave it out and describe the source in the title.",
        )
    return value


def _dates(value: str) -> str:
    day_span(value)
    return value


Code = Annotated[str, _text(SHORT, identifier=True)]
Line = Annotated[str, _text(LINE, identifier=False)]
Paragraph = Annotated[str, _text(PARAGRAPH, identifier=False)]
WebAddress = Annotated[str, _text(PARAGRAPH, identifier=True), AfterValidator(_web_address)]
Dates = Annotated[str, _text(SHORT, identifier=True), AfterValidator(_dates)]
"""A day, month, year or interval (``2017-03-24``, ``2017-04``, ``2017-03-24/2017-03-27``)."""


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


CODES = {"extra_forbidden": "unknown_field", "missing": "missing_field", "enum": "unknown_value"}


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
