"""What a user sees first and how one finds things: what waits and by when, search, and the page's own memory."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection, func, select, update

from api import wire
from api.access import refusal
from api.ceilings import limits_left
from api.desk import Served, Signed, calendar_of, subject_of, visible
from api.problems import Problem
from api.store.schema import account, remark
from engine.findings import finding

router = APIRouter(tags=["start"])
LAYOUT_MAX = 64 * 1024
HITS_MAX = 50
SUBMISSIONS_SHOWN = 20


class Layout(BaseModel):
    """What the page wants to remember of its user: column widths, orders, the last form looked at."""

    layout: dict[str, Any]


class Words(BaseModel):
    """What is searched for."""

    words: str = Field(min_length=1, max_length=200, examples=["топливо"])


@router.get("/start")
def start(desk: Served, user: Signed) -> dict[str, Any]:
    """What waits for a user: submissions that one may edit, their deadlines, open remarks, limits exceeded."""
    today = date.today()
    with desk.reading() as connection:
        mine = list(visible(connection, user))
        remarks = _open_remarks(connection, [row.id for row in mine])
        items = []
        for row in mine:
            subject, calendar = subject_of(row), calendar_of(row)
            may_edit = refusal(user, "edit", subject, calendar, today) is None
            items.append({"row": row, "may_edit": may_edit, "remarks": remarks.get(row.id, 0), "calendar": calendar})
        items.sort(key=lambda item: (not item["may_edit"], -item["remarks"], item["row"].id))
        shown = items[:SUBMISSIONS_SHOWN]
        told = [_item(item, today) for item in shown]
        for item, of in zip(shown, told, strict=True):
            if item["may_edit"]:
                held = desk.store.open(connection, item["row"].id)
                over = [one for one in limits_left(desk.totals, held) if int(one["left"]) < 0] if held else []
                of["limits_exceeded"] = over
    return {"submissions": told, "visible": len(mine), "open_remarks": sum(remarks.values())}


@router.get("/search")
def search(desk: Served, user: Signed, wanted: Annotated[Words, Query()]) -> dict[str, Any]:
    """Institutions by code or title in three languages, forms and columns of the submissions that one sees."""
    words = wanted.words.casefold()
    with desk.reading() as connection:
        mine = list(visible(connection, user))
        found = [
            {"kind": "submission", "id": row.id, "code": row.code, "title": row.titles}
            for row in mine
            if any(words in text.casefold() for text in (row.code, *row.titles.values()))
        ]
        if mine and (held := desk.store.open(connection, mine[0].id)) is not None:
            for form in held.plan.ruleset.forms.values():
                parts = [(None, form.title, form.code), *((c.name, c.title, c.name) for c in form.columns.values())]
                found += [
                    {"kind": "column" if name else "form", "form": form.name, "column": name, "title": title}
                    for name, title, code in parts
                    if any(words in text.casefold() for text in (code, *title.values()))
                ]
    return {"found": found[:HITS_MAX], "more": len(found) > HITS_MAX}


@router.get("/layout")
def layout(desk: Served, user: Signed) -> dict[str, Any]:
    """What the page remembered."""
    with desk.reading() as connection:
        return {"layout": connection.scalar(select(account.c.layout).where(account.c.id == user.account))}


@router.put("/layout")
def remember(desk: Served, user: Signed, body: Layout) -> dict[str, Any]:
    """Remember it."""
    size = len(json.dumps(body.layout).encode())
    if size > LAYOUT_MAX:
        raise Problem([finding("layout-too-large", None, size=size, limit=LAYOUT_MAX)])
    with desk.transaction() as connection:
        connection.execute(update(account).where(account.c.id == user.account).values(layout=body.layout))
    return {"layout": body.layout}


def _open_remarks(connection: Connection, numbers: list[int]) -> dict[int, int]:
    wanted = select(remark.c.submission, func.count()).where(remark.c.closed_at.is_(None), remark.c.answers.is_(None))
    wanted = wanted.where(remark.c.submission.in_(numbers)).group_by(remark.c.submission)
    return {row[0]: row[1] for row in connection.execute(wanted)}


def _item(item: dict[str, Any], today: date) -> dict[str, Any]:
    row = item["row"]
    coming = sorted((day, name) for name, day in item["calendar"].items() if day >= today)
    deadline = (
        {"milestone": coming[0][1], "date": coming[0][0], "days": (coming[0][0] - today).days} if coming else None
    )
    told: wire.Wire = {"id": row.id, "institution": row.code, "title": row.titles, "state": row.state}
    return told | {"may_edit": item["may_edit"], "open_remarks": item["remarks"], "deadline": deadline}
