"""What was executed, approved and specified before, beside a submission's amounts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, select

from api.before import by_rows, last_cycle, past_lines, specifics, still_there, taken_over
from api.desk import Desk, Served, Signed
from api.once import Key
from api.store import Deed, Prepared, journal
from api.store.held import Held
from api.store.schema import journal as journal_table

SUBMISSIONS_REMEMBERED = 200
router = APIRouter(prefix="/submissions/{number}/before", tags=["submissions"])


@router.get("")
def before(desk: Served, user: Signed, number: int) -> dict[str, Any]:
    """Lines of earlier years of the same institution, programme and subprogramme: by specific; the rows of forms that
    stand under such a specific; what rows that came from the last cycle's submission asked for then; and the columns
    that these lines fill, where they say something else now. Amounts in tiyn as text."""
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
        lines = past_lines(connection, held)
        told: dict[str, Any] = {"revision": held.revision, "specifics": specifics(lines)}
        told["rows"] = list(by_rows(held, lines))
        told["sources"] = sorted({line.source for line in lines})
        first = (journal_table.c.submission == number) & (journal_table.c.revision == 1)
        began = connection.execute(select(journal_table).where(first)).one()
        origin = journal.payload_of(began).get("origin")
        told["last_cycle"] = still_there(held, _last_cycle(desk, connection, held, tuple(origin))) if origin else []
    _, payload, _ = taken_over(held, lines)
    return told | {"origin": origin[0] if origin else None, "differing": payload["cells"]}


def _last_cycle(desk: Desk, connection: Connection, held: Held, origin: tuple[int, int]) -> list[dict[str, Any]]:
    """What rows asked for in the last cycle, remembered of the submissions that were looked at last."""
    known = desk.remembered.setdefault("last-cycle", {})
    if held.submission not in known:
        if len(known) >= SUBMISSIONS_REMEMBERED:
            known.clear()
        known[held.submission] = last_cycle(desk.store, connection, held.plan, origin)
    found: list[dict[str, Any]] = known[held.submission]
    return found


@router.post("")
def take_over(desk: Served, user: Signed, number: int, key: Key = None) -> dict[str, Any]:
    """Fill the columns that lines of earlier years say with what they say now; the answer is that of an edit."""
    with desk.reading() as connection:
        lines = past_lines(connection, desk.opened(connection, user, number))

    def wish(held: Held) -> Prepared:
        action = taken_over(held, lines)
        return action if action[1]["cells"] else ("cells", {"cells": []}, [])

    return desk.act(user, number, Deed(user.account, None, key), wish)
