"""The laws of the engine on random rulesets, workbooks and edits (design, section 8: laws 1, 2, 3, 4, 7, 8).

Each law is tried from many starts with few examples each: a long run varies one ruleset, many starts are many rulesets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given, seed, settings
from hypothesis import strategies as st

from engine.norms import with_values
from engine.plan import Plan
from engine.workbook import Workbook
from tests.properties import filled, laws
from tests.properties.written import norms, plan_of, rulesets

EXAMPLES = 10
STARTS = range(max(1, settings.default.max_examples // EXAMPLES)) if settings.default else range(1)
Law = Callable[[st.DataObject, Plan, Workbook], Iterator[str]]


def kernels_and_oracle_agree_on_every_cell(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    for each in laws.reached(plan, workbook):
        event(each)
    yield from laws.kernels_are_oracle(plan, workbook)


def after_edits_all_is_as_if_calculated_afresh(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    edits = data.draw(filled.edits(plan.ruleset, norms(), workbook))
    yield from laws.part_is_full(plan, workbook, edits, data.draw(st.booleans()))


def under_other_norms_all_is_as_if_calculated_afresh(
    data: st.DataObject, plan: Plan, workbook: Workbook
) -> Iterator[str]:
    computed = (*plan.columns.values(), *plan.checks.values())
    looked_up = sorted({name for each in computed for name in each.uses.norms})
    name = data.draw(st.sampled_from(looked_up or sorted(norms().norms)))
    event(f"norm {'looked up' if looked_up else 'of nobody'}")
    values = norms().norms[name].values
    negative = tuple(replace(each, value=None if each.value is None else -each.value) for each in values)
    other = data.draw(st.sampled_from((negative, values[:-1])))
    yield from laws.renormed_is_full(plan, workbook, with_values(norms(), {name: other}))


def a_refused_edit_changes_nothing(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    edit = data.draw(filled.refused(plan.ruleset, norms(), workbook))
    yield from laws.refusal_changes_nothing(plan, workbook, edit)


def together_is_as_alone(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    yield from laws.together_is_alone(plan, workbook)


def same_input_gives_same_bytes(data: st.DataObject, plan: Plan, workbook: Workbook) -> Iterator[str]:
    yield from laws.bytes_are_same(plan, workbook)


LAWS: dict[Law, int] = {
    kernels_and_oracle_agree_on_every_cell: 3,
    after_edits_all_is_as_if_calculated_afresh: 3,
    under_other_norms_all_is_as_if_calculated_afresh: 3,
    a_refused_edit_changes_nothing: 1,
    together_is_as_alone: 2,
    same_input_gives_same_bytes: 1,
}
"""Each law, and how deep the formulas are on which it is tried."""


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: str(law.__name__))
def test_a_law(law: Law, start: int) -> None:
    @seed(start)
    @settings(max_examples=EXAMPLES)
    @given(st.data(), rulesets(LAWS[law]))
    def trial(data: st.DataObject, texts: dict[str, dict[str, Any]]) -> None:
        plan = plan_of(texts)
        workbook = data.draw(filled.workbooks(plan.ruleset, norms()))
        assert list(law(data, plan, workbook)) == []

    trial()


def test_compiled_code_tells_errors_as_numpy_does() -> None:
    counts: list[tuple[int, int]] = []

    @given(st.data(), rulesets(2))
    def trial(data: st.DataObject, texts: dict[str, dict[str, Any]]) -> None:
        plan = plan_of(texts)
        workbook = data.draw(filled.workbooks(plan.ruleset, norms()))
        assert list(laws.errors_are_told(plan, workbook)) == []
        counts.append(laws.rows_of_errors(plan, workbook))

    trial()
    told, there = map(sum, zip(*counts, strict=True))
    assert told > 10, f"only {told} of {there}: others are beyond what float64 holds, and handed back"
