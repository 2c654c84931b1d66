"""All submissions of a database read into one process's memory at once, hundreds as one workbook.

Each is calculated when it is first asked for; or all of a workbook together, which costs a hundredth, where somebody
has the time before (`Together.calculate`). What a submission was since its last snapshot is replayed when it wakes, as
always.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import distinct_on

from api.store import Store, recalculated
from api.store.held import Held, Numbers
from api.store.memory import Asleep
from api.store.schema import snapshot, submission
from api.store.texts import expanded
from engine.evaluate import recalculate
from engine.packing import structure, together
from engine.plan import Plan
from engine.renorm import WORTH_COMPILING
from engine.reshaping import alone
from engine.workbook import Workbook, only

MOST = 500
"""Submissions that are unpacked in one go."""
Kept = tuple[Row[Any], bytes]
"""A submission's last snapshot with what it is pinned to, and its bytes."""


@dataclass
class Together:
    """Submissions that are alike, as one workbook."""

    plan: Plan
    workbook: Workbook

    def calculate(self) -> None:
        """Calculate all of them, so that each wakes at once."""
        self.workbook, _ = recalculate(self.plan, self.workbook, compiled=WORTH_COMPILING)

    def held(self, number: int, at: tuple[int, int, str], orders: Mapping[str, Sequence[int]]) -> Held:
        """One of them as it was at a submission's revision, with the head of its journal there."""
        rows = {form: Numbers(tuple(order), free) for form, (free, *order) in orders.items()}
        if self.workbook.results is None:
            workbook = only(self.workbook, number)
        else:
            workbook = alone(self.plan, self.workbook, number)
        return recalculated(Held(*at, self.plan, workbook, rows))


@dataclass(frozen=True, slots=True)
class Loaded:
    """Submissions that have been read: how many, the last one's number, and their workbooks."""

    count: int
    last: int
    parts: Sequence[Together]


def load_all(store: Store, connection: Connection, *, calculated: bool = False) -> int:
    """Read all submissions into the store's memory, asleep; how many there are."""
    count, last = 0, 0
    while (found := load_some(store, connection, last)) is not None:
        count, last = count + found.count, found.last
        for part in found.parts if calculated else ():
            part.calculate()
    return count


def load_some(store: Store, connection: Connection, after: int) -> Loaded | None:
    """Read the next submissions after that number; None when all are there."""
    alike: dict[tuple[str, str, bytes], list[Kept]] = {}
    rows = _last_snapshots(connection, after)
    for row in rows:
        data = expanded(row.inputs, row.size)
        alike.setdefault((row.ruleset, row.norms, structure(data)), []).append((row, data))
    parts = []
    for (ruleset, norms, _), kept in alike.items():
        plan = store.texts.plan(connection, ruleset, norms)
        parts.append(part := Together(plan, together(plan.ruleset, plan.norms, [data for _, data in kept])))
        for number, (row, _) in enumerate(kept):
            store.memory.lay_down(row.submission, Asleep(row.revision, _waking(part, number, row)))
    store.memory.whole = not rows
    return Loaded(len(rows), rows[-1].submission, parts) if rows else None


def _last_snapshots(connection: Connection, after: int) -> Sequence[Row[Any]]:
    read = (
        select(snapshot, submission.c.ruleset, submission.c.norms)
        .join(submission, submission.c.id == snapshot.c.submission)
        .where(snapshot.c.submission > after)
        .ext(distinct_on(snapshot.c.submission))
        .order_by(snapshot.c.submission, snapshot.c.revision.desc())
        .limit(MOST)
    )
    return connection.execute(read).all()


def _waking(part: Together, number: int, row: Row[Any]) -> Callable[[], Held]:
    orders, at = row.rows, (row.submission, row.revision, row.head)  # the row itself has the snapshot's bytes too
    return lambda: part.held(number, at, orders)
