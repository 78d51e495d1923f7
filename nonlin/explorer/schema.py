"""The OpenAPI document, written from the declarations that requests are checked against."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import nonlin
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.parameters import Functions, Parameter

__all__ = ["NUMBER", "document", "listing", "record", "responses"]

_ABOUT = (
    "Activation functions, what is known of them, and what they do to a network: every number is "
    "computed by nonlin when it is asked for. JSON has no infinities and no NaN: an infinite "
    'number is the string "inf" or "-inf", and what is no number is null.'
)
ERROR = {
    "type": "object",
    "properties": {"error": {"type": "string", "description": "one sentence"}},
    "required": ["error"],
}
NUMBER = {"anyOf": [{"type": "number"}, {"type": "null"}, {"enum": ["inf", "-inf"]}]}


def listing(items: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a list."""
    return {"type": "array", "items": dict(items)}


def record(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an object that has all of these."""
    given = {name: dict(schema) for name, schema in properties.items()}
    return {"type": "object", "properties": given, "required": list(given)}


def document(endpoints: Iterable[Endpoint], more: Mapping[str, Any]) -> dict[str, Any]:
    """Write the document.

    Parameters
    ----------
    endpoints : iterable of Endpoint
    more : mapping of str to object
        Path items of what is no plain question: streams and uploads.

    Returns
    -------
    dict of str to object
    """
    paths = {each.path: {"get": _operation(each)} for each in endpoints}
    return {
        "openapi": "3.1.0",
        "info": {"title": "nonlin", "version": nonlin.__version__, "description": _ABOUT},
        "paths": paths | dict(more),
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "summary": endpoint.summary,
        "parameters": [_parameter(each) for each in endpoint.parameters],
        "responses": responses(endpoint.media, endpoint.schema),
    }


def responses(media: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an answer, and what a refusal looks like."""
    return {
        "200": {"description": "the answer", "content": {media: {"schema": dict(schema)}}},
        "4XX": {
            "description": "what is wrong with the request, in one sentence",
            "content": {"application/json": {"schema": ERROR}},
        },
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = {
        name: value
        for name, value in parameter.schema().items()
        if not (isinstance(value, float) and math.isinf(value))
    }
    if parameter.default is not None:
        schema["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.about,
        "required": isinstance(parameter, Functions),
        "schema": schema,
    }
