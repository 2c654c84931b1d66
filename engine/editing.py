"""Edits of inputs: which are possible, and the workbook after them. A refused edit is a finding and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.findings import Cell, Finding, finding
from engine.limits import EDITS_MAX, NUMBER_MAX, TEXT_LENGTH_MAX
from engine.number import BLANK, LAST_DAY
from engine.plan import Key, Plan
from engine.ruleset import Column, HeaderField
from engine.slots import changes_at, places_of
from engine.text.nearest import nearest
from engine.workbook import Changes, Edit, Table, Workbook

_LIMITS = {"bool": (0, 1), "date": (0, LAST_DAY)}
"""Between which cells an input of a type lies; every other number is held by its size alone."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What edits reached: rows of inputs by column, submissions by header field, and the cells that differ."""

    rows: Mapping[Key, NDArray[np.int64]]
    header: Mapping[str, NDArray[np.int64]]
    cells: tuple[Changes, ...]
    blocks: Mapping[Key, tuple[NDArray[Any], NDArray[Any]]] = field(default_factory=dict)
    """What the cells of those rows were and are, (years, rows)."""


def edited(plan: Plan, workbook: Workbook, edits: Sequence[Edit]) -> tuple[Workbook, Touched, list[Finding]]:
    """The workbook with the edits that can be, what they reached, and why the others cannot."""
    if (wrong := too_many(edits)) is not None:
        return workbook, Touched({}, {}, ()), [wrong]
    writing, refused = _Writing(plan, workbook), []
    for edit in edits:
        if (found := refusal(plan, workbook, edit)) is not None:
            refused.append(found)
        else:
            writing.write(edit)
    return writing.workbook(), writing.touched(), refused


def too_many(edits: Sequence[object]) -> Finding | None:
    """Why so many cannot be made in one go, if they cannot."""
    return finding("too-many-edits", None, count=len(edits), limit=EDITS_MAX) if len(edits) > EDITS_MAX else None


def refusal(plan: Plan, workbook: Workbook, edit: Edit) -> Finding | None:
    """Why an edit cannot be, or None."""
    if not 0 <= edit.submission < workbook.submissions:
        return finding("row-unknown", Cell(edit.submission, edit.form or "header"), row=edit.row + 1)
    if edit.form is not None:
        return _refused_cell(plan, workbook, edit, edit.form)
    declared, cell = plan.ruleset.header.get(edit.column), Cell(edit.submission, "header", edit.column)
    if declared is None:
        return finding("column-unknown", cell, got=edit.column, expected=nearest(edit.column, plan.ruleset.header))
    return _unfit(plan, edit, declared, cell)


def _refused_cell(plan: Plan, workbook: Workbook, edit: Edit, name: str) -> Finding | None:
    cell = Cell(edit.submission, name, edit.column, edit.row, edit.year)
    form = plan.ruleset.forms.get(name)
    declared = form.columns.get(edit.column) if form is not None else None
    if form is None or declared is None:
        known, got = (plan.ruleset.forms, name) if form is None else (form.columns, edit.column)
        return finding("column-unknown", cell, got=got, expected=nearest(got, known))
    if declared.formula is not None or edit.column in form.rows.by:
        return finding("edit-refused-computed", cell, column=edit.column)
    offsets = workbook.tables[plan.roots[name]].offsets
    if not 0 <= edit.row < offsets[edit.submission + 1] - offsets[edit.submission]:
        return finding("row-unknown", cell, row=edit.row + 1)
    if edit.year is not None and (not declared.by_year or edit.year not in plan.years):
        return finding("edit-refused-year", cell, column=edit.column, year=edit.year)
    return _unfit(plan, edit, declared, cell)


def _unfit(plan: Plan, edit: Edit, declared: Column | HeaderField, cell: Cell) -> Finding | None:
    """Why the value is none of the declared type, if it is not."""
    value, kind = edit.value, declared.type.kind
    if kind == "text":
        fits = value is None or (isinstance(value, str) and len(value) <= TEXT_LENGTH_MAX)
    elif not isinstance(value, (int, np.integer)) or isinstance(value, bool):
        fits = False
    elif kind == "code":
        known = plan.norms.classifications[declared.type.classification or ""].codes
        fits = value == BLANK or 0 <= value < len(known)
    else:
        least, most = _LIMITS.get(kind, (-NUMBER_MAX, NUMBER_MAX))
        fits = value == BLANK or least <= int(value) <= most
    return None if fits else finding("edit-refused-type", cell, column=edit.column, got=value, expected=kind)


@dataclass(slots=True)
class _Writing:
    plan: Plan
    before: Workbook
    columns: dict[Key, NDArray[Any]] = field(default_factory=dict)
    header: dict[str, NDArray[Any]] = field(default_factory=dict)
    reached: dict[Key, set[int]] = field(default_factory=dict)

    def write(self, edit: Edit) -> None:
        """Apply an edit that can be."""
        if edit.form is None:
            if edit.column not in self.header:
                self.header[edit.column] = self.before.header[edit.column].copy()
            self.header[edit.column][edit.submission] = edit.value
            return
        key, offsets = (edit.form, edit.column), self.before.tables[self.plan.roots[edit.form]].offsets
        row = int(offsets[edit.submission]) + edit.row
        if key not in self.columns:
            self.columns[key] = self.before.tables[key[0]].columns[key[1]].copy()
        at = ... if edit.year is None else self.plan.years.index(edit.year)
        self.columns[key][at, row] = edit.value
        self.reached.setdefault(key, set()).add(row)

    def workbook(self) -> Workbook:
        """The workbook after the edits; all that was not edited is shared."""
        before, tables = self.before, dict(self.before.tables)
        for (form, name), cells in self.columns.items():
            table = tables[form]
            tables[form] = Table(table.offsets, {**table.columns, name: cells}, table.previous)
        header = {**before.header, **self.header} if self.header else before.header
        return Workbook(before.years, header, tables, before.known, before.results)

    def touched(self) -> Touched:
        """Where cells now differ."""
        rows: dict[Key, NDArray[np.int64]] = {}
        blocks: dict[Key, tuple[NDArray[Any], NDArray[Any]]] = {}
        cells: list[Changes] = []
        for key, reached in self.reached.items():
            index = np.array(sorted(reached), dtype=np.int64)
            before = self.before.tables[key[0]].columns[key[1]]
            old, new = self._by_year(before, index), self._by_year(self.columns[key], index)
            places = places_of(old, new)
            at = np.unique(places[1]) if index.size > 1 else slice(0, min(places[0].size, 1))
            rows[key], blocks[key] = index[at], (old[:, at], new[:, at])
            if places[0].size:
                offsets = self.before.tables[self.plan.roots[key[0]]].offsets
                cells.append(changes_at(self.plan.route.inputs[key], offsets, index, places, (old, new)))
        header = {name: np.flatnonzero(cells != self.before.header[name]) for name, cells in self.header.items()}
        return Touched(rows, header, tuple(cells), blocks)

    def _by_year(self, cells: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
        some = cells[..., rows[0] : rows[0] + 1] if rows.size == 1 else cells[..., rows]
        return some if some.ndim == 2 else some[None].repeat(len(self.plan.years), axis=0)
