"""The rows of forms of groups: one for each distinct combination of some columns over other forms, in code order.

`rows: {group: [FORM, …], by: [columns]}`. In each form of the group a column to group by is an input that is the same
in all years, a formula that is nothing but a code (`="111"`), or, where the form has no such column, the header's field
of that name. A row whose key is an error or a blank that may not be one belongs to no group; a blank that may be one is
a group of its own, the first. Codes stand in the order of their classification, numbers and dates ascending, texts
without regard to capitals. Other inputs of a form of groups, and of those derived from it, stay with their row's key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.formula import Text
from engine.norms import Norms
from engine.number import BLANK, SPECIAL
from engine.ruleset import Column, Form, Ruleset
from engine.ruleset.dependencies import rows_order
from engine.workbook import Table, Workbook

Rows = NDArray[np.int64]


def with_groups(ruleset: Ruleset, norms: Norms, workbook: Workbook) -> Workbook:
    """The workbook with the rows that its forms of groups now have; tables whose rows stay are shared."""
    tables, places = dict(workbook.tables), dict[str, Rows]()
    for form in rows_order(ruleset.forms):
        old, source = tables.get(form.name), form.rows.forms[0] if form.rows.forms else ""
        if form.rows.kind == "group":
            fresh = grouped(ruleset, norms, replace(workbook, tables=tables), form)
            if old is None or not _same_rows(fresh, old):
                places[form.name] = row_places(fresh, old, form.rows.by)
                tables[form.name] = carried(form, workbook.years, old, (fresh, places[form.name]))
        elif form.rows.kind == "each" and source in places:
            places[form.name] = places[source]
            tables[form.name] = carried(form, workbook.years, old, (Table(tables[source].offsets), places[source]))
    return replace(workbook, tables=tables) if places else workbook


def grouped(ruleset: Ruleset, norms: Norms, workbook: Workbook, form: Form) -> Table:
    """The rows of a form of groups with their keys only; the tables of the group's forms are filled already."""
    keys = _Keys(ruleset, norms, workbook)
    sources = [ruleset.forms[name] for name in form.rows.forms]
    owners = np.concatenate([keys.owners(source) for source in sources])
    parts = [[keys.cells(source, name) for source in sources] for name in form.rows.by]
    columns = [np.concatenate(cells) for cells in parts]
    ranks = [_ranks(cells) for cells in columns]
    kept = np.flatnonzero(np.all([rank != BLANK for rank in ranks], axis=0))
    first = kept[_first_of_each([owners[kept], *(rank[kept] for rank in ranks)])]
    submissions = len(workbook.tables[sources[0].name].offsets)
    offsets = np.searchsorted(owners[first], np.arange(submissions)).astype(np.int64)
    named = zip(form.rows.by, columns, strict=True)
    return Table(offsets, {name: _as_input(form.columns[name], cells[first]) for name, cells in named})


def row_places(now: Table, before: Table | None, by: Sequence[str]) -> Rows:
    """(rows now,): which row before had the same submission and key; -1 for a row that is new."""
    if before is None or not set(by) <= set(before.columns):
        return np.full(now.rows, -1, dtype=np.int64)
    known = {key: row for row, key in enumerate(_row_keys(before, by))}
    return np.array([known.get(key, -1) for key in _row_keys(now, by)], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What the rows of the forms of a group are grouped by. A text is None, and any other cell `BLANK`, where the row
    belongs to no group; a blank that may be one is an empty text, no code (-1), or 0."""

    ruleset: Ruleset
    norms: Norms
    workbook: Workbook

    def owners(self, form: Form) -> Rows:
        """(rows,): the submission of each row."""
        return owners_of(self.workbook.tables[form.name])

    def cells(self, form: Form, name: str) -> NDArray[Any]:
        """(rows,)"""
        column = form.columns.get(name)
        if column is None:
            return _plain(self.workbook.header[name][self.owners(form)], self.ruleset.header[name].type.kind, False)
        if column.formula is not None:
            return np.full(self.workbook.tables[form.name].rows, self._constant(column), dtype=np.int64)
        return _plain(self.workbook.tables[form.name].columns[name], column.type.kind, column.optional)

    def _constant(self, column: Column) -> int:
        """The code that a formula is; `check` has seen that it is nothing else."""
        assert column.formula is not None
        assert isinstance(column.formula.tree, Text)
        codes = self.norms.classifications[column.type.classification or ""].positions
        return codes.get(column.formula.tree.value, BLANK)


def owners_of(table: Table) -> Rows:
    """(rows,): the submission of each row of a table."""
    return np.repeat(np.arange(len(table.offsets) - 1), np.diff(table.offsets))


def _plain(cells: NDArray[Any], kind: str, optional: bool) -> NDArray[Any]:
    if kind == "text":
        blank = "" if optional else None
        return np.array([cell or blank for cell in cells.tolist()], dtype=object)
    nothing = (-1 if kind == "code" else 0) if optional else BLANK
    plain: NDArray[Any] = np.where(cells < SPECIAL, np.where(cells == BLANK, nothing, BLANK), cells)
    return plain


def _as_input(column: Column, cells: NDArray[Any]) -> NDArray[Any]:
    """An input of no code is blank."""
    return np.where(cells == -1, BLANK, cells) if column.type.kind == "code" else cells


def _ranks(cells: NDArray[Any]) -> Rows:
    """Numbers in the order of the cells, texts by their capitals; `BLANK` for what has no rank."""
    if cells.dtype != object:
        return cells.astype(np.int64)
    folded = [None if cell is None else _folded(cell) for cell in cells.tolist()]
    order = {text: i for i, text in enumerate(sorted({text for text in folded if text is not None}))}
    return np.array([BLANK if text is None else order[text] for text in folded], dtype=np.int64)


def _folded(cell: Any) -> Any:
    return cell.upper() if isinstance(cell, str) else cell


def _first_of_each(keys: Sequence[Rows]) -> Rows:
    """Of rows that have the same keys the first, in the order of the keys."""
    order = np.lexsort(tuple(reversed(keys)))
    if not order.size:
        return order
    differs = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
    first: Rows = order[np.concatenate([[True], differs])]
    return first


def _same_rows(fresh: Table, old: Table) -> bool:
    return np.array_equal(fresh.offsets, old.offsets) and all(
        name in old.columns and np.array_equal(cells, old.columns[name]) for name, cells in fresh.columns.items()
    )


def _row_keys(table: Table, by: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    columns = [[_folded(cell) for cell in table.columns[name].tolist()] for name in by]
    return zip(owners_of(table).tolist(), *columns, strict=True)


def carried(form: Form, years: Sequence[int], old: Table | None, now: tuple[Table, Rows]) -> Table:
    """The rows as they are now with the form's other inputs: those of the row at that place before, else blank."""
    fresh, places = now
    held: Mapping[str, NDArray[Any]] = {} if old is None else old.columns
    blank = blank_inputs(form, len(years), places.size)
    columns = {name: _moved(held.get(name), places, cells) for name, cells in blank.items()}
    before: Mapping[str, NDArray[Any]] = {} if old is None else old.previous
    previous = {name: _moved(cells, places, _blank_as(cells, places.size)) for name, cells in before.items()}
    return Table(fresh.offsets, {**columns, **fresh.columns}, previous)


def blank_inputs(form: Form, years: int, rows: int) -> dict[str, NDArray[Any]]:
    """The inputs of a form with nothing in them: (rows,), or (years, rows) of those that differ by year."""
    return {name: _blank(c, years, rows) for name, c in form.columns.items() if c.formula is None}


def _moved(cells: NDArray[Any] | None, places: Rows, blank: NDArray[Any]) -> NDArray[Any]:
    if cells is not None and cells.shape[-1]:
        known = np.flatnonzero(places >= 0)
        blank[..., known] = cells[..., places[known]]
    return blank


def _blank(column: Column, years: int, rows: int) -> NDArray[Any]:
    shape = (years, rows) if column.by_year else (rows,)
    return np.full(shape, None, dtype=object) if column.type.kind == "text" else np.full(shape, BLANK, dtype=np.int64)


def _blank_as(cells: NDArray[Any], rows: int) -> NDArray[Any]:
    shape = (*cells.shape[:-1], rows)
    return np.full(shape, None, dtype=object) if cells.dtype == object else np.full(shape, BLANK, dtype=np.int64)
