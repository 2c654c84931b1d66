"""Edits after which forms of groups have other rows: their submissions are calculated afresh and put among the others.

Submissions know nothing of one another, so that one whose rows are others now can be calculated by itself, and the rest
of the workbook stays as it is. Of a form that has other rows no cell is compared with what it was: the delta names the
form (`reshaped`), and whoever shows it reads it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.editing import Touched
from engine.evaluation import Evaluation
from engine.findings import Finding
from engine.groups import owners_of, with_groups
from engine.kernel.typed import SUBMISSION
from engine.lines import delta as line_delta
from engine.lines import lines_of
from engine.plan import Key, Plan
from engine.slots import differing, slots_of
from engine.verdicts import findings_of
from engine.workbook import Changes, Delta, Results, Table, Workbook, only

Rows = NDArray[np.int64]
Moved = Mapping[tuple[str, ...], int]
"""Line key → how much more."""


@dataclass(frozen=True, slots=True)
class Reshape:
    """The workbook with its rows as they are now, which submissions have others than before, and in which forms."""

    workbook: Workbook
    submissions: Rows
    forms: tuple[str, ...]


def reshape(plan: Plan, before: Workbook, after: Workbook, touched: Touched) -> Reshape | None:
    """How edits change the rows of forms of groups; None where they do not."""
    if not _touches_keys(plan, touched):
        return None
    now = with_groups(plan.ruleset, plan.norms, after)
    moved = {}
    for form in plan.ruleset.forms.values():
        if form.rows.kind == "group" and now.tables[form.name] is not after.tables[form.name]:
            moved[form.name] = _others(before.tables[form.name], now.tables[form.name], form.rows.by)
    forms = tuple(name for name in plan.ruleset.forms if plan.roots[name] in moved)
    return Reshape(now, np.unique(np.concatenate(list(moved.values()))), forms) if moved else None


def picked(workbook: Workbook, submissions: Rows) -> Workbook:
    """Some submissions of a workbook as a workbook of their own, without results."""
    header = {name: cells[submissions] for name, cells in workbook.header.items()}
    tables = {name: _picked_rows(table, submissions) for name, table in workbook.tables.items()}
    return Workbook(workbook.years, header, tables, workbook.known)


def alone(plan: Plan, workbook: Workbook, submission: int) -> Workbook:
    """One submission of a recalculated workbook as a workbook of its own, with its results."""
    ends = {root: table.offsets[submission : submission + 2].tolist() for root, table in workbook.tables.items()}
    rows = {root: slice(*both_ends) for root, both_ends in {**ends, SUBMISSION: (submission, submission + 1)}.items()}
    return replace(only(workbook, submission), results=_cut(plan, workbook, rows))


def spliced(plan: Plan, before: Workbook, reshaped: Reshape, part: Results) -> Workbook:
    """The whole workbook: the results before, and in place of the reshaped submissions' the part's."""
    assert before.results is not None, "rows change under a recalculated workbook"
    places = {root: _places(plan, root, before, reshaped) for root in {*plan.roots.values(), SUBMISSION}}
    columns = {
        key: _spliced(cells, part.columns[key], places[plan.roots[key[0]]])
        for key, cells in before.results.columns.items()
    }
    checks = {
        key: _spliced(cells, part.checks[key], places[plan.roots[key[0]] if plan.by_row(key) else SUBMISSION])
        for key, cells in before.results.checks.items()
    }
    return replace(reshaped.workbook, results=Results(columns, checks))


def reshaped_delta(plan: Plan, before: Workbook, after: Workbook, reshaped: Reshape, touched: Touched) -> Delta:
    """What differs in the reshaped submissions; both workbooks are recalculated."""
    old, new = (_recalculated_part(plan, workbook, reshaped.submissions) for workbook in (before, after))
    cells = [*_of_other_forms(touched.cells, reshaped.forms)]
    stay = [key for key in plan.columns if key[0] not in reshaped.forms]
    evaluations = evaluation_of(plan, old), evaluation_of(plan, new)
    for key in stay:
        table = after.tables[plan.roots[key[0]]]
        rows, slots = _rows_of(table, reshaped.submissions), slots_of(plan.years, [(key, plan.columns[key].monthly)])
        was, is_ = (computed_cells(plan, each, key).reshape(len(slots), rows.size) for each in evaluations)
        cells.append(differing(slots, table.offsets, rows, (was, is_)))
    moved = line_delta(*(lines_of(plan.ruleset, plan.norms, workbook) for workbook in (old, new)))
    found = tuple(_told_of(found, reshaped.submissions) for found in findings_of(plan, new))
    told = tuple(filter(len, cells))
    return Delta(told, _where(moved.as_dict()), found, reshaped.forms, _where(moved.left_out()))


def both(first: Delta, second: Delta) -> Delta:
    """Two deltas as one; of forms that have other rows since the second no cells are told."""
    cells = (*_of_other_forms(first.cells, second.reshaped), *second.cells)
    lines, incomplete = added(first.lines, second.lines), added(first.incomplete, second.incomplete)
    return Delta(cells, lines, (*first.findings, *second.findings), second.reshaped, incomplete)


def added(first: Moved, second: Moved) -> dict[tuple[str, ...], int]:
    """How lines moved in both, in key order, where that is not 0."""
    moved = dict(first)
    for key, more in second.items():
        moved[key] = moved.get(key, 0) + more
    return _where(dict(sorted(moved.items())))


def _where(moved: Moved) -> dict[tuple[str, ...], int]:
    return {key: more for key, more in moved.items() if more}


def _touches_keys(plan: Plan, touched: Touched) -> bool:
    """Whether an edit reached something by which rows are grouped."""
    grouped = plan.route.grouped
    return bool(grouped) and any(key in grouped for key in (*touched.rows, *(("", name) for name in touched.header)))


def _others(old: Table, new: Table, by: tuple[str, ...]) -> Rows:
    """The submissions that do not have the same rows in both."""
    same = np.diff(old.offsets) == np.diff(new.offsets)
    owners = owners_of(old), owners_of(new)
    rows = [np.flatnonzero(same[of]) for of in owners]
    differs = np.zeros(rows[1].size, dtype=bool)
    for name in by:
        differs |= old.columns[name][rows[0]] != new.columns[name][rows[1]]
    return np.union1d(np.flatnonzero(~same), owners[1][rows[1]][differs])


def _picked_rows(table: Table, submissions: Rows) -> Table:
    rows = _rows_of(table, submissions)
    offsets = np.concatenate([[0], np.cumsum(np.diff(table.offsets)[submissions])]).astype(np.int64)
    columns = {name: np.ascontiguousarray(cells[..., rows]) for name, cells in table.columns.items()}
    return Table(offsets, columns, {name: cells[..., rows] for name, cells in table.previous.items()})


def _rows_of(table: Table, submissions: Rows) -> Rows:
    return np.flatnonzero(np.isin(owners_of(table), submissions))


def _places(plan: Plan, root: str, before: Workbook, reshaped: Reshape) -> tuple[Rows, Rows, Rows]:
    """Rows of a root in other submissions, before and now, and the rows of the reshaped ones now."""
    if root == SUBMISSION:
        others = np.setdiff1d(np.arange(before.submissions), reshaped.submissions)
        return others, others, reshaped.submissions
    tables = before.tables[root], reshaped.workbook.tables[root]
    of = [np.isin(owners_of(table), reshaped.submissions) for table in tables]
    return np.flatnonzero(~of[0]), np.flatnonzero(~of[1]), np.flatnonzero(of[1])


def _spliced(cells: NDArray[Any], part: NDArray[Any], places: tuple[Rows, Rows, Rows]) -> NDArray[Any]:
    before, now, own = places
    whole = np.empty((*cells.shape[:-1], now.size + own.size), dtype=cells.dtype)
    whole[..., now] = cells[..., before]
    whole[..., own] = part
    return whole


def _recalculated_part(plan: Plan, workbook: Workbook, submissions: Rows) -> Workbook:
    cut = {root: _rows_of(table, submissions) for root, table in workbook.tables.items()}
    return replace(picked(workbook, submissions), results=_cut(plan, workbook, {**cut, SUBMISSION: submissions}))


def _cut(plan: Plan, workbook: Workbook, rows: Mapping[str, Rows | slice]) -> Results:
    """What was found out of some rows of each root."""
    results = workbook.results
    assert results is not None
    columns = {key: cells[..., rows[plan.roots[key[0]]]] for key, cells in results.columns.items()}
    checks = {
        key: cells[..., rows[plan.roots[key[0]] if plan.by_row(key) else SUBMISSION]]
        for key, cells in results.checks.items()
    }
    return Results(columns, checks)


def evaluation_of(plan: Plan, workbook: Workbook) -> Evaluation:
    """What a recalculated workbook keeps, so that what it does not keep can be read."""
    assert workbook.results is not None
    evaluation = Evaluation(plan, workbook)
    evaluation.stored = dict(workbook.results.columns)
    return evaluation


def computed_cells(plan: Plan, evaluation: Evaluation, key: Key) -> NDArray[Any]:
    """(years, rows) or (years, 12, rows) of a computed column."""
    if plan.stored(key):
        return evaluation.column(key)
    return evaluation.months(key, np.arange(evaluation.workbook.tables[plan.roots[key[0]]].rows))


def _of_other_forms(cells: tuple[Changes, ...], forms: tuple[str, ...]) -> Iterator[Changes]:
    """Changes stand together by root, so that one form tells of all."""
    return (changes for changes in cells if changes.keys[0][0] not in forms)


def _told_of(found: Finding, submissions: Rows) -> Finding:
    """A finding of the part as one of the whole."""
    if found.cell is None:
        return found
    return replace(found, cell=replace(found.cell, submission=int(submissions[found.cell.submission])))
