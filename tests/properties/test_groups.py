"""The rows of forms of groups (`groups.yaml`): the engine's and the oracle's, before and after edits.

Keys of every kind are drawn from few values, so that edits make groups, end them, and join them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hypothesis import event, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.evaluate import recalculate
from engine.groups import with_groups
from engine.number import BLANK, CELL_OF_ERROR
from engine.oracle import Oracle
from engine.plan import Plan, planned
from engine.ruleset import Column, Form
from engine.slow import cell_of
from engine.workbook import Edit, Table, Workbook, only
from tests.properties import laws
from tests.properties.written import norms, read_ruleset

TEXTS = yaml.load((Path(__file__).parent / "groups.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
VALUES: dict[str, list[Any]] = {
    "code": [0, 1, 2, BLANK, CELL_OF_ERROR["code-unknown"]],
    "date": [46_023, 46_388, BLANK],
    "number": [0, 150, -150, BLANK],
    "bool": [0, 1, BLANK],
    "text": ["Abai", "ABAI", "abai ", "Ә", "ә", "", None],
}


@cache
def plan() -> Plan:
    return planned(read_ruleset({name: titled(file) for name, file in TEXTS.items()}), norms())


def titled(declared: dict[str, Any]) -> dict[str, Any]:
    """The same with titles and messages, which these tests do not read."""

    def said(what: str, things: dict[str, Any]) -> dict[str, Any]:
        return {name: {what: dict.fromkeys(("kk", "ru", "en"), name)} | thing for name, thing in things.items()}

    parts = {
        "columns": said("title", declared.get("columns", {})),
        "checks": said("message", declared.get("checks", {})),
    }
    parts = {key: part for key, part in parts.items() if part}
    return {"title": dict.fromkeys(("kk", "ru", "en"), "made")} | declared | parts


@st.composite
def workbooks(draw: st.DrawFn) -> Workbook:
    """One to four submissions of up to four rows in each form that people fill."""
    submissions = draw(st.integers(1, 4))
    header = {
        name: np.array([draw(st.sampled_from(VALUES[field.type.kind])) for _ in range(submissions)])
        for name, field in plan().ruleset.header.items()
    }
    tables = {}
    for form in plan().ruleset.forms.values():
        if form.rows.kind == "added":
            counts = [draw(st.integers(0 if form.name == "trips" else 1, 4)) for _ in range(submissions)]
            columns = {c.name: cells(draw, c, sum(counts)) for c in form.columns.values() if c.formula is None}
            tables[form.name] = Table(np.cumsum([0, *counts]), columns)
    return Workbook(plan().years, header, tables)


def cells(draw: st.DrawFn, column: Column, rows: int) -> NDArray[Any]:
    dtype = object if column.type.kind == "text" else np.int64
    pool = draw(st.lists(st.sampled_from(VALUES[column.type.kind]), min_size=1, max_size=3))
    return np.array([draw(st.sampled_from(pool)) for _ in range(rows)], dtype=dtype)


@st.composite
def edits(draw: st.DrawFn, workbook: Workbook) -> list[Edit]:
    """Edits of keys and amounts, of the header, and of what stands beside a group."""
    found = [draw(one_edit(workbook)) for _ in range(draw(st.integers(2, 5)))]
    return [edit for edit in found if edit is not None]


@st.composite
def one_edit(draw: st.DrawFn, workbook: Workbook) -> Edit | None:
    submission = draw(st.integers(0, workbook.submissions - 1))
    needs = plan().ruleset.forms["needs"]
    form = draw(st.sampled_from([needs, needs, needs, None, *plan().ruleset.forms.values()]))
    if form is None:
        name = draw(st.sampled_from(sorted(plan().ruleset.header)))
        return Edit(submission, None, name, 0, draw(st.sampled_from([0, 1, 2, BLANK])))
    offsets = workbook.tables[form.name].offsets
    rows = int(offsets[submission + 1] - offsets[submission])
    inputs = [c for c in form.columns.values() if c.formula is None and c.name not in form.rows.by]
    if not rows or not inputs:
        return None
    column = draw(st.sampled_from(inputs))
    possible = [value for value in VALUES[column.type.kind] if value != CELL_OF_ERROR["code-unknown"]]
    return Edit(submission, form.name, column.name, draw(st.integers(0, rows - 1)), draw(st.sampled_from(possible)))


@given(workbooks())
def test_the_rows_are_those_that_the_oracle_reads(workbook: Workbook) -> None:
    filled = with_groups(plan().ruleset, norms(), workbook)
    oracle = Oracle(plan().ruleset, norms(), workbook)
    for form in groups():
        table = filled.tables[form.name]
        assert np.diff(table.offsets).tolist() == [oracle.rows(s, form.name) for s in range(workbook.submissions)]
        for name in form.rows.by:
            assert [shown(cell) for cell in table.columns[name].tolist()] == keys_of(oracle, workbook, form, name)
    assert list(laws.kernels_are_oracle(plan(), filled)) == []


@given(workbooks())
def test_rows_together_are_rows_alone(workbook: Workbook) -> None:
    filled = with_groups(plan().ruleset, norms(), workbook)
    assert with_groups(plan().ruleset, norms(), filled) is filled
    assert list(laws.together_is_alone(plan(), filled)) == []
    for submission in range(workbook.submissions):
        cut, alone = only(filled, submission), with_groups(plan().ruleset, norms(), only(workbook, submission))
        for form in groups():
            for name in form.rows.by:
                assert np.array_equal(cut.tables[form.name].columns[name], alone.tables[form.name].columns[name])


@given(st.data(), workbooks(), st.booleans())
def test_after_edits_of_keys_all_is_as_if_calculated_afresh(
    data: st.DataObject, workbook: Workbook, compiled: bool
) -> None:
    filled = with_groups(plan().ruleset, norms(), workbook)
    changed = data.draw(edits(filled))
    before, _ = recalculate(plan(), filled)
    after, delta = recalculate(plan(), before, changed)
    event(f"reshaped: {bool(delta.reshaped)}")
    assert list(laws.part_is_full(plan(), filled, changed, compiled)) == []
    moved = {name for name in plan().ruleset.forms if not same_rows(before, after, name)}
    assert moved <= set(delta.reshaped)
    assert not {change.form for change in delta.changes()} & set(delta.reshaped)


@given(workbooks())
def test_what_stands_beside_a_key_stays_with_it(workbook: Workbook) -> None:
    filled = with_groups(plan().ruleset, norms(), workbook)
    form = next(form for form in groups() if "note" in form.columns)
    table = filled.tables[form.name]
    notes = np.array(
        [str(key) for key in zip(*(table.columns[name].tolist() for name in form.rows.by), strict=True)], object
    )
    noted = Table(table.offsets, {**table.columns, "note": notes})
    fewer = {name: Table(t.offsets, dict(t.columns)) for name, t in filled.tables.items()} | {form.name: noted}
    source = form.rows.forms[0]
    halves = np.arange(fewer[source].rows) % 2 == 0
    offsets = np.searchsorted(np.flatnonzero(halves), fewer[source].offsets)
    fewer[source] = Table(offsets, {name: column[halves] for name, column in fewer[source].columns.items()})
    after = with_groups(plan().ruleset, norms(), Workbook(filled.years, filled.header, fewer)).tables[form.name]
    keys = zip(*(after.columns[name].tolist() for name in form.rows.by), strict=True)
    assert [note.upper() for note in after.columns["note"].tolist()] == [str(key).upper() for key in keys]


def groups() -> list[Form]:
    return [form for form in plan().ruleset.forms.values() if form.rows.kind == "group"]


def same_rows(one: Workbook, other: Workbook, name: str) -> bool:
    form, root = plan().ruleset.forms[name], plan().roots[name]
    keys = plan().ruleset.forms[root].rows.by
    a, b = one.tables[root], other.tables[root]
    return form.rows.kind == "added" or (
        np.array_equal(a.offsets, b.offsets) and all(np.array_equal(a.columns[k], b.columns[k]) for k in keys)
    )


def keys_of(oracle: Oracle, workbook: Workbook, form: Form, name: str) -> list[object]:
    """The oracle's keys as cells; of no code it has a code without letters."""
    declared = form.columns[name]
    found: list[object] = []
    for submission in range(workbook.submissions):
        for row in range(oracle.rows(submission, form.name)):
            value = oracle.cell(submission, form.name, name, row, workbook.years[0])
            found.append(shown(value if declared.type.kind == "text" else cell_of(value, declared, norms())))
    return found


def shown(cell: object) -> object:
    return BLANK if cell == -1 else cell
