"""Edits tried out before anybody makes one: code is compiled when a formula first runs, and then this process has it.

What the rulesets in use need is loaded; then some submissions of each, large and small, are calculated by compiled code
as a whole, and the numbers of the first row of every form are changed, in memory only.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from sqlalchemy import func, select

from api.store import Store
from api.store.database import connected
from api.store.held import Held
from api.store.schema import snapshot, submission
from api.store.texts import Texts
from engine.evaluate import recalculate
from engine.evaluation import Evaluation
from engine.workbook import Edit

SHARES = (0.02, 0.3, 0.7)
"""Which submissions are tried, by their place among all of a ruleset, the largest first."""
PAIRS_MAX = 3
"""Of a ruleset and norms, those with most submissions."""


def rehearsal(address: str, texts: Texts) -> Iterator[None]:
    """Load and try out into `texts`, a piece at a time; between pieces no connection is open."""
    database = connected(address)
    store = Store(database, texts)
    try:
        for ruleset, norms, numbers in _chosen(store):
            for read in (partial(texts.ruleset_of, digest=ruleset), partial(texts.norms_of, digest=norms)):
                with database.reading.connect() as connection:
                    read(connection)
                database.engine.dispose()
                yield
            for number in numbers:
                yield from _tried(store, number)
    finally:
        database.engine.dispose()


def _tried(store: Store, number: int) -> Iterator[None]:
    with store.database.reading.connect() as connection:
        held = store.open(connection, number)
    store.database.engine.dispose()
    assert held is not None, "a submission that was just seen"
    whole = Evaluation(held.plan, held.workbook)
    for group in held.plan.groups:
        yield
        whole.run(group)
    for edit in _edits(held):
        yield
        recalculate(held.plan, held.workbook, [edit])


def _chosen(store: Store) -> list[tuple[str, str, list[int]]]:
    """Digests of ruleset and norms, and the submissions to try."""
    of = submission.c
    with store.database.reading.connect() as connection:
        pairs = select(of.ruleset, of.norms).group_by(of.ruleset, of.norms).order_by(func.count().desc())
        found: list[tuple[str, str, list[int]]] = []
        for ruleset, norms in connection.execute(pairs.limit(PAIRS_MAX)).all():
            alike = select(of.id).join(snapshot).where(of.ruleset == ruleset, of.norms == norms)
            numbers = connection.scalars(alike.where(snapshot.c.revision == 1).order_by(snapshot.c.size.desc())).all()
            chosen = dict.fromkeys(numbers[int(len(numbers) * share)] for share in SHARES)
            found.append((ruleset, norms, list(chosen)))
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
