"""Compiled code runs whole steps of rows: whatever rows are asked for, it stays inside the arrays and gives those."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation import Evaluation
from engine.kernel import fused
from engine.workbook import Table, Workbook
from tests.properties.test_rounding import dividing


@given(st.integers(1, 70), st.data())
def test_some_rows_are_those_rows_and_no_others(count: int, data: st.DataObject) -> None:
    asked = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    asked |= data.draw(st.sampled_from([set(), {0}, {count - 1}, {0, count - 1}]))
    rows = np.array(sorted(asked))
    plan = dividing("[@a] / 3")
    columns = {name: np.arange(count) * 3 for name in ("a", "b")}
    evaluation = Evaluation(plan, Workbook((2026,), {}, {"f": Table(np.array([0, count]), columns)}))
    code = fused.compiled(evaluation, plan.groups[0])
    if code is None:
        return
    called: list[tuple[int, int]] = []
    right = code.code.call

    def noted(first: int, last: int, *others: int) -> None:
        called.append((first, last))
        assert 0 <= first <= last <= count, (first, last, count, asked)
        assert (last - first) % code.layout.lanes == 0
        right(first, last, *others)

    with patch.object(code.code, "call", noted):
        assert code.some(code.frame(evaluation), rows).cells[0].tolist() == rows.tolist()
    assert called
