"""What a user sees first and how one finds things: what waits and by when, search, and the page's own memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection, func, select, update

from api import wire
from api.access import refusal
from api.beginnings import offered, unbegun
from api.ceilings import limits_left
from api.demo import is_demo
from api.desk import Desk, Served, Signed, calendar_of, subject_of, visible
from api.plain import Plain
from api.practice import practising, told
from api.problems import Problem
from api.store.held import Held
from api.store.schema import account, remark
from engine.findings import Finding, finding
from engine.verdicts import findings_of

router = APIRouter(tags=["start"], route_class=Plain)
LAYOUT_MAX = 64 * 1024
HITS_MAX = 50
SUBMISSIONS_SHOWN = 20
FINDINGS_SHOWN = 5
LOOKED_INTO = 3
"""Whoever sees no more submissions than these is told what is in them, though not to edit."""
SEVERITIES = ("error", "warning", "note")


class Layout(BaseModel):
    """What the page wants to remember of its user: column widths, orders, the last form looked at."""

    layout: dict[str, Any]


class Words(BaseModel):
    """What is searched for."""

    words: str = Field(min_length=1, max_length=200, examples=["топливо"])


@router.get("/start")
def start(desk: Served, user: Signed) -> dict[str, Any]:
    """What waits for a user: first the submissions that one may edit, with what is wrong in them and their limits; how
    many there are at each stage; the calendar; and in a demo the planted errors."""
    today = date.today()
    with desk.reading() as connection:
        mine = _newest(visible(connection, user))
        remarks = _open_remarks(connection, [row.id for row in mine])
        planted = practising(connection) if is_demo(connection) else {}
        able = {row.id: refusal(user, "edit", subject_of(row), calendar_of(row), today) is None for row in mine}
        mine.sort(key=lambda row: (not able[row.id], -remarks.get(row.id, 0), row.id))
        desk.totals.catch_up(connection)
        shown = [_waiting(row, able[row.id], remarks.get(row.id, 0), today) for row in mine[:SUBMISSIONS_SHOWN]]
        for one, row in zip(shown, mine, strict=False):
            one["ruleset_title"] = dict(desk.store.texts.ruleset_of(connection, row.ruleset).title)
        practice: list[wire.Wire] = []
        for one in shown:
            if one["may_edit"] or len(mine) <= LOOKED_INTO:
                held = desk.opened(connection, user, one["id"])
                found = findings_of(held.plan, held.workbook)
                one.update(_within(desk, held, found))
                practice += told(held, planted.get(one["institution"], ()), found) if one["may_edit"] else []
        owners = unbegun(desk, connection, user)
        beginnings = [one for owner in owners[:LOOKED_INTO] for one in offered(desk, connection, user, owner)]
    days = [calendar_of(row) for row in (*(row for row, _ in owners[:1]), *mine[-1:])]
    return {
        "submissions": shown,
        "visible": len(mine),
        "open_remarks": sum(remarks.values()),
        "stages": Counter(row.state for row in mine),
        "beginnings": beginnings,
        "unbegun": len(owners),
        "calendar": _calendar(days[0], today) if days else [],
        "practice": practice,
    }


@router.get("/search")
def search(desk: Served, user: Signed, wanted: Annotated[Words, Query()]) -> dict[str, Any]:
    """Institutions by code or title in three languages, forms and columns of the submissions that one sees."""
    words = wanted.words.casefold()
    with desk.reading() as connection:
        mine = _newest(visible(connection, user))
        found = [
            {"kind": "submission", "id": row.id, "code": row.code, "title": row.titles}
            for row in mine
            if any(words in text.casefold() for text in (row.code, *row.titles.values()))
        ]
        first = {row.ruleset: row.id for row in reversed(mine)}
        for ruleset, number in sorted(first.items(), key=lambda pair: pair[1]):
            for form in desk.store.texts.ruleset_of(connection, ruleset).forms.values():
                parts = [(None, form.title, form.code), *((c.name, c.title, c.name) for c in form.columns.values())]
                found += [
                    {"kind": "column" if name else "form", "submission": number}
                    | {"form": form.name, "code": form.code, "column": name, "title": title}
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


def _newest(seen: Iterable[Any]) -> list[Any]:
    """The submissions of the last cycle among those that one sees: what is past waits for nobody."""
    mine = list(seen)
    last = max((row.cycle for row in mine), default=None)
    return [row for row in mine if row.cycle == last]


def _open_remarks(connection: Connection, numbers: list[int]) -> dict[int, int]:
    wanted = select(remark.c.submission, func.count()).where(remark.c.closed_at.is_(None), remark.c.answers.is_(None))
    wanted = wanted.where(remark.c.submission.in_(numbers)).group_by(remark.c.submission)
    return {row[0]: row[1] for row in connection.execute(wanted)}


def _waiting(row: Any, may_edit: bool, remarks: int, today: date) -> wire.Wire:
    coming = [one for one in _calendar(calendar_of(row), today) if one["days"] >= 0]
    told: wire.Wire = {"id": row.id, "institution": row.code, "title": row.titles, "state": row.state}
    return told | {"may_edit": may_edit, "open_remarks": remarks, "deadline": coming[0] if coming else None}


def _within(desk: Desk, held: Held, found: Sequence[Finding]) -> wire.Wire:
    """What one sees only by opening it: what the checks say, once for all years, the worst first, and the limits."""
    distinct: dict[object, Finding] = {}
    for one in found:
        distinct.setdefault((one.code, one.cell and (one.cell.form, one.cell.row)), one)
    graver = sorted(distinct.values(), key=lambda one: SEVERITIES.index(one.severity))
    limits = limits_left(desk.totals, held)
    counts = Counter(one.severity for one in graver)
    forms = [held.plan.ruleset.forms.get(one.cell.form) if one.cell else None for one in graver[:FINDINGS_SHOWN]]
    first = [
        one | {"form": {"title": form.title, "code": form.code} if form else None}
        for one, form in zip(wire.findings(held, graver[:FINDINGS_SHOWN]), forms, strict=True)
    ]
    return {
        "findings": {"counts": counts, "first": first},
        "limits": limits,
        "limits_exceeded": [one for one in limits if one["level"] == "institution" and int(one["left"]) < 0],
    }


def _calendar(days: Mapping[str, date], today: date) -> list[wire.Wire]:
    """The milestones of a cycle in the order of their days."""
    dated = sorted((day, name) for name, day in days.items())
    return [{"milestone": name, "date": day, "days": (day - today).days} for day, name in dated]
