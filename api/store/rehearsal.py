"""Edits tried out before anybody makes one: code is compiled when a formula first runs, and then this process has it.

What the rulesets in use need is loaded; then in some submissions of each, large and small, the numbers of the first row
of every form are changed, in memory only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sqlalchemy import func, select

from api.store import Store
from api.store.database import connected
from api.store.held import Held
from api.store.schema import snapshot, submission
from api.store.texts import Texts
from engine.evaluate import recalculate
from engine.workbook import Edit

SHARES = (0.0, 0.01, 0.5, 0.9)
"""Which submissions are tried, by their place among all of a ruleset, the largest first."""
PAIRS_MAX = 3
"""Of a ruleset and norms, those with most submissions."""


def rehearsal(address: str, texts: Texts) -> Iterator[None]:
    """Load and try out into `texts`, a piece at a time; between pieces no connection is open."""
    database = connected(address)
    store = Store(database, texts)
    try:
        for number in _chosen(store):
            with database.reading.connect() as connection:
                held = store.open(connection, number)
            database.engine.dispose()
            yield
            assert held is not None, "a submission that was just seen"
            for edit in _edits(held):
                recalculate(held.plan, held.workbook, [edit])
                yield
    finally:
        database.engine.dispose()


def _chosen(store: Store) -> list[int]:
    of = submission.c
    with store.database.reading.connect() as connection:
        pairs = select(of.ruleset, of.norms).group_by(of.ruleset, of.norms).order_by(func.count().desc())
        found: list[int] = []
        for ruleset, norms in connection.execute(pairs.limit(PAIRS_MAX)).all():
            alike = select(of.id).join(snapshot).where(of.ruleset == ruleset, of.norms == norms)
            numbers = connection.scalars(alike.where(snapshot.c.revision == 1).order_by(snapshot.c.size.desc())).all()
            found += dict.fromkeys(numbers[int(len(numbers) * share)] for share in SHARES)
    store.database.engine.dispose()
    return found


def _edits(held: Held) -> Iterator[Edit]:
    """One more of each number and date in the first row of each form that people add rows to."""
    for form in held.plan.ruleset.forms.values():
        table = held.workbook.tables[form.name]
        if form.rows.kind == "added" and table.rows:
            for column in form.columns.values():
                if column.formula is None and column.type.kind in {"number", "date"} and column.name in table.columns:
                    now = int(np.max(table.columns[column.name][..., 0]))
                    yield Edit(0, form.name, column.name, 0, max(now, 0) + 1, None)
