"""What goes wrong, as problem details (RFC 9457) that carry findings in three languages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from api import wire
from api.store.held import Held
from engine.findings import Finding, finding

MEDIA_TYPE = "application/problem+json"
AWAY_SECONDS = 1
"""After which it is worth asking again what could not be answered now."""
STATUS = {
    "signed-out": HTTPStatus.UNAUTHORIZED,
    "sign-in-wrong": HTTPStatus.UNAUTHORIZED,
    "sign-in-locked": HTTPStatus.TOO_MANY_REQUESTS,
    "too-many-requests": HTTPStatus.TOO_MANY_REQUESTS,
    "access-refused": HTTPStatus.FORBIDDEN,
    "access-too-late": HTTPStatus.FORBIDDEN,
    "route-unknown": HTTPStatus.NOT_FOUND,
    "method-refused": HTTPStatus.METHOD_NOT_ALLOWED,
    "service-failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "submission-unknown": HTTPStatus.NOT_FOUND,
    "form-unknown": HTTPStatus.NOT_FOUND,
    "remark-unknown": HTTPStatus.NOT_FOUND,
    "attachment-unknown": HTTPStatus.NOT_FOUND,
    "cycle-unknown": HTTPStatus.NOT_FOUND,
    "scenario-unknown": HTTPStatus.NOT_FOUND,
    "trial-unknown": HTTPStatus.NOT_FOUND,
    "scenario-running": HTTPStatus.TOO_MANY_REQUESTS,
    "organisation-unknown": HTTPStatus.NOT_FOUND,
    "origin-missing": HTTPStatus.NOT_FOUND,
    "origin-unclear": HTTPStatus.CONFLICT,
    "submission-exists": HTTPStatus.CONFLICT,
    "step-unknown": HTTPStatus.CONFLICT,
    "step-refused": HTTPStatus.FORBIDDEN,
    "step-four-eyes": HTTPStatus.FORBIDDEN,
    "step-too-late": HTTPStatus.FORBIDDEN,
    "step-signature-needed": HTTPStatus.FORBIDDEN,
    "norm-not-found": HTTPStatus.NOT_FOUND,
    "classification-not-listed": HTTPStatus.NOT_FOUND,
    "remark-closed": HTTPStatus.CONFLICT,
    "attachment-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "attachment-type-refused": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "import-no-workbook": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "revision-stale": HTTPStatus.CONFLICT,
    "undo-conflict": HTTPStatus.CONFLICT,
    "nothing-to-undo": HTTPStatus.CONFLICT,
    "nothing-to-redo": HTTPStatus.CONFLICT,
    "undo-past-edition": HTTPStatus.CONFLICT,
    "edition-same": HTTPStatus.CONFLICT,
    "edition-unknown": HTTPStatus.NOT_FOUND,
    "edition-file-unknown": HTTPStatus.NOT_FOUND,
    "publication-overtaken": HTTPStatus.CONFLICT,
    "publication-same": HTTPStatus.CONFLICT,
    "database-away": HTTPStatus.SERVICE_UNAVAILABLE,
    "not-ready": HTTPStatus.SERVICE_UNAVAILABLE,
    "service-busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "request-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "request-too-slow": HTTPStatus.REQUEST_TIMEOUT,
}
"""The status of a finding; any other is 422: understood, and impossible."""


TOLD_MAX = 20
"""Slips of one request that are told."""


class Problem(Exception):
    """A refusal: its findings, and the submission in which their cells stand."""

    def __init__(
        self, found: Sequence[Finding], held: Held | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(found[0].text())
        self.found, self.held, self.headers = found, held, headers or {}

    @property
    def status(self) -> HTTPStatus:
        """What the first finding calls for."""
        return STATUS.get(self.found[0].code, HTTPStatus.UNPROCESSABLE_ENTITY)


def answer(request: Request, problem: Exception) -> Response:
    """A problem as a response."""
    assert isinstance(problem, Problem)
    first = problem.found[0]
    body = {
        "type": first.code,
        "title": first.text("en"),
        "status": problem.status.value,
        "findings": wire.findings(problem.held, problem.found),
    }
    # Escapes, since what was got may hold half a character, which no other text can.
    headers = dict(problem.headers)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", str(AWAY_SECONDS))
    return Response(json.dumps(body), problem.status.value, headers, MEDIA_TYPE)


def unreadable(request: Request, error: Exception) -> Response:
    """What of a request is not as its description says."""
    assert isinstance(error, RequestValidationError)
    slips = [
        finding("request-unreadable", None, part=".".join(map(str, one["loc"])), problem=one["msg"])
        for one in error.errors()[:TOLD_MAX]
    ]
    return answer(request, Problem(slips))


def unusable(request: Request, _: Exception) -> Response:
    """A value that the database cannot hold: a text with a NUL or half a character, a number beyond all numbers."""
    return answer(request, Problem([finding("value-unusable", None)]))


def away(request: Request, _: Exception) -> Response:
    """The database does not answer."""
    return answer(request, Problem([finding("database-away", None)]))


def failed(request: Request, _: Exception) -> Response:
    """Our own mistake; what it was stands in the log."""
    return answer(request, Problem([finding("service-failed", None)]))


async def no_route(request: Request) -> Response:
    """There is nothing at this address of the service, or nothing that is asked for in this way."""
    told: dict[str, dict[str, object]] = request.app.openapi()["paths"]
    methods = [
        method.upper() for path in told if compile_path(path)[0].match(request.url.path) for method in told[path]
    ]
    allowed = sorted(set(methods))
    if not allowed:
        return answer(request, Problem([finding("route-unknown", None, got=request.url.path)]))
    listed = ", ".join(allowed)
    refused = answer(request, Problem([finding("method-refused", None, got=request.method, allowed=listed)]))
    refused.headers["Allow"] = listed
    return refused


def refused_by_framework(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself, such as a body that breaks off."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return answer(request, Problem([finding("route-unknown", None, got=request.url.path)]))
    told = finding("request-unreadable", None, part=request.url.path, problem=error.detail)
    return answer(request, Problem([told]))
