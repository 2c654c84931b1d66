"""Beginning a submission: empty, or from the last cycle's, as a line of the journal that can be proved."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.before import past_lines, taken_over
from api.beginnings import Wanted, begun
from api.desk import Served, Signed
from api.once import AskedOnce
from api.store import Deed

router = APIRouter(prefix="/submissions", tags=["submissions"])


class Beginning(BaseModel):
    """Whose submission, in which cycle, and from what: `last` rolls the last cycle's forward, `empty` has no rows."""

    institution: str = Field(
        max_length=200, description="its code, or that of the administrator who fills the ruleset", examples=["1020003"]
    )
    cycle: str = Field(max_length=20, examples=["2026-2028"])
    ruleset: str = Field("budget-request", max_length=200)
    start: Literal["last", "empty"] = "last"
    origin: int | None = Field(None, ge=1, le=2**53, description="which of several; only with `last`")
    programme: str = Field("", max_length=200, description="only with `empty`", examples=["102-001"])
    subprogramme: str = Field("", max_length=200, description="only with `empty`", examples=["011"])


@router.post("", status_code=201)
def begin(desk: Served, user: Signed, body: Beginning, once: AskedOnce) -> dict[str, Any]:
    """Begin a submission. Its first line of the journal says what it started from; a second one fills the columns that
    lines of earlier years say."""
    named = {"programme": body.programme, "subprogramme": body.subprogramme}
    header = {name: code for name, code in named.items() if code}
    rolled = body.start == "last"
    wanted = Wanted(body.institution, body.cycle, body.ruleset, rolled, body.origin if rolled else None, header)
    with desk.transaction() as connection:
        if (told := once.answer(connection)) is not None:
            return told
        number = begun(desk, connection, user, wanted)
        row = desk.row(connection, number, lock=True)
        held = desk.store.open(connection, number)
        assert held is not None, "what has just begun is there"
        action = taken_over(held, past_lines(connection, held))
        if action[1]["cells"]:
            answer, _ = desk.done(connection, row, Deed(user.account, None), lambda _: action)
            held = answer.after
        told = {"id": number, "institution": body.institution, "cycle": body.cycle, "state": row.state}
        return once.keep(connection, told | {"origin": row.origin, "revision": held.revision})
