"""Under other norms, what an aggregate looked up itself is looked up again: the smallest cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.norms import with_values
from engine.workbook import Table, Workbook
from tests.properties import laws
from tests.properties.written import norms, plan_of

FORMULAS = {
    '=SUM([x] * NORM("flat"))': 9_000,
    '=SUMPRODUCT([x], [x] * NORM("flat"))': 9_000,
    '=SUMIFS([x], [g], IF(NORM("flat") > 5, "A", "B"))': 3,
    "=SUMIFS([y], [g], [@g]) + SUM([y])": 9_000,
}
"""And over how many rows: conditional totals of many are kept."""


def titled() -> dict[str, str]:
    return {"kk": "а", "ru": "а", "en": "a"}


@pytest.mark.parametrize(("formula", "rows"), FORMULAS.items())
def test_a_total_follows_the_norm_that_is_in_it(formula: str, rows: int) -> None:
    columns = {
        "x": {"type": "1", "digits": "2", "title": titled()},
        "g": {"type": "code grade", "title": titled()},
        "y": {"type": "1", "digits": "2", "title": titled(), "formula": '=[@x] * NORM("flat")'},
        "z": {"type": "1", "digits": "2", "title": titled(), "formula": formula},
    }
    form = {"form": "a", "title": titled(), "rows": "added", "columns": columns}
    head = {"ruleset": "made", "version": "1", "cycle": "2026-2027", "title": titled(), "header": {}, "forms": ["a"]}
    plan = plan_of({"ruleset.yaml": head, "forms/a.yaml": form})
    inputs = {"x": np.arange(rows), "g": np.arange(rows) % 2}
    workbook = Workbook(plan.years, {}, {"a": Table(np.array([0, rows]), inputs)})
    flat = norms().norms["flat"].values
    twice = tuple(replace(each, value=None if each.value is None else each.value * 2) for each in flat)
    assert list(laws.renormed_is_full(plan, workbook, with_values(norms(), {"flat": twice}))) == []
