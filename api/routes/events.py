"""Server-sent events: whoever looks at a submission, or at totals, is told of each change as it is committed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import select

from api import wire
from api.access import User
from api.desk import Desk, Served, Signed
from api.store import journal
from api.store.database import AWAY
from api.store.schema import outbox
from api.store.texts import expanded

router = APIRouter(prefix="/events", tags=["events"])
AGAIN = 1.0
"""Seconds until a database that is away is asked again."""
SILENCE = 15
"""Seconds after which a sign of life is sent, so that proxies keep the line open and the page notices a dead one."""


class Followed(BaseModel):
    """Which submissions, and whether to tell when totals move; after which event."""

    submission: list[int] = Field([], max_length=50)
    totals: bool = False
    after: int | None = Field(None, ge=0, le=2**53)


@router.get("")
async def events(
    desk: Served,
    user: Signed,
    followed: Annotated[Followed, Query()],
    last_event_id: Annotated[int | None, Header(ge=0, le=2**53)] = None,
) -> StreamingResponse:
    """The deltas of some submissions from now on, or after the last event that one has had; each bears its position in
    the journal. `current` says once that nothing is outstanding, `still` that the line is alive, `moved` that anything
    was written at all, so that whoever looks at totals may ask again."""
    for number in followed.submission:
        await run_in_threadpool(_allow, desk, user, number)
    had = last_event_id if last_event_id is not None else followed.after
    last = had if had is not None else await run_in_threadpool(_now, desk)
    return StreamingResponse(_stream(desk, followed, last), media_type="text/event-stream")


async def _stream(desk: Desk, following: Followed, last: int) -> AsyncIterator[str]:
    yield f"retry: 1000\nid: {last}\n\n"
    behind, followed, seen = True, frozenset(following.submission), last
    with desk.live.watched(followed, following.totals) as grown:
        while True:
            grown.clear()
            try:
                found, newest = await run_in_threadpool(_since, desk, followed, last)
            except AWAY:  # whoever listens stays
                await asyncio.sleep(AGAIN)
                grown.set()
                found, newest, behind = [], seen, True
            for position, told in found:
                last = position
                yield f"id: {position}\nevent: delta\ndata: {told}\n\n"
            if behind and not grown.is_set():
                yield f"id: {last}\nevent: current\ndata: {{}}\n\n"
                behind = False
            if following.totals and newest > seen:
                seen = newest
                yield f"id: {last}\nevent: moved\ndata: {newest}\n\n"
            while not await _within(grown, SILENCE):
                yield "event: still\ndata: {}\n\n"


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _since(desk: Desk, followed: frozenset[int], last: int) -> tuple[list[tuple[int, str]], int]:
    """The events after a position, and where the totals stand now."""
    wanted = select(outbox).where(outbox.c.position > last, outbox.c.submission.in_(followed))
    with desk.reading() as connection:
        now = desk.totals.catch_up(connection)
        rows = list(connection.execute(wanted.order_by(outbox.c.position).limit(1_000))) if followed else []
    return [(row.position, json.dumps(_told(desk, row), ensure_ascii=False)) for row in rows], now


def _told(desk: Desk, row: Any) -> wire.Wire:
    body: wire.Wire = json.loads(expanded(row.body, row.size))
    lines = [tuple(key) for key in body.pop("lines")]
    totals = wire.totals(desk.totals.over(row.submission, lines))
    return {"position": row.position, "submission": row.submission, **body, "totals": totals}


def _allow(desk: Desk, user: User, number: int) -> None:
    with desk.reading() as connection:
        desk.allow(connection, user, "see", number)


def _now(desk: Desk) -> int:
    with desk.reading() as connection:
        return journal.last_position(connection)
