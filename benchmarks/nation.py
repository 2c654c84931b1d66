"""`nation`: the pay forms over 1,000,000 positions, three years, by month, rolled up to lines.

The engine, from the ruleset's text and with all checks of those forms, against the same formulas written by hand as one
exact fused loop in C with the same threads; both write over arrays of the run before. Beside it plain numpy, and what
the machine's memory can do. There is no ratio where the kept columns or the lines differ.
"""

from __future__ import annotations

import hashlib
import resource
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._scene import Scene, in_turn, median, scene, timed
from benchmarks.nation_by_hand import FORM, KEPT, ByHand, in_numpy
from engine.evaluate import calculated
from engine.evaluation import Spare
from engine.kernel import fused
from engine.lines import Lines, lines_of, roll_up
from engine.plan import compile_plan
from engine.ruleset import RollForward
from engine.workbook import Results, Workbook

ROUNDS = 9
PAY_FORMS = (
    *(FORM, "social_contributions", "social_tax", "health_insurance", "employer_pension"),
    "pay_civil_servants",
)
"""What is written by hand too, and the form without rows whose posts the limit of staff counts as well."""
_SPECIFICS = ("111", "122", "121", "124", "116")
"""Of `KEPT`, in its order."""


def run() -> dict[str, Any]:
    """Figures of one run."""
    made = _pay_forms(scene("million"))
    by_hand = ByHand(made.workbook, made.plan.tables, _education(made), fused.THREADS)
    spare: Spare = {}
    found: dict[str, Any] = {}

    def engine() -> None:
        found["results"] = calculated(made.plan, made.workbook, spare=spare)
        found["lines"] = lines_of(made.ruleset, made.norms, _with(made.workbook, found["results"]))

    ours, theirs = in_turn(ROUNDS, engine, by_hand.run)
    same = _digest(found["results"]) == _digest_of(by_hand.kept) and _sums(found["lines"]) == _sums_of(by_hand, made)
    rows = made.workbook.tables[FORM].rows
    answer: dict[str, Any] = {"rows": rows, "years": 3, "months": 12, "threads": fused.THREADS, "same": same}
    if same:
        answer["ratio_to_fused"] = median([a / b for a, b in zip(ours, theirs, strict=True)])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return answer | _speeds(rows, median(ours), median(theirs), peak) | _plain(made, by_hand)


def _pay_forms(made: Scene) -> Scene:
    """The pay forms of civil employees and what their checks read: what is written by hand too."""
    forms = {name: form for name, form in made.ruleset.forms.items() if name in PAY_FORMS}
    ruleset = replace(made.ruleset, forms=forms, workflow=(), roll_forward=RollForward())
    plan, found = compile_plan(ruleset, made.norms)
    assert plan is not None, found
    tables = {name: table for name, table in made.workbook.tables.items() if name in PAY_FORMS}
    return Scene(made.norms, ruleset, plan, replace(made.workbook, tables=tables))


def _speeds(rows: int, ours: float, theirs: float, peak: int) -> dict[str, Any]:
    """Rows and bytes a second; a row is 9 numbers read and 15 written."""
    size = rows * (9 + 15) * 8
    return {
        "seconds": ours,
        "seconds_fused_by_hand": theirs,
        "rows_per_s": round(rows / ours),
        "row_months_per_s": round(rows * 36 / ours),
        "bytes_per_s": round(size / ours),
        "memory_bytes_per_s": _bandwidth(),
        "peak_memory_mb": peak // 1024,
    }


def _plain(made: Scene, by_hand: ByHand) -> dict[str, Any]:
    """What plain numpy takes, and how many of its cells are not the exact ones."""
    kept: list[NDArray[np.float64]] = []
    seconds = timed(lambda: kept.extend(in_numpy(made.workbook, made.plan.tables, by_hand.education)))
    wrong = sum(int((a != b).sum()) for a, b in zip(kept, by_hand.kept, strict=True))
    return {"seconds_numpy": round(seconds, 3), "numpy_cells_wrong": wrong, "cells": sum(a.size for a in kept)}


def _bandwidth() -> int:
    """Bytes a second of copying arrays much larger than the caches, read and written."""
    source = np.ones(16_000_000)
    target = np.empty_like(source)
    (seconds,) = in_turn(5, lambda: np.copyto(target, source))
    return round(2 * source.nbytes / median(seconds))


def _with(workbook: Workbook, results: Results) -> Workbook:
    return Workbook(workbook.years, workbook.header, workbook.tables, workbook.known, results)


def _education(made: Scene) -> int:
    return made.norms.classifications["sector"].positions["education"]


def _digest(results: Results) -> str:
    return _digest_of([results.columns[key] for key in KEPT])


def _digest_of(columns: list[NDArray[np.int64]]) -> str:
    return hashlib.sha256(b"".join(np.ascontiguousarray(column).tobytes() for column in columns)).hexdigest()


def _sums(lines: Lines) -> dict[tuple[str, ...], int]:
    """(institution, specific, year) → tiyn, where not 0."""
    rolled = roll_up(lines, ("institution", "specific", "year")).as_dict()
    return {key: amount for key, amount in rolled.items() if amount}


def _sums_of(by_hand: ByHand, made: Scene) -> dict[tuple[str, ...], int]:
    codes = made.norms.classifications["institution"].codes
    institutions = [codes[position] for position in made.workbook.header["institution"]]
    return by_hand.line_sums(_SPECIFICS, institutions, made.workbook.years)
