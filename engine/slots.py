"""What cells mean that come as (slots, rows): a slot is one column in one year, or in one month of a year.

All that a group says of some rows is such a block: the years of each column that is kept, then of each check, then
the years by month of each column that is not kept. Before and after an edit two blocks are compared in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.limits import NUMBER_MAX
from engine.number import SPECIAL
from engine.workbook import Changes

_MANY = 2**9
"""Fewer differences of cells than this add up within int64."""

Rows = NDArray[np.int64]
Places = tuple[Rows, Rows]
"""Slots, ascending, and for each which of the rows."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Columns one after another, each with its years or, month after month, its years' months."""

    keys: tuple[tuple[str, str], ...]
    columns: Rows
    """(slots,): which of the keys, and below its year and its month, 0 where it is yearly."""
    years: Rows
    months: Rows

    def __len__(self) -> int:
        return self.columns.size


def slots_of(years: Sequence[int], columns: Sequence[tuple[tuple[str, str], bool]]) -> Slots:
    """The slots of columns, each with whether it is monthly."""
    moments = [
        (at, year, month)
        for at, (_, monthly) in enumerate(columns)
        for year in years
        for month in (range(1, 13) if monthly else (0,))
    ]
    parts = np.array(moments, dtype=np.int64).reshape(-1, 3).T
    return Slots(tuple(key for key, _ in columns), *(np.ascontiguousarray(part) for part in parts))


def places_of(old: NDArray[Any], new: NDArray[Any]) -> Places:
    """Where two blocks differ."""
    flat = (old != new).ravel().nonzero()[0]
    if old.shape[-1] == 1:
        return flat, np.zeros(flat.size, dtype=np.int64)
    return np.divmod(flat, old.shape[-1])


def changes_at(
    slots: Slots, offsets: Rows, rows: Rows, places: Places, blocks: tuple[NDArray[Any], NDArray[Any]]
) -> Changes:
    """The cells at these places of two blocks, before and after."""
    slot, at = places
    row = rows[at]
    submissions = offsets.searchsorted(row, "right") - 1 if offsets.size > 2 else np.zeros(row.size, dtype=np.int64)
    if offsets.size > 2:
        row = row - offsets[submissions]
    columns, years, months = slots.columns[slot], slots.years[slot], slots.months[slot]
    return Changes(slots.keys, columns, submissions, row, years, months, blocks[0][places], blocks[1][places])


def differing(slots: Slots, offsets: Rows, rows: Rows, blocks: tuple[NDArray[Any], NDArray[Any]]) -> Changes:
    """The cells in which two blocks differ."""
    return changes_at(slots, offsets, rows, places_of(*blocks), blocks)


@dataclass(frozen=True, slots=True)
class Moved:
    """What some rows of a column were and are, (slots, rows), and by how much its sums moved; an error counts as 0."""

    rows: Rows
    old: NDArray[Any]
    new: NDArray[Any]
    submissions: Rows
    """Those that the rows belong to."""
    sums: NDArray[Any]
    """(slots, submissions)"""
    whole: bool
    """Whether no cell is a blank or an error."""

    def part(self, slots: slice) -> Moved:
        """Some of the slots alone."""
        return Moved(self.rows, self.old[slots], self.new[slots], self.submissions, self.sums[slots], self.whole)


def moved(offsets: Rows, rows: Rows, blocks: tuple[NDArray[Any], NDArray[Any]]) -> Moved:
    """How two blocks of these rows differ in their sums; texts have none."""
    old, new = blocks
    if new.dtype == object or old.dtype == object:
        return Moved(rows, old, new, rows[:0], np.empty((len(old), 0), dtype=np.int64), False)
    whole = not np.count_nonzero(old < SPECIAL) and not np.count_nonzero(new < SPECIAL)
    more = new - old if whole else amounts(new) - amounts(old)
    if rows.size >= _MANY:
        more = more.astype(object)
    if offsets.size == 2:
        return Moved(rows, old, new, offsets[:1], more if rows.size == 1 else more.sum(axis=1, keepdims=True), whole)
    owners = offsets.searchsorted(rows, "right") - 1
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    return Moved(rows, old, new, owners[starts], np.add.reduceat(more, starts, axis=1), whole)


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a step keeps, columns and checks, in one piece: what an edit changes of it is one copy, and where a part
    is follows from where the whole is."""

    cells: NDArray[np.int64]
    """(slots, rows)"""
    sums: NDArray[np.int64] | None
    """(slots, submissions), an error counting as 0; None where a cell could not hold one of them."""
    floats: NDArray[np.float64] | None
    """The same for compiled code."""
    bound: int
    """No sum is larger."""

    def after(self, what: Moved) -> Kept:
        """The same with other cells in some rows."""
        cells = with_rows(self.cells, what.rows, what.new)
        if self.sums is None:
            return Kept(cells, None, None, 0)
        if what.submissions.size == self.sums.shape[1]:
            return _kept(cells, self.sums + what.sums)
        sums = self.sums.astype(what.sums.dtype)
        sums[:, what.submissions] += what.sums
        return _kept(cells, sums)


def kept_of(columns: Sequence[NDArray[np.int64]], offsets: Rows) -> Kept:
    """What a step keeps, from its columns, (years, rows) each."""
    cells = np.ascontiguousarray(np.concatenate(columns))
    worth = amounts(cells)
    if cells.shape[1] * NUMBER_MAX >= 2**63:
        worth = worth if int(np.abs(worth).max(initial=0)) * cells.shape[1] < 2**63 else worth.astype(object)
    totals = np.add.accumulate(worth, axis=1)
    totals = np.concatenate([np.zeros((len(cells), 1), dtype=totals.dtype), totals], axis=1)
    return _kept(cells, totals[:, offsets[1:]] - totals[:, offsets[:-1]])


def _kept(cells: NDArray[np.int64], sums: NDArray[Any]) -> Kept:
    bound = int(np.abs(sums).max(initial=0))
    if bound > NUMBER_MAX:
        return Kept(cells, None, None, 0)
    whole = np.ascontiguousarray(sums, dtype=np.int64)
    return Kept(cells, whole, whole.astype(np.float64), bound)


def with_rows(cells: NDArray[Any], rows: Rows, new: NDArray[Any]) -> NDArray[Any]:
    """Cells, (…, rows), with others, (slots, rows), in some of their rows."""
    cells = cells.copy()
    cells.reshape(-1, cells.shape[-1])[:, _at(rows)] = new
    return cells


def rows_of(cells: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """Some rows of cells, (slots, rows); not copied where they stand together."""
    return cells[:, _at(rows)]


def _at(rows: Rows) -> Rows | slice:
    first, last = int(rows[0]), int(rows[-1]) + 1
    return slice(first, last) if last - first == rows.size else rows


def amounts(cells: NDArray[Any]) -> NDArray[Any]:
    """Cells as what they are worth in a sum: a blank or an error is nothing."""
    return np.where(cells < SPECIAL, 0, cells)
