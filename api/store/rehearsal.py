"""What a process knows before anybody asks it, and how it comes to know it: workers are born of one that does.

What the rulesets in use need is loaded; then some submissions of each, large and small, are calculated by compiled code
as a whole, and the numbers of the first row of every form are changed, in memory only: code is compiled when a formula
first runs, and then this process has it. Last come the totals and all submissions, calculated. Now and then all that is
brought up to date (`refreshed`); what has been done since, whoever is born reads in the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from sqlalchemy import Connection, func, select

from api.store import Store
from api.store.database import Database, connected
from api.store.held import Held
from api.store.loading import load_again, load_some
from api.store.memory import Memory
from api.store.schema import snapshot, submission
from api.store.texts import Texts
from api.store.totals import Totals
from engine.evaluate import recalculate
from engine.evaluation import Evaluation
from engine.workbook import Edit

SHARES = (0.02, 0.3, 0.7)
"""Which submissions are tried, by their place among all of a ruleset, the largest first."""
PAIRS_MAX = 3
"""Of a ruleset and norms, those with most submissions."""
SOON = 5
"""Fewer lines of a journal than these are replayed by whoever is born."""
FEW = 25
"""Submissions that are brought up to date in one piece."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a process has in memory of its database."""

    texts: Texts = field(default_factory=Texts)
    memory: Memory = field(default_factory=Memory)
    totals: Totals = field(default_factory=Totals)


def rehearsal(address: str, known: Known) -> Iterator[None]:
    """Load and try out into what is known, a piece at a time; between pieces no connection is open."""
    store = Store(connected(address), known.texts, known.memory)
    for ruleset, norms, numbers in _chosen(store):
        for read in (partial(store.texts.ruleset_of, digest=ruleset), partial(store.texts.norms_of, digest=norms)):
            with _read(store.database) as connection:
                read(connection)
            yield
        for number in numbers:
            yield from _tried(store, number)
    yield from _loaded(store, known.totals)


def refreshed(address: str, known: Known) -> Iterator[None]:
    """Bring the totals up to date, and the submissions of which more has been done than is soon replayed; likewise a
    piece at a time."""
    store = Store(connected(address), known.texts, known.memory)
    with _read(store.database) as connection:
        known.totals.catch_up(connection)
        now = connection.execute(select(submission.c.id, submission.c.revision)).all()
    behind = [one for one in now if one.revision - known.memory.revision(one.id) >= SOON]
    for start in range(0, len(behind), FEW):
        yield
        some = behind[start : start + FEW]
        with _read(store.database) as connection:
            parts = load_again(store, connection, [one.id for one in some])
        for part in parts:
            yield
            part.calculate()
        for one in (one for one in some if known.memory.revision(one.id) < one.revision):
            yield
            with _read(store.database) as connection:
                store.open(connection, one.id)


def _loaded(store: Store, totals: Totals) -> Iterator[None]:
    with _read(store.database) as connection:
        totals.catch_up(connection)
    yield
    last: int | None = 0
    while last is not None:
        with _read(store.database) as connection:
            found = load_some(store, connection, last)
        yield
        for part in found.parts if found else ():
            part.calculate()
            yield
        last = found.last if found else None


@contextmanager
def _read(database: Database) -> Iterator[Connection]:
    """A connection that is closed afterwards: none is handed down to who is born of this process."""
    try:
        with database.reading.connect() as connection:
            yield connection
    finally:
        database.engine.dispose()


def _tried(store: Store, number: int) -> Iterator[None]:
    with _read(store.database) as connection:
        held = store.open(connection, number)
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
    with _read(store.database) as connection:
        pairs = select(of.ruleset, of.norms).group_by(of.ruleset, of.norms).order_by(func.count().desc())
        found: list[tuple[str, str, list[int]]] = []
        for ruleset, norms in connection.execute(pairs.limit(PAIRS_MAX)).all():
            alike = select(of.id).join(snapshot).where(of.ruleset == ruleset, of.norms == norms)
            numbers = connection.scalars(alike.where(snapshot.c.revision == 1).order_by(snapshot.c.size.desc())).all()
            chosen = dict.fromkeys(numbers[int(len(numbers) * share)] for share in SHARES)
            found.append((ruleset, norms, list(chosen)))
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
