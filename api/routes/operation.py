"""For those who run the service: whether a process lives, and whether it is ready."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import text

from api import metrics
from api.desk import Served
from api.problems import Problem
from engine.findings import finding

LOOPBACK = {"127.0.0.1", "::1"}
FIGURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}}},
    404: {"description": "Not for whoever asks from there"},
}

router = APIRouter(tags=["operation"])


@router.get("/health")
def health(desk: Served) -> dict[str, Any]:
    """Whether this process lives; the database is not asked. `position` is how far it knows the journal."""
    return {"alive": True, "position": desk.totals.position}


@router.get("/ready")
def ready(desk: Served, request: Request) -> dict[str, Any]:
    """Whether this process should be sent requests: its database answers, totals and submissions are in memory.
    `rehearsed`: it was born with compiled code, so that its first edits are as fast as the others."""
    with desk.reading() as connection:
        connection.execute(text("select 1"))
    if not request.app.state.chores.warm.is_set():
        raise Problem([finding("not-ready", None)])
    return {"ready": True, "rehearsed": request.app.state.rehearsed, "position": desk.totals.position}


@router.get("/metrics", response_class=Response, responses=FIGURES)
def figures(desk: Served, request: Request) -> Response:
    """Figures of all processes in Prometheus' text; asked from this machine only, unless a setting opens them."""
    local = request.client is not None and request.client.host in LOOPBACK
    if desk.settings.metrics != "open" and not (local and desk.settings.metrics == "local"):
        raise Problem([finding("route-unknown", None, got=request.url.path)])
    metrics.look(desk)
    return Response(metrics.told(), media_type=metrics.MEDIA_TYPE)
