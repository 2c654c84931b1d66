"""Totals over the rows of each submission, exact: plain ones, and those of the rows whose keys equal what is asked.

Rows whose value is an error are left out; whoever shows the total says how many.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.kernel.calculation import Calculation, Valued
from engine.kernel.lanes import Lanes, first, from_cells
from engine.kernel.space import Space
from engine.kernel.typed import Op
from engine.limits import NUMBER_MAX
from engine.number import SPECIAL, Array

_TILE = 1 << 16
_HELD = 2**62
_FEW = 1 << 16
_REDUCE = {"sum": np.add, "count": np.add, "minimum": np.minimum, "maximum": np.maximum}


def row_totals(evaluation: Calculation, op: Op) -> Lanes:
    """(years, submissions): the total of an op over the rows of each submission; of none it is 0."""
    kind, root = str(op.detail[0]), str(op.detail[1])
    offsets = evaluation.table(root).offsets
    rows = _all_years(evaluation, root, op.args[0])
    longest = int(np.diff(offsets).max(initial=1))
    size = rows.bound * longest if kind == "sum" else max(rows.bound, longest)
    if kind == "count" and rows.errors is None:
        return Lanes(np.tile(np.diff(offsets), (len(rows.values), 1)), None, longest)
    values = np.ones_like(rows.values) if kind == "count" else rows.values
    if rows.errors is not None:
        return _without_errors(_REDUCE[kind], values, rows.errors, offsets, size)
    if size >= _HELD and kind == "sum":
        values = values.astype(object)
    totals = _segments(_REDUCE[kind], values, offsets)
    return Lanes(totals, None, int(np.abs(totals).max(initial=0)))


def advanced(known: Lanes, submissions: NDArray[np.int64], moves: Array) -> Lanes | None:
    """A sum after it moved by (years, submissions) in some of its submissions; None where int64 may not hold it."""
    bound = known.bound + int(np.abs(moves).max())
    if bound >= _HELD:
        return None
    if submissions.size == known.values.shape[1]:
        values = known.values + moves
    else:
        values = known.values.copy()
        values[:, submissions] += moves
    return Lanes(values, None, bound if bound < NUMBER_MAX else int(np.abs(values).max()))


def _without_errors(reduce: np.ufunc, values: Array, errors: Array, offsets: Array, size: int) -> Lanes:
    wide = values.astype(object) if size >= _HELD else values
    fine = np.broadcast_to(errors, wide.shape) == 0
    kept = [
        _segments(reduce, v[f], np.concatenate([[0], np.cumsum(f)])[offsets]) for v, f in zip(wide, fine, strict=True)
    ]
    return Lanes(np.stack(kept), None, size)


def _all_years(evaluation: Calculation, root: str, op: Op) -> Lanes:
    """(years, rows) of an op; a column that is read as it is is not copied."""
    years, rows = len(evaluation.plan.years), evaluation.table(root).rows
    if op.kind == "read" and not op.monthly:
        key = (str(op.detail[0]), str(op.detail[1]))
        cells = evaluation.column(key) if key in evaluation.plan.columns else evaluation.input(key)
        cells = np.broadcast_to(cells, (years, rows))
        return Lanes(cells, None, evaluation.sizes[key]) if key in evaluation.sizes else from_cells(cells)
    parts = [_gathered(evaluation, root, op, year) for year in range(years)]
    errors = None
    if any(part.errors is not None for part in parts):
        errors = np.stack([np.zeros(rows, dtype=np.int64) if p.errors is None else p.errors for p in parts])
    return Lanes(np.stack([part.values for part in parts]), errors, max(part.bound for part in parts))


def grouped_total(space: Valued, op: Op, year: int) -> Lanes:
    """For each lane of the space: the total over the rows of its submission whose keys equal the lane's."""
    evaluation, kind, root = space.evaluation, str(op.detail[0]), str(op.detail[1])
    keyed = (len(op.args) - 1) // 2
    rows = [_gathered(evaluation, root, arg, year) for arg in op.args[: 1 + keyed]]
    asked = [space.value(arg, year) for arg in op.args[1 + keyed :]]
    lanes, count = _lanes_of(space), evaluation.table(root).rows
    keys = [
        (np.broadcast_to(r.values, count), np.broadcast_to(a.values, len(lanes)))
        for r, a in zip(rows[1:], asked, strict=True)
    ]
    shape = (12 if op.monthly else 1, count)
    values = np.broadcast_to(np.int64(1) if kind == "count" else rows[0].values, shape)
    fine = np.ones(shape, dtype=bool)
    for row in rows:
        fine &= row.errors is None or np.asarray(row.errors == 0)
    size = rows[0].bound * max(count, 1) if kind == "sum" else max(rows[0].bound, count)
    if size >= _HELD and kind == "sum":
        values = values.astype(object)
    keys.insert(0, (evaluation.submission_of(root), lanes))
    every = _compared if len(lanes) * count <= _FEW and kind in ("sum", "count") else _sorted
    result = every(_REDUCE[kind], values, fine, keys)
    errors = None
    for ask in asked:
        errors = first(errors, ask.errors)
    return Lanes(result if op.monthly else result[0], errors, size)


def grouped_cells(evaluation: Calculation, op: Op) -> NDArray[np.int64] | None:
    """(years, rows) of a conditional total for all rows that ask for it, all years in one go; None where the rows are
    many, or one is an error, or what it reads is more than columns."""
    kind, root, keyed = str(op.detail[0]), str(op.detail[1]), (len(op.args) - 1) // 2
    lanes, count = evaluation.table(op.space).rows, evaluation.table(root).rows
    if lanes * count > _FEW or kind not in ("sum", "count") or op.monthly:
        return None
    read = [_fine_cells(evaluation, arg, root if at <= keyed else op.space) for at, arg in enumerate(op.args)]
    fine = [cells for cells in read if cells is not None]
    if len(fine) < len(read) or count * int(np.abs(fine[0]).max(initial=1)) > NUMBER_MAX:
        return None
    values, keys = fine[0], fine[1:]
    same = evaluation.submission_of(root) == evaluation.submission_of(op.space)[:, None]
    for own, wanted in zip(keys[:keyed], keys[keyed:], strict=True):
        same = same & (own[:, None] == wanted[..., None])
    totals = np.where(same, np.int64(1) if kind == "count" else values[:, None], 0).sum(axis=-1)
    return np.broadcast_to(totals, (len(evaluation.plan.years), lanes))


def _fine_cells(evaluation: Calculation, op: Op, root: str) -> NDArray[np.int64] | None:
    """(years, rows), or 1 in place of either where all are the same; None where one is an error, or it is no column."""
    if op.kind == "constant" and abs(value := int(str(op.detail[0]))) < _HELD:
        return np.array([[value]])
    if op.kind != "read" or op.space != root:
        return None
    key = (str(op.detail[0]), str(op.detail[1]))
    cells = evaluation.column(key) if key in evaluation.plan.columns else evaluation.input(key)
    if op.monthly or cells.ndim > 2 or cells.dtype != np.int64 or cells.min(initial=0) < SPECIAL:
        return None
    return np.atleast_2d(cells)


Keys = Sequence[tuple[Array, Array]]
"""Of the rows, and of the lanes that ask for them."""


def _compared(reduce: np.ufunc, values: Array, fine: NDArray[np.bool_], keys: Keys) -> Array:
    """(moments, lanes): each lane looks at every row; soonest where there are few of both."""
    same = np.all([own == wanted[:, None] for own, wanted in keys], axis=0)
    return np.stack([np.where(same & f, v, 0).sum(axis=1) for v, f in zip(values, fine, strict=True)])


def _sorted(reduce: np.ufunc, values: Array, fine: NDArray[np.bool_], keys: Keys) -> Array:
    """The same by bringing rows together that have the same keys."""
    ranked = [_ranked(*pair) for pair in keys]
    own, wanted = _numbered(*(np.stack(side, axis=1) for side in zip(*ranked, strict=True)))
    return np.stack([_matched(reduce, v[f], own[f], wanted) for v, f in zip(values, fine, strict=True)])


def _gathered(evaluation: Calculation, root: str, op: Op, year: int) -> Lanes:
    """An op over all rows of a root, one after another, whatever their number: (rows,), or (12, rows) if monthly."""
    count = evaluation.table(root).rows
    parts = [
        Space(evaluation, root, np.arange(start, min(start + _TILE, count))).value(op, year)
        for start in range(0, max(count, 1), _TILE)
    ]
    sizes = [min(_TILE, count - i * _TILE) for i in range(len(parts))]
    shapes = [(12, n) if op.monthly else (n,) for n in sizes]
    values = np.concatenate([np.broadcast_to(p.values, s) for p, s in zip(parts, shapes, strict=True)], axis=-1)
    errors = None
    if any(p.errors is not None for p in parts):
        raised = [np.int64(0) if p.errors is None else p.errors for p in parts]
        errors = np.concatenate([np.broadcast_to(e, s) for e, s in zip(raised, shapes, strict=True)], axis=-1)
    return Lanes(values, errors, max(p.bound for p in parts))


def _lanes_of(space: Valued) -> NDArray[np.int64]:
    return space.evaluation.submission_of(space.root)[space.rows]


def _ranked(inside: Array, outside: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keys as int64; of those that may pass it, the ranks among all of both."""
    if inside.dtype != object and outside.dtype != object:
        return inside, outside
    _, ranks = np.unique(np.concatenate([inside, outside]).astype(object), return_inverse=True)
    return ranks[: len(inside)], ranks[len(inside) :]


def _numbered(inside: NDArray[np.int64], outside: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same number for rows of both tables that are equal; numbers of no great size, not all of which occur."""
    both = np.concatenate([inside, outside])
    packed, room = np.zeros(len(both), dtype=np.int64), 1
    for column in both.T:
        ids, count = _counted(column)
        if room * count > _HELD:
            packed, room = _dense(packed)
        packed, room = packed * count + ids, room * count
    if room > 4 * len(both) + _TILE:
        packed, _ = _dense(packed)
    return packed[: len(inside)], packed[len(inside) :]


def _counted(column: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Numbers from 0 on in the same order, and a count that is above them all."""
    low, high = int(column.min(initial=0)), int(column.max(initial=0))
    return (column - low, high - low + 1) if high - low < _TILE else _dense(column)


def _dense(column: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The same order of numbers without gaps, and how many there are."""
    distinct, dense = np.unique(column, return_inverse=True)
    return dense.astype(np.int64), len(distinct)


def _matched(reduce: np.ufunc, values: Array, own: NDArray[np.int64], wanted: NDArray[np.int64]) -> Array:
    order = np.argsort(own, kind="stable")
    last = max(int(own.max(initial=-1)), int(wanted.max(initial=-1)))
    starts = np.searchsorted(own[order], np.arange(last + 2))
    return _segments(reduce, values[order], starts)[wanted]


def _segments(reduce: np.ufunc, values: Array, starts: NDArray[np.int64]) -> Array:
    """The reduction of values[…, starts[i] : starts[i + 1]] for each i; of nothing it is 0."""
    some = starts[1:] > starts[:-1]
    if some.all():
        return np.asarray(reduce.reduceat(values, starts[:-1], axis=-1))
    out = np.zeros((*values.shape[:-1], len(starts) - 1), dtype=values.dtype)
    if some.any():
        out[..., some] = reduce.reduceat(values, starts[:-1][some], axis=-1)
    return out
