"""A norm as a flat table of integers, for kernels: by version, then by each key.

The days of a calculation fall into few versions, in each of which the norm does not change. A code key becomes an axis
over the positions of its classification, with `*` filled in; a step key an axis over the whole numbers from 0 to its
last threshold, the last cell meaning "that and above". A cell holds the value times 10^`digits`, or is missing. The
table says what `look_up` would say, cell for cell; `refs` tells from which value each cell came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from engine.findings import Finding, finding
from engine.limits import DIGITS_MAX, NORM_CELLS_MAX, NUMBER_MAX
from engine.norms import ANY, Norm, Norms, NormValue, Series, current, masks, precedence

NONE = -1
"""In `refs`: no value is in force."""


@dataclass(frozen=True, slots=True)
class DenseNorm:
    """The arrays have the shape (versions, *sizes). They are None where a step is no whole number or there would be too
    many cells: then only `look_up` answers."""

    norm: Norm
    digits: int
    versions: NDArray[np.int64]
    """(days,): the version of each day that was asked for."""
    sizes: tuple[int, ...]
    values: NDArray[np.int64] | None
    """Numerators over 10^digits, 0 where missing."""
    missing: NDArray[np.bool_] | None
    refs: NDArray[np.int64] | None
    """The index in `norm.values` of the value that each cell came from; where the number was not found, of the row
    that says so; else NONE."""


def dense(norm: Norm, norms: Norms, days: Sequence[date], known: date | None = None) -> DenseNorm:
    """The norm as a table over these days, as it was known on a day (None: by now)."""
    versions, firsts = _versions(norm, days)
    digits, sizes = decimals(norm), _sizes(norm, norms)
    cells = len(firsts) * reduce(lambda a, b: a * b, sizes, 1)
    if cells > NORM_CELLS_MAX or any(t.denominator > 1 or t < 0 for v in norm.values for t in norm.steps(v.keys)):
        return DenseNorm(norm, digits, versions, sizes, None, None, None)
    refs = np.full((len(firsts), *sizes), NONE, np.int64)
    for version, day in enumerate(firsts):
        refs[version] = _refs(norm, norms, sizes, day, known)
    return _filled(norm, digits, versions, refs)


def decimals(norm: Norm) -> int:
    """How many decimals the finest value of a norm has; a value that is no decimal is a bug of whoever made it."""
    digits = max((_decimals(v.value) for v in norm.values if v.value is not None), default=0)
    assert digits <= DIGITS_MAX, f"{norm.name} holds a value that is no decimal"
    return digits


def unholdable(norm: Norm) -> Iterator[Finding]:
    """Findings for the values that a table could not hold: no short decimals, or too large beside the finest one."""
    decimal = [(v, abs(v.value), _decimals(v.value)) for v in norm.values if v.value is not None]
    digits = max((places for _, _, places in decimal if places <= DIGITS_MAX), default=0)
    for value, size, places in decimal:
        if places > DIGITS_MAX or size * 10**digits > NUMBER_MAX:
            yield finding("norm-number-too-long", value.place, norm=norm.name, digits=DIGITS_MAX)


def _decimals(value: Fraction) -> int:
    digits = 0
    while (value * 10**digits).denominator > 1 and digits <= DIGITS_MAX:
        digits += 1
    return digits


def _versions(norm: Norm, days: Sequence[date]) -> tuple[NDArray[np.int64], list[date]]:
    """The version of each day, and the first day asked for of each version."""
    turns = sorted({d for v in norm.values for d in (v.start, v.end) if d is not None})
    spans = np.searchsorted(np.array(turns, "datetime64[D]"), np.array(days, "datetime64[D]"), side="right")
    _, first, versions = np.unique(spans, return_index=True, return_inverse=True)
    return versions.astype(np.int64), [days[i] for i in first]


def _sizes(norm: Norm, norms: Norms) -> tuple[int, ...]:
    thresholds = [norm.steps(v.keys) for v in norm.values]
    last = [max(int(t) for t in column) for column in zip(*thresholds, strict=True)]
    lasts = iter(last or [0] * len(norm.keys))
    return tuple(
        len(norms.classifications[key.of].codes) if key.kind == "code" else next(lasts) + 1 for key in norm.keys
    )


def _refs(norm: Norm, norms: Norms, sizes: tuple[int, ...], day: date, known: date | None) -> NDArray[np.int64]:
    index = {id(value): i for i, value in enumerate(norm.values)}
    absent = np.array([value.value is None for value in norm.values] + [True])
    joint = np.full(sizes, NONE, np.int64)
    for layer in norm.layers:
        refs = np.full(sizes, NONE, np.int64)
        for row in _rows(layer, norm, day, known):
            refs[_cells(row, norm, norms)] = index[id(row)]
        better = absent[joint] & ~absent[refs] | (joint == NONE)
        joint = np.where(better, refs, joint)
    return joint


def _rows(layer: Series, norm: Norm, day: date, known: date | None) -> Iterator[NormValue]:
    """The rows in force in the order of writing them down: what wins comes last."""
    strength = {mask: rank for rank, mask in enumerate(reversed(masks(sum(key.kind == "code" for key in norm.keys))))}
    patterns = sorted(layer, key=lambda codes: strength[tuple(code != ANY for code in codes)])
    for pattern in patterns:
        yield from sorted(current(layer[pattern], day, known), key=lambda row: precedence(row, norm))


def _cells(row: NormValue, norm: Norm, norms: Norms) -> tuple[slice | int, ...]:
    cells: list[slice | int] = []
    for value, key in zip(row.keys, norm.keys, strict=True):
        if key.kind == "step":
            cells.append(slice(int(value), None))
        elif value == ANY:
            cells.append(slice(None))
        else:
            position = norms.classifications[key.of].positions.get(str(value))
            # a code that there is no more (a published value may outlive it) has no cell, because nobody can ask for it
            cells.append(slice(0) if position is None else position)
    return tuple(cells)


def _filled(norm: Norm, digits: int, versions: NDArray[np.int64], refs: NDArray[np.int64]) -> DenseNorm:
    """The table of numerators that belongs to a table of references."""
    numbers = [0 if v.value is None else int(v.value * 10**digits) for v in norm.values]
    values = np.array([*numbers, 0], np.int64)[refs]
    missing = np.array([*(v.value is None for v in norm.values), True])[refs]
    return DenseNorm(norm, digits, versions, refs.shape[1:], values, missing, refs)
