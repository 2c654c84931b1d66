"""Plan periods: their calendars, opening the next one, and the record of who set which calendar and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select

from api.access import refusal, table
from api.desk import Desk, Served, Signed
from api.listing import NamedPart, Part, part_of
from api.plain import Plain
from api.problems import Problem
from api.publications import newest_rulesets
from api.store import calendars, chain
from api.store.schema import cycle
from engine.findings import Finding, finding
from engine.text.nearest import nearest

router = APIRouter(tags=["reference"], route_class=Plain)
YEARS_MAX = 10
"""Of a plan period."""
BEFORE = 2
"""A period's milestones lie at most so many years before its first one, and not after its last."""


class Calendar(BaseModel):
    """The days of all milestones that are to have one, and the act or order it rests on."""

    calendar: dict[Annotated[str, Field(max_length=100)], date] = Field(
        max_length=100, examples=[{"institution-requests": "2026-05-01", "requests": "2026-05-15"}]
    )
    reason: str = Field(min_length=1, max_length=2_000, examples=["Order No. 12 of 2026-04-28"])


@router.get("/cycles")
def cycles(desk: Served, user: Signed, part: Annotated[NamedPart, Query()]) -> dict[str, Any]:
    """The plan periods and their calendars; `next` continues the list."""
    with desk.reading() as connection:
        wanted = select(cycle).where(cycle.c.name.collate("C") > part.after).order_by(cycle.c.name.collate("C"))
        rows = connection.execute(wanted.limit(part.count))
        return part_of("cycles", [{"name": row.name, "calendar": row.calendar} for row in rows], part.count, "name")


@router.get("/cycles/changes")
def changes(desk: Served, user: Signed, part: Annotated[Part, Query()]) -> dict[str, Any]:
    """Which calendars were set, the first first, and whether the chain of these lines is whole; `next` continues."""
    with desk.reading() as connection:
        lines = calendars.lines(connection)
    shown = [chain.told(line) for line in lines if line.number > part.after][: part.count]
    return part_of("changes", shown, part.count, "number") | {"whole": not chain.broken(lines)}


@router.put("/cycles/{name}")
def arrange(desk: Served, user: Signed, name: str, body: Calendar) -> dict[str, Any]:
    """Give a plan period another calendar, or open the one that follows the last; the milestones that are not named
    have no day. From now on it says who may do what until when. The same calendar again changes nothing."""
    if (refused := refusal(user, "calendar", None)) is not None:
        raise Problem([refused])
    calendar = {milestone: day.isoformat() for milestone, day in body.calendar.items()}
    with desk.transaction() as connection:
        calendars.alone(connection)
        known = {row.name: row.calendar for row in connection.execute(select(cycle))}
        if wrong := [*_wrong_name(name, known), *_wrong_days(desk, connection, name, body.calendar)]:
            raise Problem(wrong)
        if known.get(name) == calendar:
            return {"name": name, "calendar": calendar, "change": None}
        line = calendars.arrange(connection, name, calendar, user.account, body.reason)
    return {"name": name, "calendar": calendar, "change": chain.told(line)}


def _wrong_name(name: str, known: Mapping[str, object]) -> Iterator[Finding]:
    """Periods follow one another by a year; the first one may be any."""
    if name in known:
        return
    last = _years(max(known, default="")) or (date.today().year, date.today().year + 2)
    following = f"{last[0] + 1}-{last[1] + 1}"
    if (name != following) if known else (_years(name) is None):
        yield finding("cycle-not-next", None, got=name, next=following)


def _wrong_days(desk: Desk, connection: Connection, name: str, wanted: Mapping[str, date]) -> Iterator[Finding]:
    known = _milestones(desk, connection)
    first, last = _years(name) or (date.min.year + BEFORE, date.max.year)
    for milestone, day in wanted.items():
        if milestone not in known:
            told = {"known": ", ".join(sorted(known)), "nearest": nearest(milestone, sorted(known))}
            yield finding("milestone-unknown", None, got=milestone, **told)
        elif not first - BEFORE <= day.year <= last:
            told = {"milestone": milestone, "got": day.isoformat(), "cycle": name}
            yield finding("milestone-day-outside", None, first=first - BEFORE, last=last, **told)


def _milestones(desk: Desk, connection: Connection) -> set[str]:
    """What the table of access and the workflows of the newest rulesets name as the end of something."""
    rulesets = [desk.store.texts.ruleset_of(connection, one) for one in newest_rulesets(desk, connection).values()]
    named = [step.deadline for ruleset in rulesets for step in ruleset.workflow]
    return {one for one in (*named, *(rule.until for rule in table().rules)) if one}


def _years(name: str) -> tuple[int, int] | None:
    """The first and last year of a period by its name; None where it is no such name."""
    told = re.fullmatch(r"([12]\d{3})-([12]\d{3})", name, re.ASCII)
    first, last = (int(told[1]), int(told[2])) if told else (0, -1)
    return (first, last) if first <= last < first + YEARS_MAX else None
