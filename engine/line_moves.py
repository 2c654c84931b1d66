"""How budget lines move when some rows of a workbook change: what each line is more or less by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.lines import DIMENSIONS, STATED
from engine.number import SPECIAL
from engine.plan import Key, Plan
from engine.ruleset import Form, LineRule
from engine.workbook import Workbook

LineKey = tuple[str, ...]


def line_moves(
    plan: Plan, before: Workbook, after: Workbook, changed: Mapping[Key, NDArray[np.int64]]
) -> dict[LineKey, int]:
    """Line key → tiyn after minus before, where that is not 0. A header that keys lines moves every row's."""
    moves: dict[LineKey, int] = {}
    for form in plan.ruleset.forms.values():
        for rule in form.lines:
            rows = _rows(plan, form, rule, changed, (before, after))
            for workbook, sign in ((before, -1), (after, 1)):
                for key, amount in _amounts(plan, form, rule, workbook, rows):
                    moves[key] = moves.get(key, 0) + sign * amount
    return {key: amount for key, amount in sorted(moves.items()) if amount}


def _rows(
    plan: Plan,
    form: Form,
    rule: LineRule,
    changed: Mapping[Key, NDArray[np.int64]],
    workbooks: tuple[Workbook, Workbook],
) -> list[int]:
    before, after = workbooks
    columns = [rule.amount, *(text[1:] for text in rule.keys.values() if text.startswith("="))]
    rows = {int(row) for name in columns for row in changed.get((form.name, name), ())}
    offsets = after.tables[plan.roots[form.name]].offsets
    for name in DIMENSIONS:
        if name in after.header and name not in rule.keys and before.header[name] is not after.header[name]:
            for submission in np.flatnonzero(before.header[name] != after.header[name]):
                rows |= set(range(int(offsets[submission]), int(offsets[submission + 1])))
    return sorted(rows)


def _amounts(
    plan: Plan, form: Form, rule: LineRule, workbook: Workbook, rows: list[int]
) -> Iterator[tuple[LineKey, int]]:
    scale = 10 ** (2 - (form.columns[rule.amount].digits or 0))
    table = workbook.tables[plan.roots[form.name]]
    shape = (len(plan.years), table.rows)
    amounts = np.broadcast_to(_cells(workbook, form, rule.amount), shape)
    own = {d: np.broadcast_to(_cells(workbook, form, t[1:]), shape) for d, t in rule.keys.items() if t.startswith("=")}
    for row in rows:
        submission, _ = table.place(row)
        for y, year in enumerate(plan.years):
            if amounts[y, row] < SPECIAL:
                continue
            texts = {d: _code(plan, form.columns[rule.keys[d][1:]].type.classification, c[y, row]) for d, c in own.items()}
            key = tuple(_part(plan, rule, workbook, submission, name, texts, year) for name in DIMENSIONS)
            yield key, int(amounts[y, row]) * scale


def _part(
    plan: Plan, rule: LineRule, workbook: Workbook, submission: int, name: str, own: Mapping[str, str], year: int
) -> str:
    if name == "year":
        return str(year)
    if name in own:
        return own[name]
    if name in workbook.header and name not in rule.keys:
        return _code(plan, plan.ruleset.header[name].type.classification, workbook.header[name][submission])
    return rule.keys.get(name, STATED.get(name, ""))


def _code(plan: Plan, classification: str | None, cell: object) -> str:
    if classification is None:
        return cell if isinstance(cell, str) else ""
    position = int(str(cell))
    return plan.norms.classifications[classification].codes[position] if position >= 0 else ""


def _cells(workbook: Workbook, form: Form, name: str) -> NDArray:
    if form.columns[name].formula is None:
        return workbook.tables[form.name].columns[name]
    assert workbook.results is not None
    return workbook.results.columns[form.name, name]
