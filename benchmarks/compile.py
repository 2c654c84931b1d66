"""`compile`: a methodologist changes a formula; how long until the first figures, and until compiled ones.

Each round changes one formula in the saved text of the whole budget request. *Cold* reads, checks, plans and calculates
all of it from nothing. *After a change* is what a methodologist who has the ruleset open waits for: the same folder is
read again beside what was read, checked, planned and calculated before, and only what the change can reach is done
anew. Both give every figure of the submission, and they are compared with each other and with compiled code. *Until
compiled* is after a change too: all forms once more, by compiled code, of which what stayed the same is there.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from api.republic import Size
from benchmarks._scene import ROOT, Scene, median, percentile, scene, timed_with
from engine.evaluate import calculated
from engine.plan import compile_plan
from engine.ruleset.loader import load
from engine.scenario.state import State, moved_to, state_of
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
    seconds: dict[str, list[float]] = {"changed": [], "compiled": [], "cold": []}
    same = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "budget-request"
        shutil.copytree(ROOT / "rulesets" / "budget-request", folder)
        text = (folder / FILE).read_text(encoding="utf-8")
        assert FORMULA in text, "the benchmark changes a formula that is no longer there"
        opened = _opened(made, folder, book)
        for round_ in range(ROUNDS):
            changed = FORMULA.replace(", 0)", f" + {round_ + 1} * [@salary] / 1000, 0)")
            (folder / FILE).write_text(text.replace(FORMULA, changed), encoding="utf-8")
            took, moved = timed_with(partial(_again, opened, folder, book))
            after, compiled = timed_with(partial(calculated, moved.plan, book))
            cold, results = timed_with(partial(_figures, made, folder, book))
            for key, spent in zip(seconds, (took, took + after, cold), strict=True):
                seconds[key].append(spent)
            assert moved.workbook.results is not None
            same += [_same(results, other) for other in (moved.workbook.results, compiled)]
            opened = moved
    return {
        "seconds": median(seconds["changed"]),
        "seconds_p95": percentile(seconds["changed"], 0.95),
        "seconds_until_compiled": median(seconds["compiled"]),
        "seconds_cold": median(seconds["cold"]),
        "seconds_cold_p95": percentile(seconds["cold"], 0.95),
        "same": all(same),
    }


def _opened(made: Scene, folder: Path, book: Workbook) -> State:
    """The ruleset as it is open before any change, calculated once."""
    ruleset, found = load(folder)
    assert ruleset is not None, found
    plan, found = compile_plan(ruleset, made.norms)
    assert plan is not None, found
    return state_of(plan, replace(book, results=None))


def _again(opened: State, folder: Path, book: Workbook) -> State:
    """The figures after the text of one file has changed."""
    ruleset, found = load(folder, opened.ruleset)
    assert ruleset is not None, found
    plan, found = compile_plan(ruleset, opened.norms, opened.plan)
    assert plan is not None, found
    return moved_to(opened, plan, book, checks=True)


def _figures(made: Scene, folder: Path, book: Workbook) -> Results:
    ruleset, found = load(folder)
    assert ruleset is not None, found
    plan, found = compile_plan(ruleset, made.norms)
    assert plan is not None, found
    return calculated(plan, book, compiled=0)


def _same(one: Results, other: Results) -> bool:
    if (one.columns.keys(), one.checks.keys()) != (other.columns.keys(), other.checks.keys()):
        return False
    columns = all(np.array_equal(cells, other.columns[key]) for key, cells in one.columns.items())
    return columns and all(np.array_equal(cells, other.checks[key]) for key, cells in one.checks.items())
