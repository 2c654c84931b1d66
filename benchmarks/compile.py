"""`compile`: a methodologist changes a formula; how long until the first figures, and until compiled ones."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from api.republic import Size
from benchmarks._scene import ROOT, Scene, median, percentile, scene, timed_with
from engine.evaluate import calculated
from engine.plan import Plan, compile_plan
from engine.ruleset.loader import load
from engine.workbook import Results, Workbook, only

ROUNDS = 15
POSITIONS = 1_000
FILE = Path("forms") / "pay-civil-employees.yaml"
FORMULA = '=IF([@rural], [@salary] * NORM("allowance.rural-specialist"), 0)'


def run() -> dict[str, Any]:
    """Seconds from the saved text to the figures of a submission of about 1,000 positions."""
    made = scene(Size(70, 60_000, 18_000))
    counts = np.diff(made.workbook.tables["pay_civil_employees"].offsets)
    book = only(made.workbook, int(np.argmin(abs(counts - POSITIONS))))
    first, after, same = [], [], True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "budget-request"
        shutil.copytree(ROOT / "rulesets" / "budget-request", folder)
        text = (folder / FILE).read_text(encoding="utf-8")
        assert FORMULA in text, "the benchmark changes a formula that is no longer there"
        for round_ in range(ROUNDS):
            changed = FORMULA.replace(", 0)", f" + {round_ + 1} * [@salary] / 1000, 0)")
            (folder / FILE).write_text(text.replace(FORMULA, changed), encoding="utf-8")
            seconds, (plan, results) = timed_with(partial(_figures, made, folder, book))
            first.append(seconds)
            seconds, compiled = timed_with(partial(calculated, plan, book))
            after.append(seconds)
            same &= _same(results, compiled)
    return {
        "seconds": median(first),
        "seconds_p95": percentile(first, 0.95),
        "seconds_until_compiled": median([a + b for a, b in zip(first, after, strict=True)]),
        "same": same,
    }


def _figures(made: Scene, folder: Path, book: Workbook) -> tuple[Plan, Results]:
    ruleset, found = load(folder)
    assert ruleset is not None, found
    plan, found = compile_plan(ruleset, made.norms)
    assert plan is not None, found
    return plan, calculated(plan, book, compiled=False)


def _same(one: Results, other: Results) -> bool:
    columns = all(np.array_equal(cells, other.columns[key]) for key, cells in one.columns.items())
    return columns and all(np.array_equal(cells, other.checks[key]) for key, cells in one.checks.items())
