"""After any edit of what a ruleset's own tests give, calculating what it reaches is calculating everything."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.cases import prepared
from engine.cases.text import Case, load_cases
from engine.evaluate import recalculate
from engine.findings import Finding
from engine.norms.loader import load_norms
from engine.number import SPECIAL
from engine.plan import Plan, compile_plan
from engine.ruleset import Column, Form
from engine.ruleset.loader import load
from engine.verdicts import findings_of
from engine.workbook import Edit, Table, Workbook

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
OWN = [HERE / "needs", HERE / "tally", HERE / "own-lines"]
FOLDERS = [*sorted(path.parent for path in ROOT.glob("rulesets/*/ruleset.yaml")), *OWN]
FIRST = {case.place.file: (folder, case) for folder in FOLDERS for case in reversed(load_cases(folder)[0])}
"""The first case of each file."""
NORMS = load_norms(ROOT / "norms")[0]
REQUEST, PAYMENTS = ROOT / "rulesets" / "budget-request", "additional_payments"
SLIPS_OF_PAYMENTS = "slips in additional payments"


@pytest.mark.parametrize(("folder", "case"), FIRST.values(), ids=FIRST)
def test_an_edit_gives_what_calculating_everything_gives(folder: Path, case: Case) -> None:
    plan, before = calculated(folder, case)
    for edit in edits(plan.ruleset.forms.values(), before):
        after, _ = recalculate(plan, before, [edit])
        fresh, _ = recalculate(plan, replace(after, results=None))
        assert after.results is not None
        assert fresh.results is not None
        for part in ("columns", "checks"):
            wanted = getattr(fresh.results, part)
            got = getattr(after.results, part)
            assert [key for key in wanted if not np.array_equal(got[key], wanted[key])] == [], edit


@pytest.mark.parametrize(("folder", "case"), FIRST.values(), ids=FIRST)
def test_an_edit_tells_what_checks_say_now_and_did_not_say_before(folder: Path, case: Case) -> None:
    plan, before = calculated(folder, case)
    said = failures(plan, findings_of(plan, before))
    for edit in edits(plan.ruleset.forms.values(), before):
        after, delta = recalculate(plan, before, [edit])
        now, told = failures(plan, findings_of(plan, after)), failures(plan, delta.findings)
        assert now - said <= told <= now, edit


def test_what_a_check_says_as_before_is_not_said_again() -> None:
    """Half of the posts: all payments are run again, but only how many posts there are is said otherwise."""
    (case,) = (case for case in load_cases(REQUEST)[0] if case.name == SLIPS_OF_PAYMENTS)
    plan, before = calculated(REQUEST, case)
    _, delta = recalculate(plan, before, [Edit(0, "pay_civil_employees", "staff", 0, 100)])
    assert {"group_posts", "group_fund"} == {change.column for change in delta.changes() if change.form == PAYMENTS}
    assert {one.code for one in findings_of(plan, before)} > {"payment-within-norm", "payment-posts-within-staff"}
    assert {one.code for one in delta.findings} == {"payment-posts-within-staff"}


def calculated(folder: Path, case: Case) -> tuple[Plan, Workbook]:
    ruleset, _ = load(folder)
    assert ruleset is not None
    ready = prepared(case, ruleset, NORMS)
    assert ready.workbook is not None
    plan, _ = compile_plan(ready.ruleset, ready.norms)
    assert plan is not None
    return plan, recalculate(plan, ready.workbook)[0]


def failures(plan: Plan, found: Iterable[Finding]) -> set[tuple[str, str, object]]:
    """What checks say, each with its cell."""
    return {(one.code, one.text(), one.cell) for one in found if one.cell and (one.cell.form, one.code) in plan.checks}


def edits(forms: Iterable[Form], workbook: Workbook) -> Iterator[Edit]:
    """One edit of each input of the first and last row: another number, a later day, the other truth."""
    for form in forms:
        table = workbook.tables[form.name]
        for column in form.columns.values() if form.rows.kind == "added" and table.rows else ():
            if column.formula is None and column.type.kind in {"number", "date", "bool"}:
                yield from (edit(form, column, table, row) for row in {0, table.rows - 1})


def edit(form: Form, column: Column, table: Table, row: int) -> Edit:
    cells = table.columns[column.name]
    held = int(cells[-1, row] if column.by_year else cells[row])
    held = 0 if held < SPECIAL else held
    moved = {"number": held + 100, "date": held + 45, "bool": 1 - held}[column.type.kind]
    return Edit(0, form.name, column.name, row, moved)
