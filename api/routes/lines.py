"""The budget lines of one submission, at any revision, and the cells that they come from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.desk import Served, Signed
from api.problems import Problem
from api.routes.totals import Filter, wanted_of
from api.sources import cells_of, lines_by
from engine.findings import finding

router = APIRouter(prefix="/submissions/{number}/lines", tags=["totals"])


@router.get("")
def lines(
    desk: Served,
    user: Signed,
    number: int,
    by: Annotated[list[str], Query(max_length=10)],
    where: Filter = [],  # noqa: B006
    revision: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> dict[str, Any]:
    """The sums of a submission's lines along some dimensions, as they are or as they were; amounts in tiyn as text."""
    wanted = wanted_of(by, where)
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
        if revision is not None and revision != held.revision:
            earlier = desk.store.at(connection, number, revision)
            if earlier is None:
                raise Problem([finding("revision-stale", None, got=revision, expected=held.revision)])
            held = earlier
    found = lines_by(held, by, wanted)
    rows = [[*found.key(i), str(found.amounts[i])] for i in range(len(found))]
    return {"revision": held.revision, "columns": [*by, "amount"], "rows": rows}


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
    return {"revision": held.revision, "cells": cells_of(held, wanted)}
