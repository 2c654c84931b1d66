"""What cells mean that come as (slots, rows): a slot is one column in one year, or in one month of a year.

All that a group says of some rows is such a block: the years of each column that is kept, then of each check, then
the years by month of each column that is not kept. Before and after an edit two blocks are compared in one go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.kernel.machine import place_of
from engine.kernel.taking import TOLD, taking
from engine.limits import NUMBER_MAX
from engine.number import SPECIAL
from engine.workbook import ChangedCells, Changes

if TYPE_CHECKING:
    from engine.kernel.fused import Frame

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
    """The cells at these places of two blocks, before and after, read when somebody looks."""
    return Changes(slots.keys, places[0].size, lambda: _read(slots, offsets, rows, places, blocks))


def _read(
    slots: Slots, offsets: Rows, rows: Rows, places: Places, blocks: tuple[NDArray[Any], NDArray[Any]]
) -> ChangedCells:
    slot, at = places
    row = rows[at]
    submissions = offsets.searchsorted(row, "right") - 1 if offsets.size > 2 else np.zeros(row.size, dtype=np.int64)
    if offsets.size > 2:
        row = row - offsets[submissions]
    columns, years, months = slots.columns[slot], slots.years[slot], slots.months[slot]
    return ChangedCells(columns, submissions, row, years, months, blocks[0][places], blocks[1][places])


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


@dataclass(slots=True)
class Kept:
    """All that a step keeps, columns and checks, in one piece: what an edit changes of it is one copy, and where a part
    is follows from where the whole is."""

    whole: NDArray[np.int64]
    """The cells, then the sums of each slot by submission, an error counting as 0, then the same as float64, for
    compiled code."""
    cells: NDArray[np.int64]
    """(slots, rows)"""
    submissions: int
    begin: int
    """The address of it all."""
    bound: int = 0
    """No sum is larger."""

    @property
    def summed(self) -> bool:
        """Whether a cell can hold each of the sums; else they are not to be used."""
        return self.bound <= NUMBER_MAX

    @property
    def sums(self) -> NDArray[np.int64]:
        """(slots, submissions)"""
        size, count = self.cells.size, len(self.cells) * self.submissions
        return self.whole[size : size + count].reshape(-1, self.submissions)

    def stand(self, of: str) -> tuple[int, int]:
        """The address of the `cells`, the `sums` or the `floats`, and the bytes of one slot."""
        if of == "cells":
            return self.begin, 8 * self.cells.shape[1]
        sums = self.begin + 8 * self.cells.size
        return sums if of == "sums" else sums + 8 * len(self.cells) * self.submissions, 8 * self.submissions

    def after(self, what: Moved) -> Kept:
        """The same with other cells in some rows."""
        cells = with_rows(self.cells, what.rows, what.new)
        if not self.summed:
            return _kept(cells, self.sums, self.bound)
        sums = self.sums.astype(what.sums.dtype)
        sums[:, what.submissions] += what.sums
        return _kept(cells, sums, int(np.abs(sums).max(initial=0)))


def kept_of(columns: Sequence[NDArray[np.int64]], offsets: Rows) -> Kept:
    """What a step keeps, from its columns, (years, rows) each."""
    cells = np.concatenate(columns)
    worth = amounts(cells)
    if cells.shape[1] * NUMBER_MAX >= 2**63:
        worth = worth if int(np.abs(worth).max(initial=0)) * cells.shape[1] < 2**63 else worth.astype(object)
    totals = np.add.accumulate(worth, axis=1)
    totals = np.concatenate([np.zeros((len(cells), 1), dtype=totals.dtype), totals], axis=1)
    sums = totals[:, offsets[1:]] - totals[:, offsets[:-1]]
    return _kept(cells, sums, int(np.abs(sums).max(initial=0)))


def _kept(cells: NDArray[np.int64], sums: NDArray[Any], bound: int) -> Kept:
    kept = room(len(cells), cells.shape[1], sums.shape[1])
    kept.cells[:], kept.bound = cells, bound
    if kept.summed:
        kept.sums[:] = sums
        kept.whole[-sums.size :].view(np.float64)[:] = sums.ravel()
    return kept


def room(slots: int, rows: int, submissions: int) -> Kept:
    """Something of this size, yet to be filled."""
    whole = np.empty(slots * (rows + 2 * submissions), dtype=np.int64)
    return Kept(whole, whole[: slots * rows].reshape(slots, rows), submissions, place_of(whole))


Key = tuple[str, str]


@dataclass(slots=True)
class Cut(MutableMapping[Key, Any]):
    """Columns or checks by key: cut out of the pieces that steps keep when somebody looks, else as at first."""

    first: Mapping[Key, NDArray[Any]]
    places: Mapping[Key, tuple[int, slice]]
    """The step that keeps it, and its slots."""
    pieces: Mapping[int, Kept]

    @classmethod
    def of(cls, held: Mapping[Key, Any], places: Mapping[Key, tuple[int, slice]], pieces: Mapping[int, Kept]) -> Cut:
        """The same columns, cut out of other pieces."""
        return cls(held.first if isinstance(held, Cut) else held, places, pieces)

    def __getitem__(self, key: Key) -> NDArray[Any]:
        step, slots = self.places.get(key, _NOWHERE)
        piece = self.pieces.get(step)
        return self.first[key] if piece is None else piece.cells[slots]

    def sums(self, key: Key) -> list[int] | None:
        """Of each slot of a column of the only submission the sum, an error counting as 0; None where none is kept."""
        step, slots = self.places.get(key, _NOWHERE)
        piece = self.pieces.get(step)
        known = piece is not None and piece.submissions == 1 and piece.summed
        return piece.sums[slots, 0].tolist() if piece is not None and known else None

    def __setitem__(self, key: Key, cells: NDArray[Any]) -> None:
        self.first = {**self.first, key: cells}

    def __delitem__(self, key: Key) -> None:
        self.first = {name: cells for name, cells in self.first.items() if name != key}

    def __contains__(self, key: object) -> bool:
        return key in self.first

    def __iter__(self) -> Iterator[Key]:
        return iter(self.first)

    def __len__(self) -> int:
        return len(self.first)


_NOWHERE = (-1, slice(0))


@dataclass(slots=True)
class Settled:
    """What some rows of a step have become: where they differ, by how much their sums moved, what is kept now."""

    blocks: tuple[NDArray[Any], NDArray[Any]]
    """What the step said of them, and says."""
    places: Places
    columns: bytes
    """Of each kept column, as int64, whether it differs."""
    what: Moved
    """Of the kept slots."""
    kept: Kept
    failing: bool
    """Whether a check of those rows does not hold."""


Of = tuple[int, int, Rows]
"""How many slots a step's kept columns have, and how many each of them; where submissions begin."""


def settled(kept: Kept, rows: Rows, blocks: tuple[NDArray[Any], NDArray[Any]], of: Of) -> Settled:
    """Two blocks of a step compared and the new one kept, by numpy: for any rows of any number of submissions."""
    (old, new), (slots, moments, offsets), asked = blocks, of, len(kept.cells)
    what, places = moved(offsets, rows, (old[:asked], new[:asked])), places_of(old, new)
    failing = bool(np.count_nonzero(new[slots:asked]) < new[slots:asked].size)
    return Settled(blocks, places, columns_at(places[0], slots, moments), what, kept.after(what), failing)


def columns_at(differing: Rows, slots: int, moments: int) -> bytes:
    """Of each of the kept columns, as int64, whether it has one of the slots that differ."""
    found = np.zeros(slots // moments, dtype=np.int64)
    found[differing[differing < slots] // moments] = 1
    return found.tobytes()


def together(kept: Kept, rows: Rows, offsets: Rows) -> bool:
    """Whether rows are few, stand together, and are of the only submission, so that one call takes them."""
    many = rows.size
    return offsets.size == 2 and many < _MANY and rows.item(many - 1) - rows.item(0) == many - 1 and kept.summed


def taken(kept: Kept, rows: Rows, frames: tuple[Frame | None, Frame], of: Of) -> Settled | None:
    """A step run, compared and kept in one call, for rows that are `together`, with what its code reads now, and read
    before if that is asked for; None if a row is handed back."""
    (before, now), (columns, moments, offsets), many = frames, of, rows.size
    first, asked, code = rows.item(0), len(kept.cells), now.code
    (begin, end), slots, inputs = code.window(now.rows, (first, first + many)), code.size, len(now.arrays)
    after, size, outputs = room(asked, kept.cells.shape[1], 1), end - begin, code.slots.size
    touched, found, found_at = asked, asked + columns // moments, asked + columns // moments + slots * many
    told = found_at + slots * many
    scratch = told + len(TOLD)
    out = scratch + inputs + outputs
    out_before = out + (slots + 1) * size
    beside = np.empty(out_before if before is None else out_before + (slots + 1) * size, dtype=np.int64)
    at, shown = place_of(beside), slice(first - begin, first - begin + many)
    (sums_held, _), (sums, _), (floats, _) = kept.stand("sums"), after.stand("sums"), after.stand("floats")
    given = (
        *(code.code.address, code.layout.lanes, inputs, outputs, place_of(code.slots), now.rows, begin, end),
        *(place_of(now.addresses), 0 if before is None else place_of(before.addresses)),
        *(at + 8 * scratch, at + 8 * out, at + 8 * out_before, slots, columns, moments, asked),
        *(kept.cells.shape[1], first, many, kept.begin, after.begin, sums_held, sums, floats),
        *(at, at + 8 * touched, at + 8 * found, at + 8 * found_at),
    )
    taking(given, at + 8 * told)
    again, differing, no_numbers, none_now, failing, after.bound = beside[told:scratch].tolist()
    if again:
        return None
    new = beside[out : out + slots * size].reshape(slots, size)[:, shown]
    if before is None:
        old = kept.cells[:, first : first + many]
    else:
        old = beside[out_before : out_before + slots * size].reshape(slots, size)[:, shown]
    what = Moved(rows, old[:asked], new[:asked], offsets[:1], beside[:asked, None], not no_numbers and not none_now)
    places = beside[found : found + differing], beside[found_at : found_at + differing]
    return Settled((old, new), places, beside[touched:found].tobytes(), what, after, bool(failing))


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
