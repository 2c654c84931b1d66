"""`edit`: one cell in a submission of about 1,000 positions and all forms, months, lines and totals included."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np

from api.republic import Size
from benchmarks._scene import median, percentile, scene, timed
from engine.evaluate import calculated, recalculate
from engine.lines import advanced, lines_of, totals_of
from engine.plan import Plan
from engine.workbook import Edit, Workbook, only

POSITIONS, EDITS, SEED = 1_000, 2_000, 7
PAY, TRIPS = "pay_civil_employees", "business_trips"


def run() -> dict[str, Any]:
    """Milliseconds an edit, in the engine."""
    made = scene(Size(70, 60_000, 18_000))
    counts = np.diff(made.workbook.tables[PAY].offsets)
    book = only(made.workbook, int(np.argmin(abs(counts - POSITIONS))))
    book = replace(book, results=calculated(made.plan, book))
    totals = totals_of(lines_of(made.ruleset, made.norms, book))
    drawn, seconds, cells = random.Random(SEED), [], 0
    edits = [_edit(drawn, made.plan, book) for _ in range(EDITS)]
    for edit in edits:
        state: dict[str, Any] = {}

        def apply(edit: Edit = edit, book: Workbook = book, state: dict[str, Any] = state) -> None:
            state["book"], state["delta"] = recalculate(made.plan, book, [edit])
            advanced(totals, state["delta"].lines)

        seconds.append(timed(apply))
        book, cells = state["book"], cells + sum(map(len, state["delta"].cells))
    fresh = calculated(made.plan, Workbook(book.years, book.header, book.tables))
    assert book.results is not None
    same = all(np.array_equal(column, book.results.columns[key]) for key, column in fresh.columns.items())
    same &= totals == totals_of(lines_of(made.ruleset, made.norms, book))
    warm = [1_000 * s for s in seconds[EDITS // 10 :]]
    rows = {name: table.rows for name, table in book.tables.items()}
    figures = {"median_ms": median(warm), "p95_ms": percentile(warm, 0.95)}
    return figures | {"edits": len(warm), "cells_changed_an_edit": round(cells / EDITS), "rows": rows, "same": same}


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
