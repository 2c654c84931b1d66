"""`norm`: one norm changes under the national republic, and what depends on it is calculated again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from benchmarks._scene import in_turn, median, percentile, scene
from engine.evaluate import calculated
from engine.norms import Norms, with_values
from engine.renorm import renormed
from engine.workbook import Workbook

ROUNDS = 9
CHANGED = ("social-tax.rate", "trip.per-diem", "pay.base")


def run() -> dict[str, Any]:
    """Seconds for each norm, and whether all figures are those of a calculation from nothing."""
    made = scene("national")
    book = replace(made.workbook, results=calculated(made.plan, made.workbook))
    answer: dict[str, Any] = {"submissions": book.submissions, "rows": sum(t.rows for t in book.tables.values())}
    for name in CHANGED:
        norms = _raised(made.norms, name)
        found: dict[str, Any] = {}

        def change(norms: Norms = norms, found: dict[str, Any] = found) -> None:
            found["plan"], found["book"], found["ran"] = renormed(made.plan, book, norms)

        (seconds,) = in_turn(ROUNDS, change)
        answer[name] = {
            "seconds": median(seconds),
            "seconds_p95": percentile(seconds, 0.95),
            "columns_run": len([key for key in found["ran"] if key in made.plan.columns]),
            "columns": len(made.plan.columns),
            "same": _same(found["book"], Workbook(book.years, book.header, book.tables), found["plan"]),
        }
    answer["seconds"] = max(answer[name]["seconds"] for name in CHANGED)
    return answer


def _raised(norms: Norms, name: str) -> Norms:
    """The norms with a tenth more of one of them from 2027 on."""
    latest = max((v for v in norms.norms[name].values if v.value is not None), key=lambda v: v.start)
    assert latest.value is not None
    raised = replace(latest, start=date(2027, 1, 1), value=latest.value * Fraction(11, 10), end=None)
    kept = [replace(v, end=None) if v is latest else v for v in norms.norms[name].values if v.start < raised.start]
    return with_values(norms, {name: (*kept, raised)})


def _same(book: Workbook, inputs: Workbook, plan: Any) -> bool:
    fresh = calculated(plan, inputs)
    assert book.results is not None
    columns = all(np.array_equal(cells, book.results.columns[key]) for key, cells in fresh.columns.items())
    return columns and all(np.array_equal(cells, book.results.checks[key]) for key, cells in fresh.checks.items())
