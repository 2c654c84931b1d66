"""All submissions of a database read into one process's memory at once, each calculated when it is first asked for.

Inputs are unpacked together, hundreds of submissions as one workbook; what a submission was since its last snapshot
is replayed when it wakes, as always.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import distinct_on

from api.store import Store, recalculated
from api.store.held import Held, Numbers
from api.store.schema import snapshot, submission
from api.store.texts import expanded
from engine.packing import structure, together
from engine.plan import Plan
from engine.workbook import Workbook, only

TOGETHER = 500
"""Submissions that are unpacked in one go."""
Kept = tuple[Row[Any], bytes]
"""A submission's last snapshot with what it is pinned to, and its bytes."""


def load_all(store: Store, connection: Connection) -> int:
    """Read all submissions into the store's memory, asleep; how many there are."""
    count, last = 0, 0
    while (found := load_some(store, connection, last)) is not None:
        more, last = found
        count += more
    return count


def load_some(store: Store, connection: Connection, after: int) -> tuple[int, int] | None:
    """Read the next submissions after that number: how many, and the last one's number; None when all are there."""
    alike: dict[tuple[str, str, bytes], list[Kept]] = {}
    rows = _last_snapshots(connection, after)
    for row in rows:
        data = expanded(row.inputs, row.size)
        alike.setdefault((row.ruleset, row.norms, structure(data)), []).append((row, data))
    for (ruleset, norms, _), kept in alike.items():
        _lay_down(store, store.texts.plan(connection, ruleset, norms), kept)
    store.memory.whole = not rows
    return (len(rows), rows[-1].submission) if rows else None


def _last_snapshots(connection: Connection, after: int) -> Sequence[Row[Any]]:
    read = (
        select(snapshot, submission.c.ruleset, submission.c.norms)
        .join(submission, submission.c.id == snapshot.c.submission)
        .where(snapshot.c.submission > after)
        .ext(distinct_on(snapshot.c.submission))
        .order_by(snapshot.c.submission, snapshot.c.revision.desc())
        .limit(TOGETHER)
    )
    return connection.execute(read).all()


def _lay_down(store: Store, plan: Plan, kept: list[Kept]) -> None:
    workbook = together(plan.ruleset, plan.norms, [data for _, data in kept])
    for number, (row, _) in enumerate(kept):
        store.memory.lay_down(row.submission, _waking(plan, (workbook, number), row))


def _waking(plan: Plan, inputs: tuple[Workbook, int], row: Row[Any]) -> Callable[[], Held]:
    revision, head, orders = row.revision, row.head, row.rows

    def wake() -> Held:
        rows = {form: Numbers(tuple(order), free) for form, (free, *order) in orders.items()}
        return recalculated(Held(row.submission, revision, head, plan, only(*inputs), rows))

    return wake
