"""Submissions and totals as files, and files back into submissions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select

from api import wire
from api.access import User
from api.attachments import SIZE_MAX, disposition
from api.desk import Desk, Served, Signed
from api.exchange import Report, Told, Wish, form_file, read_changes, totals_file, workbook_file
from api.exchange.reading import XLSX, Refused
from api.exchange.words import titled
from api.once import Key
from api.problems import Problem
from api.routes.totals import seen
from api.store import Deed, actions
from api.store.held import Held, Payload
from api.store.schema import organisation
from api.tags import follows_from
from engine.findings import Finding, finding
from engine.text.nearest import nearest

router = APIRouter(tags=["exchange"])
Language = Literal["kk", "ru", "en"]
Format = Literal["xlsx", "csv", "parquet"]
MEDIA_TYPES = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
FILES: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}}
BINARY = {"requestBody": {"required": True, "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}}


class Asked(BaseModel):
    """Which file: the whole submission as a workbook, or one form of it as a table."""

    format: Format = "xlsx"
    form: str = Field("", max_length=200, description="of csv and parquet", examples=["purchases"])
    months: bool = Field(False, description="the monthly columns of the form, a line for each month")
    language: Language = "ru"


class Taken(BaseModel):
    """How a file is taken: `dry` only tells what would change; at a revision, if it is given."""

    dry: bool = True
    revision: int | None = Field(None, ge=0, le=2**53)


class Totalled(BaseModel):
    """Which totals, along which dimensions, and as which file."""

    by: list[str] = Field(max_length=10, examples=[["institution", "year"]])
    where: list[str] = Field([], max_length=200, description="dimension:code, several for a choice")
    cycle: str | None = Field(None, max_length=20, description="without one, the newest")
    format: Format = "xlsx"
    language: Language = "ru"


def _how(
    taken: Annotated[Taken, Query()],
    key: Key = None,
) -> tuple[Taken, str | None]:
    return taken, key


How = Annotated[tuple[Taken, str | None], Depends(_how)]
"""How a file is taken, and the caller's key, so that asking twice does it once."""


@router.get("/submissions/{number}/export", response_class=Response, responses=FILES)
def export(desk: Served, user: Signed, number: int, asked: Annotated[Asked, Query()]) -> Response:
    """A submission as a workbook with live formulas, or a form of it as CSV or Parquet."""
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
    follows_from(held.head, date.today())
    name = f"submission-{number}-{held.revision}"
    if asked.format == "xlsx":
        numbers = {form: numbers.order for form, numbers in held.rows.items()}
        told = Told(asked.language, date.today(), f"{number}, {held.revision}", numbers)
        return _file(workbook_file(held.plan, held.workbook, told), name, "xlsx")
    forms = held.plan.ruleset.forms
    if asked.form not in forms:
        raise Problem([finding("form-unknown", None, got=asked.form, nearest=nearest(asked.form, forms))], held)
    rows = held.workbook.tables[held.plan.roots[asked.form]].rows
    wish = Wish(asked.form, asked.months, tuple(held.numbers(asked.form, range(rows))))
    data = form_file(held.plan, held.workbook, wish, asked.format)
    return _file(data, f"{name}-{asked.form}", asked.format)


@router.post("/submissions/{number}/import", openapi_extra=BINARY)
async def take(
    desk: Served,
    user: Signed,
    number: int,
    how: How,
    request: Request,
) -> dict[str, Any]:
    """Take the typed cells of a workbook: its bytes are the body. Dry: what would change, and what is refused and why.
    Else all of it is taken as one action, or nothing."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > SIZE_MAX:
            raise Problem([finding("attachment-too-large", None, size=len(data), limit=SIZE_MAX)])
    return await run_in_threadpool(_take, (desk, user), number, how, bytes(data))


@router.get("/totals/export", response_class=Response, responses=FILES)
def export_totals(
    desk: Served,
    user: Signed,
    asked: Annotated[Totalled, Query()],
) -> Response:
    """The sums along some dimensions, as far as one may see them, with titles, as a table."""
    position, _, lines = seen(desk, user, asked.by, (asked.where, asked.cycle))
    with desk.reading() as connection:
        titles = _titles(connection, asked.language)
    data = totals_file(lines, asked.by, titles, (asked.format, asked.language))
    return _file(data, f"totals-{position}", asked.format)


def _titles(connection: Connection, language: str) -> dict[str, dict[str, str]]:
    """What organisations are called, by their kind, which is a dimension of totals, and code."""
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(select(organisation.c.kind, organisation.c.code, organisation.c.titles)):
        found.setdefault(row.kind, {})[row.code] = titled(row.titles, row.code, language)
    return found


def _take(asked: tuple[Desk, User], number: int, how: tuple[Taken, str | None], data: bytes) -> dict[str, Any]:
    (desk, user), (taken, key) = asked, how
    with desk.reading() as connection:
        desk.allow(connection, user, "edit", number)
        held = desk.opened(connection, user, number)
    report = read_changes(held, data)
    if isinstance(report, Finding):
        raise Problem([report], held)
    wanted = [one.wanted for one in report.changes]

    def wish(now: Held) -> tuple[str, Payload, list[Finding]]:
        return "cells", *actions.cells(now, wanted)

    # What was read against one revision is never written over another.
    deed = Deed(user.account, held.revision if taken.revision is None else taken.revision, key)
    if taken.dry:
        delta = desk.tried(user, number, deed, wish) if wanted and not report.refused else None
        return {"delta": delta} | _told(held, report)
    if report.refused:
        raise Problem([one.why for one in report.refused], held)
    delta = desk.act(user, number, deed, wish) if wanted else None
    return {"delta": delta} | _told(held, report)


def _told(held: Held, report: Report) -> dict[str, Any]:
    changes = []
    for one in report.changes:
        form, row, column, year, text = one.wanted
        place = {"form": form, "row": row, "column": column, "year": year}
        changes.append({"sheet": one.sheet, "cell": one.cell, **place, "before": one.before, "after": text})
    refused = [_refused(held, one) for one in report.refused]
    return {"changes": changes, "refused": refused, "forms": report.forms, "unread": report.unread}


def _refused(held: Held, one: Refused) -> dict[str, Any]:
    return {"sheet": one.sheet, "cell": one.cell, "finding": wire.findings(held, [one.why])[0]}


def _file(data: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": disposition(f"{name}.{kind}"), "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=MEDIA_TYPES[kind], headers=headers)
