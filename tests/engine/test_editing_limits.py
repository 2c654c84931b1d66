"""What an edit may not write, and sums that stay exact when very many very large cells move in one edit."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from engine.evaluate import recalculate
from engine.kernel.lanes import Lanes
from engine.kernel.totals import advanced
from engine.limits import NUMBER_MAX
from engine.lines import delta, lines_of
from engine.number import BLANK, LAST_DAY
from engine.plan import Plan
from engine.slots import moved
from engine.workbook import Edit, Table, Workbook
from tests.properties.written import plan_of

ROWS = 2_000


@cache
def plan() -> Plan:
    """One form of inputs; `cost` and `direct` are lines, one computed and one written; a check reads a total."""
    types = {"hired": "date", "rural": "bool", "direct": "1", "price": "1"}
    columns = {name: {"type": type_} | ({"digits": "2"} if type_ == "1" else {}) for name, type_ in types.items()}
    columns["cost"] = {"type": "1", "digits": "2", "formula": "=[@price]"}
    said = dict.fromkeys(("kk", "ru", "en"), "enough")
    check = {"assert": "=SUM([cost]) >= SUM([price])", "severity": "error", "message": said}
    lines = [{"specific": "111", "amount": "cost"}, {"specific": "122", "amount": "direct"}]
    form = {"form": "f", "rows": "added", "columns": columns, "checks": {"enough": check}, "lines": lines}
    head = {"ruleset": "made", "version": "1", "cycle": "2026-2027", "forms": ["f"]}
    return plan_of({"ruleset.yaml": head, "forms/f.yaml": form})


def workbook(cell: int) -> Workbook:
    columns = {name: np.full(ROWS, cell if name in ("direct", "price") else 0) for name in inputs()}
    return recalculate(plan(), Workbook(plan().years, {}, {"f": Table(np.array([0, ROWS]), columns)}))[0]


def inputs() -> list[str]:
    return [name for name, column in plan().ruleset.forms["f"].columns.items() if column.formula is None]


@pytest.mark.parametrize(("column", "value"), [("rural", -1), ("rural", 2), ("hired", -1), ("hired", LAST_DAY + 1)])
def test_what_is_no_truth_or_day_is_refused(column: str, value: int) -> None:
    before = workbook(0)
    after, change = recalculate(plan(), before, [Edit(0, "f", column, 7, value)])
    assert [found.code for found in change.findings] == ["edit-refused-type"]
    assert not change.cells
    assert np.array_equal(after.tables["f"].columns[column], before.tables["f"].columns[column])


@pytest.mark.parametrize(("column", "value"), [("rural", 1), ("hired", 1), ("hired", LAST_DAY), ("rural", BLANK)])
def test_the_first_and_last_of_them_are_not(column: str, value: int) -> None:
    after, change = recalculate(plan(), workbook(0), [Edit(0, "f", column, 7, value)])
    assert not any(found.code.startswith("edit-refused") for found in change.findings)
    assert after.tables["f"].columns[column][7] == value


def test_a_total_that_int64_may_not_hold_is_not_advanced() -> None:
    known = Lanes(np.zeros((2, 1), dtype=np.int64), None, 0)
    low = np.full((2, ROWS), -NUMBER_MAX)
    rows, offsets = np.arange(ROWS), np.array([0, ROWS])
    every, few = moved(offsets, rows, (low, -low)), moved(offsets, rows[:3], (low[:, :3], -low[:, :3]))
    assert every.sums.tolist() == [[2 * NUMBER_MAX * ROWS]] * 2
    assert advanced(known, every.submissions, every.sums) is None
    total = advanced(known, few.submissions, few.sums)
    assert total is not None
    assert total.values.tolist() == [[6 * NUMBER_MAX]] * 2


def test_lines_and_totals_of_very_many_very_large_moves_are_exact() -> None:
    before = workbook(-NUMBER_MAX)
    edits = [Edit(0, "f", name, row, NUMBER_MAX) for name in ("direct", "price") for row in range(ROWS)]
    after, change = recalculate(plan(), before, edits)
    old, new = (lines_of(plan().ruleset, plan().norms, each) for each in (before, after))
    assert dict(change.lines) == delta(old, new).as_dict()
    assert set(change.lines.values()) == {2 * NUMBER_MAX * ROWS}
    assert change.findings == ()
