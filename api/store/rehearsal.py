"""What a process knows before anybody asks it, and how it comes to know it: workers are born of one that does.

What the rulesets in use need is loaded, then the totals and all submissions, calculated. Of every form the numbers of a
row are changed, in memory only, where it has many rows, few, and errors: code is compiled when a formula first runs so,
and then this process has it. Now and then all that is brought up to date (`refreshed`); what has been done since,
whoever is born reads in the journal.
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
from api.store.loading import Together, load_again, load_some
from api.store.memory import Memory
from api.store.schema import submission
from api.store.texts import Texts
from api.store.totals import Totals
from engine.evaluate import recalculate
from engine.evaluation import Evaluation
from engine.number import SPECIAL
from engine.plan import Group
from engine.ruleset import Form
from engine.workbook import Edit, Workbook

SOON = 5
"""Fewer lines of a journal than these are replayed by whoever is born."""
FEW, SHORT = 10, 300
"""Submissions that are brought up to date in one piece, and lines of the journal that move totals: no processor is away
from those who answer for long."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a process has in memory of its database."""

    texts: Texts = field(default_factory=Texts)
    memory: Memory = field(default_factory=Memory)
    totals: Totals = field(default_factory=Totals)


def rehearsal(address: str, known: Known) -> Iterator[None]:
    """Load and try out into what is known, a piece at a time; between pieces no connection is open."""
    store = Store(connected(address), known.texts, known.memory)
    for ruleset, norms in _used(store):
        for read in (partial(store.texts.ruleset_of, digest=ruleset), partial(store.texts.norms_of, digest=norms)):
            with _read(store.database) as connection:
                read(connection)
            yield
    yield from _loaded(store, known.totals)


def refreshed(address: str, known: Known) -> Iterator[None]:
    """Bring the totals up to date, and the submissions of which more has been done than is soon replayed; likewise a
    piece at a time."""
    store = Store(connected(address), known.texts, known.memory)
    more = True
    while more:
        with _read(store.database) as connection:
            more = known.totals.advance(connection, SHORT)
        yield
    with _read(store.database) as connection:
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
    tried: set[tuple[int, str, str]] = set()
    while last is not None:
        with _read(store.database) as connection:
            found = load_some(store, connection, last)
        yield
        for part in found.parts if found else ():
            part.calculate()
            yield
            yield from _tried(part, tried)
        last = found.last if found else None


@contextmanager
def _read(database: Database) -> Iterator[Connection]:
    """A connection that is closed afterwards: none is handed down to who is born of this process."""
    try:
        with database.reading.connect() as connection:
            yield connection
    finally:
        database.engine.dispose()


def _tried(part: Together, tried: set[tuple[int, str, str]]) -> Iterator[None]:
    """Try edits of every form where there is something of which that was not done."""
    for what, form, place, row in _places(part):
        if (id(part.plan), form.name, what) not in tried:
            tried.add((id(part.plan), form.name, what))
            workbook = part.cut(place)
            for edit in _edits(form, workbook, row):
                yield
                recalculate(part.plan, workbook, [edit])


def _places(part: Together) -> Iterator[tuple[str, Form, int, int]]:
    """Of each form the submissions where it has most rows, and fewest, and of each group the first in which there is an
    error; which row is to be edited: code is made for many rows or for few, and for errors."""
    forms = [form for form in part.plan.ruleset.forms.values() if form.rows.kind == "added"]
    sizes = {form.name: np.diff(part.workbook.tables[form.name].offsets) for form in forms}
    for form in forms:
        rows = sizes[form.name]
        if rows.any():
            yield "many", form, int(rows.argmax()), 0
            yield "few", form, int(np.where(rows > 0, rows, rows.max() + 1).argmin()), 0
    for at, group in enumerate(part.plan.groups):
        found = _first_error(part, group)
        for form in forms if found is not None else ():
            place, row = found or (0, 0)
            if group.root == form.name or (group.root not in sizes and sizes[form.name][place]):
                yield f"errors of group {at}", form, place, row if group.root == form.name else 0


def _first_error(part: Together, group: Group) -> tuple[int, int] | None:
    """The submission and the row in it of the first error in what a group keeps; a check of a whole form has no row."""
    results = part.workbook.results
    assert results is not None, "calculated"
    kept = [*(results.columns[key] for key in part.plan.kept(group)), *(results.checks[key] for key in group.checks)]
    if group.slow or not len(
        wrong := np.flatnonzero(np.any([(cells < SPECIAL).any(axis=0) for cells in kept], axis=0))
    ):
        return None
    offsets = Evaluation(part.plan, part.workbook).table(group.root).offsets
    place = int(offsets.searchsorted(wrong[0], "right")) - 1
    return place, int(wrong[0] - offsets[place])


def _edits(form: Form, workbook: Workbook, row: int) -> Iterator[Edit]:
    """One more of each number and date in a row."""
    columns = workbook.tables[form.name].columns
    for column in form.columns.values():
        if column.formula is None and column.type.kind in {"number", "date"} and column.name in columns:
            now = int(np.max(columns[column.name][..., row]))
            yield Edit(0, form.name, column.name, row, max(now, 0) + 1, None)


def _used(store: Store) -> list[tuple[str, str]]:
    """Digests of the rulesets and norms that submissions are under, those of most of them first."""
    of = submission.c
    with _read(store.database) as connection:
        pairs = select(of.ruleset, of.norms).group_by(of.ruleset, of.norms).order_by(func.count().desc())
        return [(ruleset, norms) for ruleset, norms in connection.execute(pairs)]
