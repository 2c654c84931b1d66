"""What goes wrong, as problem details (RFC 9457) that carry findings in three languages."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api import wire
from api.store.held import Held
from engine.findings import Finding

MEDIA_TYPE = "application/problem+json"
STATUS = {
    "signed-out": HTTPStatus.UNAUTHORIZED,
    "sign-in-wrong": HTTPStatus.UNAUTHORIZED,
    "sign-in-locked": HTTPStatus.TOO_MANY_REQUESTS,
    "too-many-requests": HTTPStatus.TOO_MANY_REQUESTS,
    "access-refused": HTTPStatus.FORBIDDEN,
    "access-too-late": HTTPStatus.FORBIDDEN,
    "submission-unknown": HTTPStatus.NOT_FOUND,
    "form-unknown": HTTPStatus.NOT_FOUND,
    "remark-unknown": HTTPStatus.NOT_FOUND,
    "attachment-unknown": HTTPStatus.NOT_FOUND,
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
    "database-away": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of a finding; any other is 422: understood, and impossible."""


class Problem(Exception):
    """A refusal: its findings, and the submission in which their cells stand."""

    def __init__(self, found: Sequence[Finding], held: Held | None = None) -> None:
        super().__init__(found[0].text())
        self.found, self.held = found, held

    @property
    def status(self) -> HTTPStatus:
        """What the first finding calls for."""
        return STATUS.get(self.found[0].code, HTTPStatus.UNPROCESSABLE_ENTITY)


class ProblemDetails(BaseModel):
    """The body of every answer that is not what was asked for."""

    type: str = Field(examples=["revision-stale"])
    title: str
    status: int
    findings: list[dict[str, object]]


def answer(request: Request, problem: Exception) -> JSONResponse:
    """A problem as a response."""
    assert isinstance(problem, Problem)
    first = problem.found[0]
    body = {
        "type": first.code,
        "title": first.text("en"),
        "status": problem.status.value,
        "findings": wire.findings(problem.held, problem.found),
    }
    return JSONResponse(body, problem.status.value, media_type=MEDIA_TYPE)
