"""The budget lines of one submission, at any revision, and the cells that they come from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.desk import Served, Signed
from api.problems import Problem
from api.routes.totals import Filter, wanted_of
from api.sources import cells_of, lines_by
from api.tags import follows_from
from engine.findings import finding

router = APIRouter(prefix="/submissions/{number}/lines", tags=["totals"])


class Cut(BaseModel):
    """Along which dimensions, which codes, and at which revision."""

    by: list[str] = Field(max_length=10, examples=[["specific", "year"]])
    where: list[str] = Field([], max_length=200, description="dimension:code, several for a choice")
    revision: int | None = Field(None, ge=1, le=2**53)


@router.get("")
def lines(desk: Served, user: Signed, number: int, cut: Annotated[Cut, Query()]) -> dict[str, Any]:
    """The sums of a submission's lines along some dimensions, as they are or as they were; amounts in tiyn as text."""
    wanted = wanted_of(cut.by, cut.where)
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
        if cut.revision is not None and cut.revision != held.revision:
            earlier = desk.store.at(connection, number, cut.revision)
            if earlier is None:
                raise Problem([finding("revision-stale", None, got=cut.revision, expected=held.revision)])
            held = earlier
    follows_from(held.head)
    found = lines_by(held, cut.by, wanted)
    rows = [[*found.key(i), str(found.amounts[i]), str(found.incomplete[i])] for i in range(len(found))]
    return {"revision": held.revision, "columns": [*cut.by, "amount", "incomplete"], "rows": rows}


@router.get("/cells")
def cells(
    desk: Served,
    user: Signed,
    number: int,
    where: Filter = [],  # noqa: B006
) -> dict[str, Any]:
    """The cells that make the lines with some codes, the largest first."""
    wanted = wanted_of([], where)
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
    follows_from(held.head)
    return {"revision": held.revision, "cells": cells_of(held, wanted)}
