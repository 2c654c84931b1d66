"""The laws of the engine on random rulesets, workbooks and edits (design, section 8: laws 1, 2, 3, 4, 7, 8)."""

from __future__ import annotations

from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.properties import filled, laws
from tests.properties.written import norms, plan_of, rulesets


def told(texts: object) -> None:
    """Show a ruleset with the failure it gave."""
    note(str(texts))


@given(st.data(), rulesets())
def test_kernels_and_oracle_agree_on_every_cell(data: st.DataObject, texts: dict[str, dict[str, object]]) -> None:
    plan = plan_of(texts)
    workbook = data.draw(filled.workbooks(plan.ruleset, norms()))
    assert list(laws.kernels_are_oracle(plan, workbook)) == []


@given(st.data(), rulesets(), st.booleans())
def test_after_edits_all_is_as_if_calculated_afresh(
    data: st.DataObject, texts: dict[str, dict[str, object]], compiled: bool
) -> None:
    plan = plan_of(texts)
    workbook = data.draw(filled.workbooks(plan.ruleset, norms()))
    edits = data.draw(filled.edits(plan.ruleset, norms(), workbook))
    assert list(laws.part_is_full(plan, workbook, edits, compiled)) == []


@given(st.data(), rulesets(depth=1))
def test_a_refused_edit_changes_nothing(data: st.DataObject, texts: dict[str, dict[str, object]]) -> None:
    plan = plan_of(texts)
    workbook = data.draw(filled.workbooks(plan.ruleset, norms()))
    edit = data.draw(filled.refused(plan.ruleset, norms(), workbook))
    assert list(laws.refusal_changes_nothing(plan, workbook, edit)) == []


@given(st.data(), rulesets(depth=2))
def test_together_is_as_alone(data: st.DataObject, texts: dict[str, dict[str, object]]) -> None:
    plan = plan_of(texts)
    workbook = data.draw(filled.workbooks(plan.ruleset, norms()))
    assume(workbook.submissions > 1)
    assert list(laws.together_is_alone(plan, workbook)) == []


@given(st.data(), rulesets(depth=2))
def test_same_input_gives_same_bytes(data: st.DataObject, texts: dict[str, dict[str, object]]) -> None:
    plan = plan_of(texts)
    workbook = data.draw(filled.workbooks(plan.ruleset, norms()))
    assert list(laws.bytes_are_same(plan, workbook)) == []
