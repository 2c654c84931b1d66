"""The service: `create` opens the database, loads submissions and totals and listens, then answers under /api/v1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from api import pages, problems
from api.answers import PREFIX, Described
from api.desk import Desk, Served
from api.live import Live
from api.problems import Problem
from api.routes import attachments, events, exchange, lines, reference, remarks, session, start, submissions, totals
from api.settings import Settings, from_environment
from api.store import Store
from api.store.database import opened
from api.store.loading import load_all
from api.store.totals import Totals

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase} for status in (401, 403, 404, 409, 413, 415, 422, 429, 503)
}
"""What any route may answer but for what it is asked; how these look, `answers` tells."""
PROBLEMS = {
    Problem: problems.answer,
    RequestValidationError: problems.unreadable,
    HTTPException: problems.refused_by_framework,
    OperationalError: problems.away,
    DataError: problems.unusable,
    UnicodeEncodeError: problems.unusable,
    Exception: problems.failed,
}
ANYHOW = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]


def create(settings: Settings | None = None) -> FastAPI:
    """The application; without settings, those of the environment."""
    chosen = settings or from_environment()

    @asynccontextmanager
    async def alive(app: FastAPI) -> AsyncIterator[None]:
        with opened(chosen.database, chosen.folder) as database:
            live, store = Live(database, Totals()), Store(database)
            app.state.desk = Desk(chosen, database, store, live.totals, live)
            with database.reading.connect() as connection:
                load_all(store, connection)
            live.begin()
            try:
                yield
            finally:
                live.end()
                database.engine.dispose()

    app = Described(
        title="Esep", version="1", lifespan=alive, docs_url="/api/docs", openapi_url=f"{PREFIX}/openapi.json"
    )
    for wrong, told in PROBLEMS.items():
        app.add_exception_handler(wrong, told)
    versioned = APIRouter(prefix=PREFIX, responses=REFUSALS)
    for noun in (session, start, submissions, remarks, attachments, exchange, lines, totals, reference, events):
        versioned.include_router(noun.router)
    app.include_router(versioned)
    app.add_api_route("/health", health, methods=["GET"], tags=["operation"])
    app.add_route("/api/{rest:path}", problems.no_route, methods=ANYHOW, include_in_schema=False)
    app.mount("/assets", pages.Files(directory=pages.BUILT / "assets", check_dir=False))
    app.include_router(pages.router)
    return app


def health(desk: Served) -> dict[str, object]:
    """Whether the service and its database live, and the journal's position."""
    with desk.reading() as connection:
        connection.execute(text("select 1"))
    return {"alive": True, "position": desk.totals.position}
