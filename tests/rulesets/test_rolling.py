"""Rolling forward under another ruleset and other classifications, and of several submissions at once.

What rolling forward does by itself stands in `needs/tests/rolling.yaml`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from engine.cases import load_cases, prepared
from engine.evaluate import recalculate
from engine.inputs import cell_text
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.number import BLANK
from engine.plan import Plan, planned
from engine.rolling import rolled_forward
from engine.ruleset.loader import load
from engine.workbook import Table, Workbook, only

HERE = Path(__file__).parent
NEXT = (2027, 2028, 2029)


@cache
def last() -> tuple[Plan, Workbook]:
    """The first case of rolling forward, recalculated."""
    ruleset, _ = load(HERE / "needs")
    assert ruleset is not None
    case = next(case for case in load_cases(HERE / "needs")[0] if case.rolled)
    ready = prepared(case, ruleset, load_norms(HERE.parent.parent / "norms")[0])
    assert ready.workbook is not None
    plan = planned(ready.ruleset, ready.norms)
    return plan, recalculate(plan, ready.workbook)[0]


def test_several_submissions_roll_as_each_alone() -> None:
    plan, workbook = last()
    following = planned(replace(plan.ruleset, years=NEXT), plan.norms)
    several, _ = recalculate(plan, thrice(workbook))
    rolled = rolled_forward(plan, several, following)
    alone = rolled_forward(plan, workbook, following)
    for submission in range(3):
        cut = only(rolled, submission)
        for name, table in alone.tables.items():
            for part in ("columns", "previous"):
                for column, cells in getattr(table, part).items():
                    assert np.array_equal(getattr(cut.tables[name], part)[column], cells), (name, column)


def test_codes_are_carried_by_what_they_are_not_by_where_they_stand() -> None:
    plan, workbook = last()
    codes = plan.norms.classifications["subprogramme"]
    names = ("900", *(code for code in codes.codes if code != "011"))
    other = replace(codes, codes=names, parents=(None,) * len(names), valid=((None, None),) * len(names))
    norms = reclassified(plan.norms, "subprogramme", other)
    rolled = rolled_forward(plan, workbook, planned(replace(plan.ruleset, years=NEXT), norms))
    assert shown(norms, plan, rolled, "goods", "specific") == ["149"]
    assert shown(norms, plan, rolled, "goods", "subprogramme") == ["code-unknown"]
    assert shown(norms, plan, rolled, "contracts", "subprogramme") == [""]


def test_columns_are_carried_as_the_next_ruleset_declares_them() -> None:
    plan, workbook = last()
    goods = plan.ruleset.forms["goods"]
    columns = dict(goods.columns)
    columns["price"] = replace(columns["price"], digits=1, by_year=True)
    columns["pieces"] = replace(columns["pieces"], by_year=False)
    columns["once"] = replace(columns["once"], type=columns["specific"].type)
    columns["stock"] = replace(columns["pieces"], name="stock")
    forms = {**plan.ruleset.forms, "goods": replace(goods, columns=columns)}
    following = planned(replace(plan.ruleset, years=NEXT, forms=forms), plan.norms)
    carried = rolled_forward(plan, workbook, following).tables["goods"].columns
    assert carried["price"].tolist() == [[1101]] * 3, "110.055 is rounded once"
    assert carried["pieces"].tolist() == [3], "of 2027"
    assert carried["once"].tolist() == [BLANK], "no truth is a code"
    assert carried["stock"].tolist() == [BLANK], "there was none"


def thrice(workbook: Workbook) -> Workbook:
    """Three submissions that are alike."""
    tables = {}
    for name, table in workbook.tables.items():
        columns = {c: np.concatenate([cells] * 3, axis=-1) for c, cells in table.columns.items()}
        tables[name] = Table(np.arange(4) * table.rows, columns)
    header = {name: np.repeat(cells, 3) for name, cells in workbook.header.items()}
    return Workbook(workbook.years, header, tables)


def reclassified(norms: Norms, name: str, codes: object) -> Norms:
    return replace(norms, classifications={**norms.classifications, name: codes}, digest="")  # type: ignore[dict-item]


def shown(norms: Norms, plan: Plan, workbook: Workbook, form: str, column: str) -> list[str]:
    declared = plan.column((form, column))
    cells = workbook.tables[form].columns[column].tolist()
    return [cell_text(cell, declared.type, declared.digits, norms) for cell in cells]
