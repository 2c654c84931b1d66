"""Ranks, and distributions by largest remainders, over the rows of each submission: exact, and sorted once for all.

An op of these is a `total_where` whose first detail is its kind: its lanes are the rows of a whole root, and so are
those of what it reads. A row with an error in what it is ranked by, or in its weight, has that error and does not
count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.functions.values import order
from engine.kernel.calculation import Calculation
from engine.kernel.lanes import Lanes, first
from engine.kernel.strata import NUMBERS, TRUTHS
from engine.kernel.typed import Op
from engine.number import CELL_OF_ERROR, Array

_HELD = 2**62
Numbers = NDArray[np.int64]


def ranked(evaluation: Calculation, op: Op, year: int) -> Lanes:
    """For each row of the root: 1 and the rows of its submission that are before it by `op.args`, each in turn."""
    _, root, falling, sorts = cast(tuple[str, str, bool, tuple[str, ...]], op.detail)
    amount, *ties = _over_all_rows(evaluation, root, op.args, year)
    errors = amount.errors
    for tie in ties:
        errors = first(errors, tie.errors)
    count = amount.values.size
    counted = np.arange(count) if errors is None else np.flatnonzero(errors == 0)
    keys = [_in_order(evaluation, tie, sort) for tie, sort in zip(ties, sorts, strict=True)]
    keys = [_sortable(-amount.values if falling else amount.values), *keys]
    ranks = np.zeros(count, dtype=np.int64)
    ranks[counted] = _places([key[counted] for key in keys], evaluation.submission_of(root)[counted])
    return Lanes(ranks, errors, count)


def distributed(evaluation: Calculation, op: Op, year: int) -> Lanes:
    """For each row of the root: its part of the pot of its submission, in units of the last digit."""
    _, root, (up, down), sorts = cast(tuple[str, str, tuple[int, int], tuple[str, ...]], op.detail)
    pot, bottom, weight, *ties = _over_all_rows(evaluation, root, op.args, year)
    owners, offsets = evaluation.submission_of(root), evaluation.table(root).offsets
    weights = weight.values if weight.errors is None else np.where(weight.errors == 0, weight.values, 0)
    total = _sums(weights, offsets)[owners]
    top, under = abs(pot.values).astype(object) * up, bottom.values.astype(object) * down
    units = _narrow(top // under)
    wrong = (top % under != 0) | (_sums(weights < 0, offsets) > 0)[owners]
    raised = np.where(wrong, CELL_OF_ERROR["#NUM!"], np.where(total == 0, CELL_OF_ERROR["#DIV/0!"], 0))
    errors = first(first(pot.errors, weight.errors), raised if raised.any() else None)
    at = np.flatnonzero((raised == 0) if weight.errors is None else (raised == 0) & (weight.errors == 0))
    keys = [_in_order(evaluation, tie, sort)[at] for tie, sort in zip(ties, sorts, strict=True)]
    parts = np.zeros(owners.size, dtype=units.dtype)
    parts[at] = _largest_remainders((units[at], weights[at], total[at]), keys, owners[at])
    return Lanes(np.where(pot.values < 0, -parts, parts), errors, int(units.max(initial=0)))


POPULATIONS: dict[str, Callable[[Calculation, Op, int], Lanes]] = {"rank": ranked, "distribute": distributed}
"""Ops over whole populations by the first detail of their `total_where`."""


def _over_all_rows(evaluation: Calculation, root: str, ops: Sequence[Op], year: int) -> list[Lanes]:
    """Ops over all rows of a root, each with a value for every row."""
    count = evaluation.table(root).rows
    found = [evaluation.all_rows(root).value(op, year) for op in ops]
    errors = [None if each.errors is None else np.broadcast_to(each.errors, count) for each in found]
    return [
        Lanes(np.broadcast_to(each.values, count), wrong, each.bound) for each, wrong in zip(found, errors, strict=True)
    ]


def _in_order(evaluation: Calculation, tie: Lanes, sort: str) -> Numbers:
    """Whole numbers that sort as Excel sorts what a tie holds; an error is where a blank would be."""
    if sort in (NUMBERS, TRUTHS):
        blank = 0 if sort == NUMBERS else -1
        return _sortable(tie.values if tie.errors is None else np.where(tie.errors == 0, tie.values, blank))
    keys = [order(code) for code in ("", *evaluation.plan.norms.classifications[sort].codes)]
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    held = np.array([places[key] for key in keys], dtype=np.int64)[tie.values + 1]
    return held if tie.errors is None else np.where(tie.errors == 0, held, -1)


def _places(keys: Sequence[Numbers], owners: Numbers) -> Numbers:
    """The place of each row among those of its owner, sorted by the keys in turn; equal rows have the same."""
    sorting = np.lexsort((*reversed(keys), owners))
    here = np.arange(owners.size)
    begins = _differs(owners[sorting])
    fresh = begins.copy()
    for key in keys:
        fresh |= _differs(key[sorting])
    places = np.empty(owners.size, dtype=np.int64)
    places[sorting] = _latest(here, fresh) - _latest(here, begins) + 1
    return places


def _largest_remainders(shares: tuple[Array, Array, Array], ties: Sequence[Numbers], owners: Numbers) -> Array:
    """units × weight ÷ total for each row, whole; what is left over of each owner's units goes to the largest
    remainders."""
    units, weights, total = shares
    if not owners.size:
        return units
    wide = int(units.max()) * int(weights.max()) >= _HELD
    wanted = units.astype(object) * weights if wide else units * weights
    parts = wanted // total
    starts = np.flatnonzero(_differs(owners))
    left = units[starts] - np.add.reduceat(parts, starts)
    sorting = np.lexsort((*reversed(ties), _sortable(parts * total - wanted), owners))
    here = np.arange(owners.size)
    more = np.empty(owners.size, dtype=bool)
    more[sorting] = here - _latest(here, _differs(owners)) < np.repeat(left, np.diff([*starts, owners.size]))
    return parts + more


def _differs(sorted_: Array) -> NDArray[np.bool_]:
    """Where a value is not the one before it."""
    return np.concatenate([np.ones(min(1, sorted_.size), dtype=bool), sorted_[1:] != sorted_[:-1]])


def _latest(here: Numbers, begins: NDArray[np.bool_]) -> Numbers:
    """The last place up to each at which something begins."""
    latest: Numbers = np.maximum.accumulate(np.where(begins, here, 0))
    return latest


def _sums(values: Array, offsets: Numbers) -> Array:
    """The exact sum over the rows of each submission."""
    size = max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0))))
    wide = values.astype(object if size * values.size >= _HELD else np.int64)
    running = np.concatenate([np.zeros(1, dtype=wide.dtype), np.cumsum(wide)])
    return np.asarray(running[offsets[1:]] - running[offsets[:-1]])


def _narrow(values: Array) -> Array:
    """As int64 where all fit."""
    return values if values.size and int(values.max()) >= _HELD else values.astype(np.int64)


def _sortable(values: Array) -> Numbers:
    """As int64; of what may pass it, the places among all."""
    if values.dtype != object:
        return values
    if values.size == 0 or max(abs(int(values.max())), abs(int(values.min()))) < _HELD:
        return values.astype(np.int64)
    return np.unique(values, return_inverse=True)[1].astype(np.int64).ravel()
