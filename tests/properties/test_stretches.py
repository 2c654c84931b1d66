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
    right = fused.Fused._call

    def noted(self: fused.Fused, frame: fused.Frame, span: tuple[int, int], out: fused.Outcome) -> None:
        called.append(span)
        assert 0 <= span[0] <= span[1] <= count, (span, count, asked)
        assert (span[1] - span[0]) % self.layout.lanes == 0
        right(self, frame, span, out)

    with patch.object(fused.Fused, "_call", noted):
        assert code.some(code.frame(evaluation), rows).cells[0].tolist() == rows.tolist()
    assert called
