"""Bodies of changes: read strictly, checked by the models of the command line, and described in the API's document."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import create_model
from pydantic.json_schema import models_json_schema

from db.errors import InputError
from db.strictjson import read_json
from incidents.api.examples import EXAMPLES
from incidents.inputs import Input, Paragraph, validated

MAX_DEPTH = 32
MAX_BYTES = 2_000_000
TYPES = frozenset({"application/json", "application/merge-patch+json"})
REFERENCE = "#/components/schemas/{model}"

Data = TypeVar("Data", bound=Input)


class Change(Input, Generic[Data]):
    """A change: what is recorded, and the reason, which is kept with every row."""

    why: Paragraph
    data: Data


_described: dict[str, type[Input]] = {}


def body_of(model: type[Input]) -> dict[str, Any]:
    """The part of a route's description that says what its body is."""
    name = f"{model.__name__}Change"
    _described[name] = create_model(name, __base__=Input, why=(Paragraph, ...), data=(model, ...))
    example = {"why": "Published by its source.", "data": EXAMPLES[model.__name__]}
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model=name)}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def body_schemas() -> dict[str, Any]:
    """The schemas that :func:`body_of` refers to."""
    models: Any = [(model, "validation") for model in _described.values()]
    found: dict[str, Any] = models_json_schema(models, ref_template=REFERENCE)[1]["$defs"]
    return found


async def read_change(request: Request, model: type[Data]) -> tuple[Change[Data], bytes]:
    """The change that the body of ``request`` says, and the body.

    Raises:
        InputError: it is of another type, no JSON that can be read in one way only, or not acceptable.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in TYPES:
        raise InputError(
            "unsupported_media_type", "A change is sent as JSON.", where="Content-Type", got=kind,
            fix="Send Content-Type: application/json.",
        )  # fmt: skip
    raw = await request.body()
    value = read_json(raw, where="body", max_depth=MAX_DEPTH, max_bytes=MAX_BYTES)
    if not isinstance(value, dict):
        raise InputError("not_an_object", "A change is an object with why and data.", where="body")
    checked: Change[Data] = validated(Change[model], value, where="body")  # type: ignore[valid-type]  # made at run time
    return checked, raw
