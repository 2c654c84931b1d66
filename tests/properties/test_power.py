"""The laws can fail: an engine that was broken on purpose is caught by them within a few hundred examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from engine import evaluation, wave
from engine.kernel import emit, faults, lanes, space, totals
from engine.kernel.lanes import Lanes
from engine.plan import Plan
from engine.workbook import Workbook
from tests.properties import filled, laws
from tests.properties.written import norms, plan_of, rulesets

TRIAL = settings(
    max_examples=10, phases=[Phase.generate], derandomize=False, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
Law = Callable[[st.DataObject, Plan, Workbook], Iterator[str]]


class CaughtError(Exception):
    """A law was found broken."""


def kernels(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    return laws.kernels_are_oracle(plan, workbook)


def edits(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    edited = data.draw(filled.edits(plan.ruleset, norms(), workbook))
    return laws.part_is_full(plan, workbook, edited, data.draw(st.booleans()))


def errors(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    return laws.errors_are_told(plan, workbook)


def alone(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    return laws.together_is_alone(plan, workbook)


def half_up(a: Lanes, b: Lanes, mode: str) -> Lanes:
    """Ties of negative numbers go up."""
    doubled = lanes.add(lanes.add(a, a), b)
    return RIGHT_QUOTIENT(doubled, lanes.add(b, b), "floor") if mode == "half" else RIGHT_QUOTIENT(a, b, mode)


def without_shift(self: Any, b: Any, x: Any, known: int, mode: str) -> Any:
    """Cut, where it should be rounded."""
    return self._intrinsic(b, "llvm.floor", b.fmul(x, self.splat(1.0 / known)))


def errors_from_the_right(a: Any, b: Any) -> Any:
    return RIGHT_FIRST(b, a)


def faults_from_the_right(self: Any, b: Any, *faults: Any) -> Any:
    return RIGHT_FAULT(self, b, *reversed(faults))


def all_one_submission(self: Any, root: str) -> Any:
    return np.zeros(self.table(root).rows, dtype=np.int64)


def first_row_only(self: Any, step: Any) -> Any:
    return RIGHT_DIRTY(self, step)[:1]


def year_before(space_: Any, op: Any, year: int) -> Any:
    return RIGHT_LOOK_UP(space_, op, max(year - 1, 0))


def errors_summed(evaluation_: Any, root: str, op: Any) -> Lanes:
    rows = RIGHT_ALL_YEARS(evaluation_, root, op)
    extra = 0 if rows.errors is None else 10**9 * (rows.errors != 0)
    return Lanes(rows.values + extra, None, rows.bound + 10**9)


RIGHT_QUOTIENT, RIGHT_FIRST, RIGHT_DIRTY = lanes.quotient, lanes.first, wave.Wave._dirty
RIGHT_FAULT = faults.Faults._first
RIGHT_LOOK_UP, RIGHT_ALL_YEARS = space._looked_up, totals._all_years
BROKEN: dict[str, tuple[object, str, object, Law]] = {
    "ties": (lanes, "quotient", half_up, kernels),
    "compiled rounding": (emit.Emitter, "_by_reciprocal", without_shift, kernels),
    "order of errors": (lanes, "first", errors_from_the_right, kernels),
    "order of compiled errors": (faults.Faults, "_first", faults_from_the_right, errors),
    "norms of another year": (space, "_looked_up", year_before, kernels),
    "errors in totals": (totals, "_all_years", errors_summed, kernels),
    "submissions mixed": (evaluation.Evaluation, "submission_of", all_one_submission, alone),
    "rows forgotten by edits": (wave.Wave, "_dirty", first_row_only, edits),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    holder, attribute, broken, law = BROKEN[name]
    monkeypatch.setattr(holder, attribute, broken)
    assert any(caught(law, start) for start in range(40))


def caught(law: Law, start: int) -> bool:
    """Whether a few trials find the law broken; many starts see more than one long run, which varies less."""

    @seed(start)
    @settings(TRIAL)
    @given(st.data(), rulesets(depth=2))
    def trial(data: st.DataObject, texts: dict[str, dict[str, object]]) -> None:
        plan = plan_of(texts)
        workbook = data.draw(filled.workbooks(plan.ruleset, norms()))
        if next(law(data, plan, workbook), ""):
            raise CaughtError

    try:
        trial()
    except CaughtError:
        return True
    return False
