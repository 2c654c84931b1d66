"""Answers that go out as they are made: what a route gives is plain already, and is not looked through once more on its
way to JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import Any

import orjson
from fastapi import Response
from fastapi.routing import APIRoute

MEDIA_TYPE = "application/json"


class Plain(APIRoute):
    """A route whose answer is written by its own thread; what it says of itself in OpenAPI stays the same. A response
    that it makes itself is left as it is."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **told: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else written(endpoint, told), **told)


def written(endpoint: Callable[..., Any], told: dict[str, Any]) -> Callable[..., Response]:
    """The same endpoint with its answer as JSON."""

    @wraps(endpoint)
    def write(*given: Any, **asked: Any) -> Response:
        answer = endpoint(*given, **asked)
        return answer if isinstance(answer, Response) else plain(answer, told.get("status_code") or 200)

    return write


def plain(answer: Any, status: int = HTTPStatus.OK) -> Response:
    """An answer as JSON."""
    return Response(_json(answer), status, media_type=MEDIA_TYPE)


def _json(answer: Any) -> bytes:
    try:
        return orjson.dumps(answer)
    except TypeError:  # a whole number of more than 64 bits, which only what the page remembers may hold
        return json.dumps(answer).encode()
