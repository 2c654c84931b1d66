"""Totals of the nation by any combination of dimensions, as far as one may see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import numpy as np
import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import bindparam, func, select

from api.access import User, refusal
from api.ceilings import ceilings, seen_ceilings
from api.desk import Desk, Served, Signed
from api.plain import Plain
from api.problems import Problem
from api.reorganisation import heirs
from api.sights import sight_of
from api.store.schema import journal, organisation, organisation_change, submission
from api.store.statement import Statement
from api.tags import follows_from
from engine.findings import finding
from engine.lines import DIMENSIONS, Lines, roll_up
from engine.plan import Plan
from engine.ruleset import Title

router = APIRouter(prefix="/totals", tags=["totals"], route_class=Plain)
Filter = Annotated[
    list[str], Query(max_length=200, description="dimension:code, several for a choice", examples=["year:2026"])
]
Cycle = Annotated[str | None, Query(max_length=20, examples=["2026-2028"], description="without one, the newest")]


class Asked(BaseModel):
    """Along which dimensions, of which codes and cycle; `titles`: also what the codes are called."""

    by: list[str] = Field(max_length=10, examples=[["administrator", "year"]])
    where: list[str] = Field([], max_length=200, description="dimension:code, several for a choice")
    cycle: str | None = Field(None, max_length=20, description="without one, the newest")
    titles: bool = False
    organisations: date | None = Field(None, description="by the organisations of that day, reorganised ones as heirs")


@router.get("")
def pivot(desk: Served, user: Signed, asked: Annotated[Asked, Query()]) -> Response:
    """The sums along some dimensions, one row for each combination that occurs; all as text. `incomplete`
    counts the rows that a sum leaves out because of errors. What is for official use has its own codes only for those
    who are named; to others it is one code, `official-use`."""
    by = list(dict.fromkeys([*asked.by, "institution"])) if asked.organisations else asked.by
    position, of, lines = seen(desk, user, by, (asked.where, asked.cycle))
    if asked.organisations is not None:
        with desk.reading() as connection:
            lines = _inherited(lines, asked.by, heirs(connection, "institution", asked.organisations))
    codes = [[lines.labels[name][at] for at in lines.keys[name].tolist()] for name in asked.by]
    rows = list(zip(*codes, map(str, lines.amounts.tolist()), map(str, lines.incomplete.tolist()), strict=True))
    told: dict[str, Any] = {"position": position, "cycle": of, "columns": [*asked.by, "amount", "incomplete"]}
    told |= {"rows": rows} | ({"titles": _titles(desk, of, lines)} if asked.titles else {})
    return Response(orjson.dumps(told), media_type="application/json")


@router.get("/limits")
def limits(desk: Served, user: Signed, cycle: Cycle = None) -> dict[str, Any]:
    """The limits of institutions, administrators and the republic that one sees something of, in tiyn as text; above
    an institution a limit is the sum of those below it that one sees."""
    position, of, lines = seen(desk, user, ["institution", "administrator"], ([], cycle))
    plan = _newest_plan(desk, of)
    mine = [(institution, administrator) for institution, administrator in map(lines.key, range(len(lines)))]
    sums = seen_ceilings(ceilings(plan, desk.totals), mine) if plan else {}
    rows = [[level, code, kind, str(year), str(limit)] for (level, code, kind, year), limit in sorted(sums.items())]
    return {"position": position, "cycle": of, "columns": ["level", "code", "kind", "year", "amount"], "rows": rows}


def seen(desk: Desk, user: User, by: list[str], asked: tuple[list[str], str | None]) -> tuple[int, str, Lines]:
    """The journal's position, the cycle, and the sums as far as a user may see them; `asked` are filters and cycle.
    They follow from the position, what the user sees and the organisations: who has that answer has it still."""
    where, cycle = asked
    wanted = wanted_of(by, where)
    if (refused := refusal(user, "totals", None)) is not None:
        raise Problem([refused])
    with desk.reading() as connection:
        position = desk.totals.catch_up(connection)
        sight = sight_of(desk, connection, user, cycle)
        follows_from(position, sight.cycle, sight.mark, *_STANDING.row(connection, {"position": position}))
    codes = {name: frozenset(codes) for name, codes in wanted.items()}
    return position, sight.cycle, desk.totals.pivot(by, codes, sight)


_STANDING = Statement(
    select(
        select(journal.c.digest).where(journal.c.position == bindparam("position")).scalar_subquery().label("head"),
        select(func.max(organisation_change.c.number)).scalar_subquery().label("change"),
        select(func.max(organisation.c.id)).scalar_subquery().label("newest"),
    )
)
"""The journal's last line, and how organisations stand."""


def _inherited(lines: Lines, by: list[str], whose: Mapping[str, tuple[str, str | None]]) -> Lines:
    """Sums by the institutions that inherited from those of the lines, and by the administrators above these."""
    labels, keys = dict(lines.labels), dict(lines.keys)
    old = labels["institution"]
    now = [whose.get(code, (code, None)) for code in old]
    codes = {code: at for at, code in enumerate(dict.fromkeys(code for code, _ in now))}
    place = keys["institution"]
    if "administrator" in by:
        above = {code: at for at, code in enumerate(labels["administrator"])}
        heirs_above = [above.setdefault(code, len(above)) if code is not None else -1 for _, code in now]
        moved = np.array(heirs_above, np.int64)[place] if len(place) else place
        keys["administrator"] = np.where(moved >= 0, moved, keys["administrator"])
        labels["administrator"] = tuple(above)
    keys["institution"] = np.array([codes[code] for code, _ in now], np.int64)[place] if len(place) else place
    labels["institution"] = tuple(codes)
    return roll_up(Lines(labels, keys, lines.amounts, lines.incomplete), by)


def _newest_plan(desk: Desk, cycle: str) -> Plan | None:
    """The plan of the submission that began last in a cycle, the texts that its totals are told by; of those under a
    ruleset that asks for money, if there are any."""
    of, last = submission.c, func.max(submission.c.id)
    pinned = select(of.ruleset, of.norms).where(of.cycle == cycle).group_by(of.ruleset, of.norms)
    with desk.reading() as connection:
        rows = connection.execute(pinned.order_by(last.desc())).all()
        asking = [row for row in rows if desk.store.texts.ruleset_of(connection, row.ruleset).asks]
        newest = next(iter(asking or rows), None)
        return desk.store.texts.plan(connection, newest.ruleset, newest.norms) if newest else None


def _titles(desk: Desk, cycle: str, lines: Lines) -> dict[str, dict[str, Title]]:
    """What the codes of some sums are called, by dimension: organisations as they are, the rest as norms list them."""
    plan, told = _newest_plan(desk, cycle), dict[str, dict[str, Title]]()
    with desk.reading() as connection:
        for name in lines.dimensions:
            codes = {lines.labels[name][at] for at in np.unique(lines.keys[name]).tolist()}
            listed = plan.norms.classifications.get(name) if plan else None
            known = {
                code: listed.titles[listed.positions[code]] for code in codes if listed and code in listed.positions
            }
            wanted = select(organisation.c.code, organisation.c.titles).where(organisation.c.kind == name)
            rows = connection.execute(wanted.where(organisation.c.code.in_(codes)))
            told[name] = known | {row.code: row.titles for row in rows}
    return told


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
