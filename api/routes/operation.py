"""For those who run the service: whether a process lives, and whether it is ready."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import text

from api.desk import Served
from api.problems import Problem
from engine.findings import finding

router = APIRouter(tags=["operation"])


@router.get("/health")
def health(desk: Served) -> dict[str, Any]:
    """Whether this process lives; the database is not asked. `position` is how far it knows the journal."""
    return {"alive": True, "position": desk.totals.position}


@router.get("/ready")
def ready(desk: Served, request: Request) -> dict[str, Any]:
    """Whether this process should be sent requests: its database answers, totals and submissions are in memory."""
    with desk.reading() as connection:
        connection.execute(text("select 1"))
    if not request.app.state.chores.warm.is_set():
        raise Problem([finding("not-ready", None)])
    return {"ready": True, "position": desk.totals.position}
