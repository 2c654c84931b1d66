"""Slips planted in the demo republic, one at a time: each is told by the check that is there for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.republic import TRAINING_NORMS, republic, with_republic
from engine.evaluate import recalculate
from engine.inputs import read_cell
from engine.norms.loader import load_norms
from engine.plan import Plan, compile_plan
from engine.ruleset.loader import load
from engine.verdicts import finding_counts
from engine.workbook import Edit, Workbook

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SLIPS = yaml.load((HERE / "planted.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


@cache
def demo() -> tuple[Plan, Workbook]:
    """The demo republic's requests, calculated."""
    norms = with_republic(load_norms(ROOT / "norms", [TRAINING_NORMS])[0], "demo")
    ruleset, _ = load(ROOT / "rulesets" / "budget-request")
    assert ruleset is not None
    plan, found = compile_plan(ruleset, norms)
    assert plan is not None, found
    return plan, recalculate(plan, republic("demo", norms, ruleset), compiled=False)[0]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip['form']}: {slip['finding']}")
def test_a_planted_slip_is_told(slip: dict[str, Any]) -> None:
    plan, workbook = demo()
    form = plan.ruleset.forms[slip["form"]]
    submission, row = workbook.tables[form.name].place(0)
    edits = []
    for name, text in slip["set"].items():
        column = form.columns[name]
        value = read_cell(text, column.type, column.digits, plan.norms)
        assert value is not None or column.type.kind == "text"
        edits.append(Edit(submission, form.name, name, row, value))
    _, delta = recalculate(plan, workbook, edits, compiled=False)
    told = [found for found in delta.findings if found.code == slip["finding"]]
    assert {found.cell.submission for found in told if found.cell} == {submission}
    assert {found.cell.row for found in told if found.cell} <= {row, None}


def test_without_slips_nothing_is_told() -> None:
    plan, workbook = demo()
    assert {code: count for code, count in finding_counts(plan, workbook).items() if count} == {}
