"""What a person says of a place, checked before it is written: strict models whose errors name the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from db.cells import clean_text
from db.errors import AtlasError, InputError
from db.tables.base import LINE, SHORT
from db.vocabulary import NameKind, PlaceKind
from gazetteer.points import check_point
from gazetteer.sources.names import clean_name, match_key

Model = TypeVar("Model", bound="PlaceChange | PlaceInput | NameInput")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_COUNTRY = re.compile(r"[A-Z]{2}")


def _name(value: str) -> str:
    """A name that can be looked up, without invisible marks."""
    name = clean_name(clean_text(value, "name", max_length=LINE))
    if match_key(name) == "":
        raise InputError("empty_name", "The name has no letter or digit.", where="name", got=value)
    return name


def _code(value: str, info: ValidationInfo) -> str:
    return clean_text(value.strip(), info.field_name or "code", identifier=True, max_length=SHORT)


def _language(value: str) -> str:
    if _LANGUAGE.fullmatch(value) is None:
        fix = "Use an ISO 639 code, for example ar, en or ku."
        raise InputError("bad_language", "This is no code of a language.", where="language", got=value, fix=fix)
    return value


def _country(value: str) -> str:
    code = value.strip().upper()
    if _COUNTRY.fullmatch(code) is None:
        fix = "Use the two-letter ISO 3166 code, for example SY."
        raise InputError("bad_country", "This is no code of a country.", where="country", got=value, fix=fix)
    return code


def _line(value: str, info: ValidationInfo) -> str:
    return clean_text(value.strip(), info.field_name or "text", max_length=LINE)


PlaceName = Annotated[str, AfterValidator(_name)]
Line = Annotated[str, AfterValidator(_line)]
Code = Annotated[str, AfterValidator(_code)]
Country = Annotated[str, AfterValidator(_country)]
Language = Annotated[str, AfterValidator(_language)]
Radius = Annotated[float, Field(ge=0, le=21_000_000, allow_inf_nan=False)]
People = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]


class _Input(BaseModel):
    """The base: unknown fields are refused, nothing is changed after checking."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PlaceInput(_Input):
    """A place that a person adds.

    Attributes:
        lon: degrees.
        lat: degrees.
        names: other names.
        codes: official codes (P-codes).
        radius_m: metres round the point; by default that of the kind and population.
        admin1: name or code of the first-order unit.
        admin2: name or code of the second-order unit.
        licence: where the place is taken from a work that has one.
    """

    name: PlaceName
    lon: float
    lat: float
    kind: PlaceKind = PlaceKind.SETTLEMENT
    names: tuple[PlaceName, ...] = ()
    codes: tuple[Code, ...] = ()
    country: Country | None = None
    admin1: Line | None = None
    admin2: Line | None = None
    radius_m: Radius | None = None
    population: People | None = None
    licence: Line | None = None

    @model_validator(mode="after")
    def _on_earth(self) -> PlaceInput:
        check_point(self.lon, self.lat, where="place")
        return self


class PlaceChange(_Input):
    """What a person changes of a place; fields that are not given stay as they are."""

    name: PlaceName | None = None
    lon: float | None = None
    lat: float | None = None
    kind: PlaceKind | None = None
    radius_m: Radius | None = None
    admin1: Line | None = None
    admin2: Line | None = None
    population: People | None = None


class NameInput(_Input):
    """A name that a person gives a place."""

    name: PlaceName
    language: Language | None = None
    kind: NameKind = NameKind.NAME
    source: Line | None = None


def checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    """``values`` as a ``model``.

    Raises:
        InputError: the field's own error, or ``bad_<field>`` for a value of another type or range.
    """
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0]) if len(first["loc"]) > 0 else "place"
        why = f"The value does not fit: {first['msg']}."
        raise InputError(f"bad_{field}", why, where=field, got=first["input"]) from error
    except AtlasError as error:
        raise error.at("place") from error
