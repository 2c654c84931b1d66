"""How a submission begins from the last cycle's: the same when it is begun as when its journal is proved."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from api.store import Store
from engine.plan import Plan
from engine.rolling import rolled_forward
from engine.workbook import Workbook


def rolled_from(store: Store, connection: Connection, plan: Plan, origin: Sequence[int]) -> Workbook | None:
    """The inputs under the next cycle's plan, from a submission at a revision; None where there is no such."""
    number, revision = origin
    held = store.at(connection, number, revision)
    if held is None:
        return None
    return rolled_forward(held.plan, held.workbook, plan)
