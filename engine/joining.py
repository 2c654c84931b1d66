"""Several workbooks of one plan as one, submission after submission: what began differently is calculated together.

A submission that was rolled forward knows the last cycle's values of some columns (`Table.previous`), another does not:
among others those are blank, which PREVIOUS tells apart from a value as before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.number import BLANK, Array
from engine.workbook import Table, Workbook


def joined(workbooks: Sequence[Workbook]) -> Workbook:
    """All submissions of workbooks with the same years, header and forms, in their order, without results."""
    first, *others = workbooks
    if not others:
        return first
    assert all((each.years, each.known) == (first.years, first.known) for each in others), "one plan, one knowledge"
    header = {name: np.concatenate([each.header[name] for each in workbooks]) for name in first.header}
    tables = {name: _table([each.tables[name] for each in workbooks]) for name in first.tables}
    return Workbook(first.years, header, tables, first.known)


def _table(tables: Sequence[Table]) -> Table:
    counts = np.concatenate([np.diff(table.offsets) for table in tables])
    columns = {name: np.concatenate([table.columns[name] for table in tables], axis=-1) for name in tables[0].columns}
    names = dict.fromkeys(name for table in tables for name in table.previous)
    previous = {name: np.concatenate([_previous(tables, table, name) for table in tables], axis=-1) for name in names}
    return Table(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), columns, previous)


def _previous(tables: Sequence[Table], table: Table, name: str) -> Array:
    if name in table.previous:
        return table.previous[name]
    like = next(each.previous[name] for each in tables if name in each.previous)
    shape, blank = (*like.shape[:-1], table.rows), None if like.dtype == object else BLANK
    return np.full(shape, blank, dtype=like.dtype)
