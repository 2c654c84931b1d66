"""The service: `create` finds the database, listens to its journal, and answers under /api/v1; what all need is read
into memory meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from http import HTTPStatus
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from api import pages, problems
from api.answers import PREFIX, Described
from api.bodies import Bodies
from api.chores import Chores
from api.desk import Desk
from api.live import Live
from api.observing import Observed
from api.problems import Problem
from api.rates import Rates
from api.routes import (
    attachments,
    before,
    beginnings,
    cycles,
    editions,
    events,
    exchange,
    lines,
    operation,
    organisations,
    publications,
    reference,
    remarks,
    scenarios,
    session,
    start,
    steps,
    submissions,
    totals,
)
from api.sessions import Doorkeeper
from api.settings import Settings, from_environment
from api.store import Store
from api.store.database import AWAY, CONNECTIONS, LOST, Database, connected, opened
from api.store.rehearsal import Known
from api.store.statement import Errands
from api.swift import LANES, Swift
from api.tags import Tagged, UnchangedError, unchanged
from api.zipped import Zipped

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase} for status in (401, 403, 404, 409, 413, 415, 422, 429, 503)
}
"""What any route may answer but for what it is asked; how these look, `answers` tells."""
PROBLEMS = {
    UnchangedError: unchanged,
    Problem: problems.answer,
    RequestValidationError: problems.unreadable,
    HTTPException: problems.refused_by_framework,
    **dict.fromkeys(AWAY, problems.away),
    DataError: problems.unusable,
    UnicodeEncodeError: problems.unusable,
    Exception: problems.failed,
}
PROMISE = f"""
What is under `{PREFIX}` is kept: a route, a parameter, a field of an answer and the code of a finding keep their names
and meanings, and what was accepted goes on being accepted. What may come without notice are new routes, new parameters
that need not be given, new fields of answers, new codes of findings and new words of a vocabulary: leave unread what
you do not know. What would break a caller gets a new prefix, beside which this one answers for one budget cycle more.

What is read has an `ETag`; asked again with `If-None-Match` it is 304 as long as it is the same. A list continues with
`after`, the `next` of the part before, `count` at a time. What is asked again with the same `Idempotency-Key` is done
once.

The texts of findings may be put better at any time; rely on their codes.
"""
"""What callers may rely on, told with the description."""
ANYHOW = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]


def create(settings: Settings | None = None, known: Known | None = None) -> FastAPI:
    """The application; without settings, those of the environment. `known` is what this process has loaded already."""
    chosen, known = settings or from_environment(), known or Known()

    @asynccontextmanager
    async def alive(app: FastAPI) -> AsyncIterator[None]:
        # more at once would only take the processor from one another, and wait for connections
        to_thread.current_default_thread_limiter().total_tokens = CONNECTIONS
        app.state.lanes = CapacityLimiter(LANES)
        with _database(chosen) as database:
            store, doorkeeper = Store(database, known.texts, known.memory), Doorkeeper()
            live = Live(database, known.totals, doorkeeper.forget_all)
            errands = Errands(database.address, LOST)
            app.state.desk = desk = Desk(chosen, database, store, live.totals, live, errands, doorkeeper)
            app.state.rehearsed = bool(store.texts.plans)
            app.state.chores = chores = Chores(desk)
            chores.begin()
            live.begin()
            try:
                if not chosen.prepared:
                    chores.warm.wait()
                yield
            finally:
                live.end()
                chores.end()
                await errands.end()
                database.engine.dispose()

    app = Described(
        title="Esep",
        version="1",
        description=PROMISE,
        lifespan=alive,
        docs_url="/api/docs",
        openapi_url=f"{PREFIX}/openapi.json",
    )
    for wrong, told in PROBLEMS.items():
        app.add_exception_handler(wrong, told)
    app.router.routes.extend([Swift(), *_routes()])
    app.state.rates = rates = Rates(chosen)
    app.add_middleware(Tagged, prefix=f"{PREFIX}/")
    app.add_middleware(Zipped)
    app.add_middleware(Bodies)
    app.add_middleware(Observed, rates=rates)
    app.add_route("/api/{rest:path}", problems.no_route, methods=ANYHOW, include_in_schema=False)
    app.mount("/assets", pages.Files(directory=pages.BUILT / "assets", check_dir=False))
    app.include_router(pages.router)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """What all applications of this process answer: to read what each route takes is most of what making one costs."""
    versioned, whole = APIRouter(responses=REFUSALS), APIRouter()
    of_submissions = (beginnings, submissions, steps, editions, before, remarks, attachments, exchange, lines)
    for noun in (
        session,
        start,
        *of_submissions,
        totals,
        scenarios,
        publications,
        reference,
        cycles,
        organisations,
        events,
    ):
        versioned.include_router(noun.router)
    whole.include_router(versioned, prefix=PREFIX)
    whole.include_router(operation.router)
    return whole.routes


@contextmanager
def _database(chosen: Settings) -> Iterator[Database]:
    if chosen.prepared and chosen.database is not None:
        yield connected(chosen.database)
        return
    with opened(chosen.database, chosen.folder) as database:
        yield database
