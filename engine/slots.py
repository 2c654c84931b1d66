"""What cells mean that come as (slots, rows): a slot is one column in one year, or in one month of a year.

All that a group says of some rows is such a block: the years of each column that is kept, then the years by month of
each that is not, then the years of each check. Before and after an edit two blocks are compared in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    whole = min(int(old.min(initial=0)), int(new.min(initial=0))) >= SPECIAL
    more = new - old if whole else amounts(new) - amounts(old)
    if rows.size >= _MANY:
        more = more.astype(object)
    if offsets.size == 2:
        return Moved(rows, old, new, offsets[:1], more.sum(axis=1, keepdims=True), whole)
    owners = offsets.searchsorted(rows, "right") - 1
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    return Moved(rows, old, new, owners[starts], np.add.reduceat(more, starts, axis=1), whole)


def amounts(cells: NDArray[Any]) -> NDArray[Any]:
    """Cells as what they are worth in a sum: a blank or an error is nothing."""
    return np.where(cells < SPECIAL, 0, cells)
