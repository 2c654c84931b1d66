"""A workbook's inputs under another ruleset: what both have alike is kept, what is new starts blank, the rest goes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.groups import blank_inputs, with_groups
from engine.inputs import read_cell
from engine.norms import Norms
from engine.number import SPECIAL, from_cell, to_cell
from engine.ruleset import Column, Form, HeaderField, Ruleset
from engine.ruleset.dependencies import rows_order
from engine.workbook import Table, Workbook

Array = NDArray[Any]


def refitted(workbook: Workbook, old: Ruleset, new: Ruleset, norms: Norms) -> Workbook:
    """The same submissions under another ruleset of the same plan years, nothing calculated yet."""
    header = {name: _field(workbook, old.header.get(name), field, norms) for name, field in new.header.items()}
    tables: dict[str, Table] = {}
    for form in rows_order(new.forms):
        tables[form.name] = _table(workbook, old.forms.get(form.name), form, (norms, tables))
    return with_groups(new, norms, Workbook(workbook.years, header, tables, workbook.known))


def same_rows(old: Form | None, new: Form) -> bool:
    """Whether a form's rows come about in the same way."""
    if old is None:
        return False
    return (old.rows.kind, old.rows.fixed, old.rows.forms, old.rows.by) == (
        new.rows.kind, new.rows.fixed, new.rows.forms, new.rows.by,
    )  # fmt: skip


def alike(old: Column | None, new: Column) -> bool:
    """Whether a column is an input in both, and the cells of one may stand in the other."""
    if old is None or old.formula is not None or new.formula is not None:
        return False
    return (old.type, old.digits, old.by_year) == (new.type, new.digits, new.by_year)


def fixed_inputs(form: Form, norms: Norms, years: int, submissions: int) -> dict[str, Array]:
    """The inputs of a form of fixed rows: what its rows say, the rest blank."""
    columns = blank_inputs(form, years, len(form.rows.fixed) * submissions)
    for name in dict.fromkeys(name for row in form.rows.fixed for name in row):
        declared = form.columns[name]
        cells = [read_cell(row.get(name, ""), declared.type, declared.digits, norms) for row in form.rows.fixed]
        columns[name][...] = np.tile(np.array(cells, dtype=columns[name].dtype), submissions)
    return columns


def _table(workbook: Workbook, old: Form | None, new: Form, known: tuple[Norms, dict[str, Table]]) -> Table:
    norms, tables = known
    years, submissions = len(workbook.years), workbook.submissions
    table = workbook.tables.get(new.name) if same_rows(old, new) else None
    if new.rows.kind == "each":
        source = tables[new.rows.forms[0]]
        table = table if table is not None and np.array_equal(table.offsets, source.offsets) else None
        offsets = source.offsets
    elif new.rows.kind == "fixed":
        offsets = np.arange(submissions + 1) * len(new.rows.fixed)
    else:
        offsets = np.zeros(submissions + 1, dtype=np.int64) if table is None else table.offsets
    if new.rows.kind == "fixed":
        columns = fixed_inputs(new, norms, years, submissions)
    else:
        columns = blank_inputs(new, years, int(offsets[-1]))
    previous = {name: cells for name, cells in (table.previous if table else {}).items() if name in new.columns}
    if table is not None and old is not None:
        for name in columns.keys() & table.columns.keys():
            columns[name] = _carried(table.columns[name], old.columns[name], new.columns[name], columns[name])
    return Table(offsets, columns, previous)


def _carried(cells: Array, old: Column, new: Column, blank: Array) -> Array:
    """What stood in a column that may be declared with other digits or by year now."""
    if old.type != new.type or (old.by_year and not new.by_year):
        return blank
    if old.digits != new.digits:
        cells = _redigited(cells, old.digits or 0, new.digits or 0)
    return np.broadcast_to(cells, blank.shape).copy() if cells.shape != blank.shape else cells


def _redigited(cells: Array, old: int, new: int) -> Array:
    flat = [cell if cell < SPECIAL else to_cell(from_cell(cell, old), new) for cell in cells.reshape(-1).tolist()]
    return np.array(flat, dtype=np.int64).reshape(cells.shape)


def _field(workbook: Workbook, old: HeaderField | None, new: HeaderField, norms: Norms) -> Array:
    if old is not None and (old.type, old.digits) == (new.type, new.digits):
        return workbook.header[new.name]
    text = read_cell(new.default or "", new.type, new.digits, norms)
    return np.full(workbook.submissions, text, dtype=object if new.type.kind == "text" else np.int64)
