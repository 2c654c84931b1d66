"""What must hold for any ruleset and any workbook, each law a function that says where it is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cases.outcome import by_oracle
from engine.evaluate import calculated, recalculate
from engine.evaluation import Evaluation
from engine.kernel import fused
from engine.kernel.fused import Purpose
from engine.lines import DIMENSIONS, delta, lines_of, roll_up
from engine.norms import Norms
from engine.number import ERROR_OF_CELL, SPECIAL
from engine.plan import Key, Plan, planned
from engine.renorm import renormed
from engine.reshaping import alone
from engine.snapshot import column_bytes, digest, line_bytes
from engine.workbook import Change, Edit, Results, Table, Workbook, only
from tests.properties.filled import changed_inputs

Cells = Mapping[Key, NDArray[Any]]


def every_cell(plan: Plan, results: Results, workbook: Workbook) -> dict[Key, NDArray[Any]]:
    """All computed columns, the monthly ones that are not kept too, and the checks."""
    evaluation = Evaluation(plan, workbook)
    evaluation.stored = dict(results.columns)
    cells = dict(results.columns)
    for key, definition in plan.columns.items():
        if definition.monthly and definition.op is not None:
            cells[key] = evaluation.months(key, np.arange(workbook.tables[definition.root].rows))
    return cells | {(form, f"check {name}"): held for (form, name), held in results.checks.items()}


def kernels_are_oracle(plan: Plan, workbook: Workbook) -> Iterator[str]:
    """Law 3: numpy, compiled code and the oracle agree on every cell."""
    interpreted = every_cell(plan, calculated(plan, workbook, compiled=False), workbook)
    compiled = every_cell(plan, calculated(plan, workbook, compiled=True), workbook)
    asked = by_oracle(plan, workbook)
    oracle = dict(asked.columns) | {(form, f"check {name}"): held for (form, name), held in asked.checks.items()}
    yield from differences(plan, ("compiled", compiled), ("numpy", interpreted))
    yield from differences(plan, ("numpy", interpreted), ("oracle", oracle))


def errors_are_told(plan: Plan, workbook: Workbook) -> Iterator[str]:
    """Law 3 for code that tells errors: whatever rows it does not hand back are cell for cell those of numpy."""
    evaluation = Evaluation(plan, workbook, compiled=0)
    evaluation.stored = dict(calculated(plan, workbook, compiled=False).columns)
    for group in plan.groups:
        rows = evaluation.table(group.root).rows
        code = fused.compiled(evaluation, group, purpose=Purpose.ERRORS) if rows and not group.slow else None
        if code is not None and code.size:
            told, wanted = code.run(evaluation, rows), evaluation.interpreted(group, np.arange(rows))
            for slot, row in np.argwhere((told.cells != wanted) & (told.again == 0))[:3].tolist():
                cells = _shown(told.cells[slot, row]), _shown(wanted[slot, row])
                yield f"{group.columns} slot {slot} row {row}: told {cells[0]}, numpy {cells[1]}"


def rows_of_errors(plan: Plan, workbook: Workbook) -> tuple[int, int]:
    """In how many rows with an error code that tells errors does so, and of how many there are."""
    evaluation = Evaluation(plan, workbook, compiled=0)
    evaluation.stored = dict(calculated(plan, workbook, compiled=False).columns)
    done = there = 0
    for group in plan.groups:
        rows = evaluation.table(group.root).rows
        code = fused.compiled(evaluation, group, purpose=Purpose.ERRORS) if rows and not group.slow else None
        if code is not None and code.size:
            wrong = (evaluation.interpreted(group, np.arange(rows)) < SPECIAL).any(axis=0)
            there += int(wrong.sum())
            done += int((wrong & (code.run(evaluation, rows).again == 0)).sum())
    return done, there


def part_is_full(plan: Plan, workbook: Workbook, edits: Sequence[Edit], compiled: bool) -> Iterator[str]:
    """Laws 1, 2 and 7: after edits all is as if calculated afresh, and the delta says what moved."""
    before, _ = recalculate(plan, workbook, compiled=compiled)
    after, change = recalculate(plan, before, edits, compiled=compiled)
    fresh, _ = recalculate(plan, changed_inputs(workbook, edits), compiled=False)
    assert before.results is not None
    assert after.results is not None
    assert fresh.results is not None
    old, new = every_cell(plan, before.results, before), every_cell(plan, fresh.results, fresh)
    yield from differences(plan, ("after edits", every_cell(plan, after.results, after)), ("afresh", new))
    yield from _inputs_differ(after, fresh)
    changes = [each for each in change.changes() if (each.form, each.column) in plan.columns]
    told = [key for key in plan.columns if key[0] not in change.reshaped]
    moved_cells = _moved(plan, before, {key: old[key] for key in told}, changes)
    yield from differences(plan, ("state and delta", moved_cells), ("afresh", {key: new[key] for key in told}))
    moved = delta(lines_of(plan.ruleset, plan.norms, before), lines_of(plan.ruleset, plan.norms, fresh))
    amounts = {key: amount for key, amount in moved.as_dict().items() if amount}
    if dict(change.lines) != amounts:
        yield f"lines moved {dict(change.lines)}, should have {amounts}"
    if dict(change.incomplete) != moved.left_out():
        yield f"rows left out {dict(change.incomplete)}, should have {moved.left_out()}"
    yield from parts_are_total(plan, after)


def renormed_is_full(plan: Plan, workbook: Workbook, norms: Norms) -> Iterator[str]:
    """Law 1 for norms: under other norms, calculating what depends on them gives what calculating all gives."""
    book = replace(workbook, results=calculated(plan, workbook))
    new, after, _ = renormed(plan, book, norms)
    fresh = planned(plan.ruleset, norms)
    assert after.results is not None
    moved = every_cell(new, after.results, after)
    yield from differences(
        new, ("renormed", moved), ("afresh", every_cell(fresh, calculated(fresh, workbook), workbook))
    )


def refusal_changes_nothing(plan: Plan, workbook: Workbook, edit: Edit) -> Iterator[str]:
    """An edit that cannot be is a finding and leaves all as it was."""
    before, _ = recalculate(plan, workbook)
    after, change = recalculate(plan, before, [edit])
    if not change.findings or list(change.changes()) or change.lines:
        yield f"{edit} was not refused"
    assert before.results is not None
    assert after.results is not None
    yield from differences(plan, ("refused", after.results.columns), ("before", before.results.columns))
    yield from _inputs_differ(after, before)


def together_is_alone(plan: Plan, workbook: Workbook) -> Iterator[str]:
    """Law 4: each submission gives by itself what it gives among others, and what is cut out of theirs."""
    results = calculated(plan, workbook)
    joint, whole = every_cell(plan, results, workbook), replace(workbook, results=results)
    for submission in range(workbook.submissions):
        single, out = only(workbook, submission), alone(plan, whole, submission)
        assert out.results is not None
        by_itself = f"submission {submission}", every_cell(plan, calculated(plan, single), single)
        cut = {key: _of_submission(plan, workbook, key, cells, submission) for key, cells in joint.items()}
        yield from differences(plan, by_itself, ("together", cut))
        yield from differences(plan, by_itself, ("cut out", every_cell(plan, out.results, out)))


def parts_are_total(plan: Plan, workbook: Workbook) -> Iterator[str]:
    """Law 7: rolled up along any dimensions, and again from there, the sums stay the same."""
    lines = lines_of(plan.ruleset, plan.norms, workbook)
    whole = sum(int(amount) for amount in lines.amounts)
    for by in (DIMENSIONS, ("institution", "specific", "year"), ("institution",), ("year",), ()):
        lines = roll_up(lines, [name for name in by if name in lines.keys])
        if sum(int(amount) for amount in lines.amounts) != whole:
            yield f"the total by {by} is not that of its parts"


def bytes_are_same(plan: Plan, workbook: Workbook) -> Iterator[str]:
    """Law 8: the same input gives the same bytes, however its arrays lie in memory."""
    digests = {_digest(plan, each) for each in (workbook, workbook, _laid_out_otherwise(workbook))}
    if len(digests) > 1:
        yield "the digests differ"


def reached(plan: Plan, workbook: Workbook) -> Iterator[str]:
    """What a trial really tried: functions, errors, ways of calculating."""
    formulas = [column.formula for form in plan.ruleset.forms.values() for column in form.columns.values()]
    text = " ".join(formula.text for formula in formulas if formula)
    yield from (f"function {name}" for name in set(re.findall(r"([A-Z][A-Z.]+)\(", text)))
    results = calculated(plan, workbook, compiled=False)
    held = [cells.ravel() for cells in results.columns.values() if cells.dtype != object]
    found = np.unique(np.concatenate([np.empty(0, np.int64), *held]))
    yield from (f"error {ERROR_OF_CELL[cell]}" for cell in found.tolist() if cell in ERROR_OF_CELL)
    yield from (f"wide {bits}" for bits in (31, 49, 51) if (np.abs(found[found >= SPECIAL]) >= 2**bits).any())
    evaluation = Evaluation(plan, workbook)
    for group in plan.groups:
        yield "oracle" if group.slow else "compiled" if fused.compiled(evaluation, group) else "numpy"


def differences(plan: Plan, one: tuple[str, Cells], other: tuple[str, Cells]) -> Iterator[str]:
    """Where two calculations differ, column by column."""
    (name, got), (other_name, wanted) = one, other
    if got.keys() != wanted.keys():
        yield f"{name} has other columns than {other_name}: {got.keys() ^ wanted.keys()}"
    for key in got.keys() & wanted.keys():
        if got[key].shape != wanted[key].shape:
            yield f"{key}: {name} has the shape {got[key].shape}, {other_name} {wanted[key].shape}"
        elif not np.array_equal(got[key], wanted[key]):
            place = tuple(np.argwhere(got[key] != wanted[key])[0].tolist())
            told = f"{name} {_shown(got[key][place])}, {other_name} {_shown(wanted[key][place])}"
            yield f"{key} at {place}: {told}; {_formula(plan, key)}"


def _formula(plan: Plan, key: Key) -> str:
    form = plan.ruleset.forms[key[0]]
    if key[1] in form.columns:
        formula = form.columns[key[1]].formula
        return formula.text if formula else ""
    return form.checks[key[1].removeprefix("check ")].asserts.text


def _shown(cell: Any) -> str:
    return str(ERROR_OF_CELL.get(cell, cell))


def _inputs_differ(workbook: Workbook, other: Workbook) -> Iterator[str]:
    for name, table in workbook.tables.items():
        for column, cells in table.columns.items():
            if not np.array_equal(cells, other.tables[name].columns[column]):
                yield f"the input {name}.{column} differs"
    for name, cells in workbook.header.items():
        if not np.array_equal(cells, other.header[name]):
            yield f"the header's {name} differs"


def _moved(
    plan: Plan, workbook: Workbook, cells: Mapping[Key, NDArray[Any]], changes: Sequence[Change]
) -> dict[Key, NDArray[Any]]:
    """Cells with what a delta says of them."""
    moved = {key: array.copy() for key, array in cells.items()}
    for change in changes:
        key = (change.form, change.column)
        row = int(workbook.tables[plan.roots[change.form]].offsets[change.submission]) + change.row
        year = workbook.years.index(change.year)
        place = (year, row) if change.month is None else (year, change.month - 1, row)
        assert moved[key][place] == change.before, f"{change} was {moved[key][place]}"
        moved[key][place] = change.after
    return moved


def _of_submission(plan: Plan, workbook: Workbook, key: Key, cells: NDArray[Any], submission: int) -> NDArray[Any]:
    form, name = key
    if name.startswith("check ") and not plan.by_row((form, name.removeprefix("check "))):
        return cells[..., submission : submission + 1]
    offsets = workbook.tables[plan.roots[form]].offsets
    return cells[..., offsets[submission] : offsets[submission + 1]]


def _digest(plan: Plan, workbook: Workbook) -> str:
    after, _ = recalculate(plan, workbook)
    assert after.results is not None
    lines = lines_of(plan.ruleset, plan.norms, after)
    return digest([*column_bytes(after.results.columns), *column_bytes(after.results.checks), *line_bytes(lines)])


def _laid_out_otherwise(workbook: Workbook) -> Workbook:
    """The same cells in arrays of another order, with gaps between the cells."""
    tables = {
        name: Table(table.offsets, {c: _gapped(cells) for c, cells in table.columns.items()}, table.previous)
        for name, table in workbook.tables.items()
    }
    return replace(workbook, tables=tables, header={name: _gapped(cells) for name, cells in workbook.header.items()})


def _gapped(cells: NDArray[Any]) -> NDArray[Any]:
    wide = np.asfortranarray(np.repeat(cells, 2, axis=-1))
    return wide[..., ::2]
