"""Totals of the nation by any combination of dimensions, as far as one may see them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection, select

from api.access import User, refusal, table
from api.desk import Desk, Served, Signed
from api.problems import Problem
from api.store.schema import organisation
from engine.findings import finding
from engine.lines import DIMENSIONS, Lines

router = APIRouter(prefix="/totals", tags=["totals"])
Filter = Annotated[
    list[str], Query(max_length=200, description="dimension:code, several for a choice", examples=["year:2026"])
]


@router.get("")
def pivot(
    desk: Served,
    user: Signed,
    by: Annotated[list[str], Query(max_length=10)],
    where: Filter = [],  # noqa: B006
) -> dict[str, Any]:
    """The sums along some dimensions, one row for each combination that occurs; amounts in tiyn as text."""
    position, lines = seen(desk, user, by, where)
    rows = [[*lines.key(i), str(lines.amounts[i])] for i in range(len(lines))]
    return {"position": position, "columns": [*by, "amount"], "rows": rows}


def seen(desk: Desk, user: User, by: list[str], where: list[str]) -> tuple[int, Lines]:
    """The journal's position, and the sums as far as a user may see them."""
    wanted = wanted_of(by, where)
    with desk.reading() as connection:
        _bound(connection, user, wanted)
        position = desk.totals.catch_up(connection)
    return position, desk.totals.pivot(by, {name: frozenset(codes) for name, codes in wanted.items()})


def wanted_of(by: list[str], where: list[str]) -> dict[str, set[str]]:
    """The codes that are wanted along each dimension of some filters; dimensions that do not exist are refused."""
    for name in [*by, *(one.split(":", 1)[0] for one in where)]:
        if name not in DIMENSIONS:
            raise Problem([finding("dimension-unknown", None, got=name, known=", ".join(DIMENSIONS))])
    wanted: dict[str, set[str]] = {}
    for one in where:
        name, _, code = one.partition(":")
        wanted.setdefault(name, set()).add(code)
    return wanted


def _bound(connection: Connection, user: User, wanted: dict[str, set[str]]) -> None:
    """Cut what is asked to what a user may see: the republic, an administrator's part, or an institution's."""
    refused = refusal(user, "totals", None)
    if refused is not None:
        raise Problem([refused])
    levels = {table().levels[member.role] for member in user.memberships if member.role in table().levels}
    if "centre" in levels:
        return
    mine = select(organisation.c.kind, organisation.c.code)
    mine = mine.where(organisation.c.id.in_([member.organisation for member in user.memberships]))
    own: dict[str, set[str]] = {}
    for kind, code in connection.execute(mine):
        own.setdefault(kind, set()).add(code)
    level = "administrator" if own.get("administrator") else "institution"
    codes = own.get(level, set())
    wanted[level] = wanted[level] & codes if level in wanted else codes
