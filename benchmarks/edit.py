"""`edit`: one cell in a submission of about 1,000 positions and all forms, months, lines and totals included.

The edits of pay and trips are the same four kinds in every version of the engine; edits of the other forms are measured
beside them. Nothing counts if the submission or the totals differ from what calculating afresh gives.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import numpy as np

from api.republic import Size
from benchmarks._scene import median, percentile, scene
from engine.evaluate import calculated, recalculate
from engine.lines import Totals, advanced, lines_of, totals_of
from engine.plan import Plan
from engine.workbook import Edit, Workbook, only

POSITIONS, EDITS, SEED = 1_000, 2_000, 7
PAY, TRIPS = "pay_civil_employees", "business_trips"


class _Session:
    """Edits one after another of one submission, and the totals that are kept up with them."""

    def __init__(self, plan: Plan, book: Workbook, totals: Totals) -> None:
        self.plan, self.book, self.totals, self.cells = plan, book, totals, 0
        self.milliseconds: list[float] = []
        self.processor: list[float] = []
        """What the processor itself was busy with: on a machine that others use too, less than the time that passed."""

    def make(self, edit: Edit) -> None:
        """One edit: the submission after it, all that changed, and the totals above."""
        wall, processor = time.perf_counter(), time.process_time()
        self.book, delta = recalculate(self.plan, self.book, [edit])
        advanced(self.totals, delta.lines)
        self.processor.append(1_000 * (time.process_time() - processor))
        self.milliseconds.append(1_000 * (time.perf_counter() - wall))
        self.cells += sum(map(len, delta.cells))

    def figures(self) -> dict[str, Any]:
        """Of the edits but the first, in which kernels are compiled."""
        warm = len(self.milliseconds) // 10
        wall, processor = self.milliseconds[warm:], self.processor[warm:]
        return {
            "median_ms": median(wall),
            "p95_ms": percentile(wall, 0.95),
            "median_processor_ms": median(processor),
            "p95_processor_ms": percentile(processor, 0.95),
            "edits": len(wall),
            "cells_changed_an_edit": round(self.cells / len(self.milliseconds)),
        }


def run() -> dict[str, Any]:
    """Milliseconds an edit, in the engine: of pay and trips, and of every other form with rows."""
    made = scene(Size(70, 60_000, 18_000))
    counts = np.diff(made.workbook.tables[PAY].offsets)
    book = only(made.workbook, int(np.argmin(abs(counts - POSITIONS))))
    book = replace(book, results=calculated(made.plan, book))
    drawn = random.Random(SEED)
    first = _Session(made.plan, book, totals_of(lines_of(made.ruleset, made.norms, book)))
    for edit in [_edit(drawn, made.plan, book) for _ in range(EDITS)]:
        first.make(edit)
    others = _Session(made.plan, first.book, first.totals)
    for _ in range(EDITS):
        others.make(_of_another_form(drawn, made.plan, others.book))
    book = others.book
    fresh = calculated(made.plan, Workbook(book.years, book.header, book.tables))
    assert book.results is not None
    same = all(np.array_equal(column, book.results.columns[key]) for key, column in fresh.columns.items())
    same &= all(np.array_equal(held, book.results.checks[key]) for key, held in fresh.checks.items())
    same &= first.totals == totals_of(lines_of(made.ruleset, made.norms, book))
    rows = {name: table.rows for name, table in book.tables.items() if table.rows}
    return first.figures() | {"other_forms": others.figures(), "rows": rows, "same": same}


def _edit(drawn: random.Random, plan: Plan, book: Workbook) -> Edit:
    """A change that a user might make: posts, date of hire, rural, or days of a trip."""
    post, trip = drawn.randrange(book.tables[PAY].rows), drawn.randrange(book.tables[TRIPS].rows)
    return drawn.choice(
        (
            Edit(0, PAY, "staff", post, 25 * drawn.randrange(1, 5), drawn.choice(plan.years)),
            Edit(0, PAY, "hired", post, drawn.randrange(33_000, 46_000)),
            Edit(0, PAY, "rural", post, drawn.randrange(2)),
            Edit(0, TRIPS, "days", trip, drawn.randrange(1, 20)),
        )
    )


def _of_another_form(drawn: random.Random, plan: Plan, book: Workbook) -> Edit:
    """A number of any other form that people fill, one unit more or less; each form as often as any."""
    forms = [form for form in plan.ruleset.forms.values() if form.rows.kind == "added" and book.tables[form.name].rows]
    form = drawn.choice([form for form in forms if form.name not in (PAY, TRIPS)])
    numbers = [c for c in form.columns.values() if c.formula is None and c.type.kind == "number"]
    column, row = drawn.choice(numbers), drawn.randrange(book.tables[form.name].rows)
    held = max(int(np.max(book.tables[form.name].columns[column.name][..., row])), 0)
    return Edit(0, form.name, column.name, row, abs(held + drawn.choice((-1, 1)) * 10 ** (column.digits or 0)))
