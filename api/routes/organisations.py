"""Reorganisations, and tables of organisations, staff and past lines taken by file or call."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import select

from api import wire
from api.access import User, refusal
from api.attachments import SIZE_MAX
from api.desk import Desk, Served, Signed
from api.exchange.reading import XLSX
from api.intake import Report, taken
from api.once import AskedOnce, Key, Once
from api.problems import Problem
from api.reorganisation import RefusedError, Wanted, reorganise
from api.store.chain import broken, told
from api.store.schema import organisation_change
from api.table_file import Row, read_table, rows_of
from engine.findings import Finding, finding

router = APIRouter(tags=["organisations"])
TABLES = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
            "application/json": {
                "schema": {
                    "type": "array",
                    "items": {"type": "object", "additionalProperties": {"type": "string"}},
                    "example": [{"kind": "institution", "code": "1020099", "parent": "102", "from": "2027-01-01"}],
                }
            },
        },
    }
}


class Change(BaseModel):
    """One organisation in place of one (rename), one of several (merge), several of one (split), from a day on."""

    kind: Literal["rename", "merge", "split"]
    on: date = Field(examples=["2027-01-01"])
    ending: list[int] = Field(min_length=1, max_length=1_000, description="organisations by their numbers")
    beginning: dict[str, dict[Literal["kk", "ru", "en"], str]] = Field(
        min_length=1, max_length=1_000, description="code and titles of each that begins"
    )
    heir: str = Field(max_length=200, description="the code of the one whose the open submissions become")
    reason: str = Field(min_length=1, max_length=2_000, examples=["Gov. resolution No. 1 of 2026-12-01"])
    dry: bool = Field(True, description="only tell what would become of it")


class Given(BaseModel):
    """Rows of a call."""

    rows: list[dict[str, str]] = Field(max_length=200_000)


class Since(BaseModel):
    """Which changes: after a number, so many."""

    after: int = Field(0, ge=0, le=2**53)
    count: int = Field(100, ge=1, le=1_000)


@router.get("/organisations/changes")
def changes(desk: Served, user: Signed, since: Annotated[Since, Query()]) -> dict[str, Any]:
    """What became of organisations, the first first, and whether the chain of these lines is whole."""
    with desk.reading() as connection:
        lines = list(connection.execute(select(organisation_change).order_by(organisation_change.c.number)))
    shown = [told(line) for line in lines if line.number > since.after][: since.count]
    more = bool(shown) and shown[-1]["number"] < len(lines)
    return {"changes": shown, "whole": not broken(lines), "next": shown[-1]["number"] if more else None}


@router.post("/organisations/changes")
def change(desk: Served, user: Signed, body: Change, key: Key = None) -> dict[str, Any]:
    """Reorganise; dry, only what would become of it."""
    _allow(user)
    beginning = {code: {str(of): title for of, title in titles.items()} for code, titles in body.beginning.items()}
    wanted = Wanted(body.kind, body.on, body.ending, beginning, body.heir, body.reason)
    with desk.database.engine.connect() as connection:
        try:
            done = reorganise(connection, user.account, wanted, key)
        except RefusedError as error:
            raise Problem([error.told]) from None
        if not body.dry:
            connection.commit()
            desk.doorkeeper.forget_all()
    return {"dry": body.dry, **done}


def _how(once: AskedOnce, *, dry: bool = True) -> tuple[bool, Once]:
    return dry, once


@router.post("/imports/{kind}", openapi_extra=TABLES)
async def take(
    desk: Served,
    user: Signed,
    kind: Literal["organisations", "staff", "past-lines"],
    request: Request,
    how: Annotated[tuple[bool, Once], Depends(_how)],
) -> dict[str, Any]:
    """Take a table: CSV or a workbook as the body, or JSON rows. Dry: what would become of each row. Else all of it in
    one transaction, or nothing where anything is wrong; once, however often it is asked for with one key."""
    _allow(user)
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > SIZE_MAX:
            raise Problem([finding("attachment-too-large", None, size=len(data), limit=SIZE_MAX)])
    rows = await run_in_threadpool(_rows, bytes(data), request.headers.get("content-type", ""))
    if isinstance(rows, Finding):
        raise Problem([rows])
    return await run_in_threadpool(_take, desk, kind, rows, how)


def _allow(user: User) -> None:
    refused = refusal(user, "organisations", None)
    if refused is not None:
        raise Problem([refused])


def _rows(data: bytes, media: str) -> list[Row] | Finding:
    if not media.startswith("application/json"):
        return read_table(data)
    try:
        return rows_of(Given.model_validate_json(b'{"rows":' + data + b"}").rows)
    except ValidationError as error:
        return finding("request-unreadable", None, part="body", problem=error.errors()[0]["msg"])


def _take(desk: Desk, kind: str, rows: list[Row], how: tuple[bool, Once]) -> dict[str, Any]:
    """Whoever asks again with a key is told what became of the table the first time; a dry run keeps no key."""
    dry, once = how
    with desk.database.engine.connect() as connection:
        if not dry and (told := once.answer(connection)) is not None:
            return told
        report = taken(connection, kind, rows)
        if report.wrong and not dry:
            raise Problem([one for _, _, one in report.wrong[:1_000]])
        told = {"dry": dry, **_told(report)}
        if not dry:
            once.keep(connection, told)
            connection.commit()
            desk.doorkeeper.forget_all()
    return told


def _told(report: Report) -> dict[str, Any]:
    findings = [
        {"row": line, "column": column, "finding": wire.findings(None, [one])[0]} for line, column, one in report.wrong
    ]
    return {"added": report.added, "changed": report.changed, "unchanged": report.unchanged, "findings": findings}
