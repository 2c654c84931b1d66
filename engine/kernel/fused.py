"""A group of columns as one compiled loop, and how it runs over all rows or over a few of them.

Bounds come from the data, with room to spare. A row beyond them, or with an error, is handed back for numpy to do;
where bounds or an op do not fit at all there is no compiled code. What is the same for all rows numpy computes
once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.kernel.calculation import Calculation
from engine.kernel.emit import Emitter, Layout, NotFused, of_rows
from engine.kernel.leaves import ROOM, Resolver, Room, bounds, leaf_array, leaf_bounds, table_arrays, within
from engine.kernel.machine import Machine, machine, vector_lanes
from engine.kernel.ranges import Range, Ranges
from engine.kernel.typed import Op
from engine.number import Array, Cells
from engine.plan import Group

THREADS = 2
_THREADED_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kernel wrote: yearly outputs (outputs, years, rows), monthly ones (outputs, years × 12, rows), in the
    layout's order, and where numpy must do it again (rows,)."""

    yearly: Cells
    monthly: Cells
    again: NDArray[np.uint8]


Handed = tuple[list[Array], list[int]]
"""The arrays that a kernel reads, and where they are."""


@dataclass(frozen=True, slots=True)
class Fused:
    """Compiled code of some ops of a root, and what they read."""

    root: str
    layout: Layout
    code: Machine
    allowed: dict[Op, Range]
    fallible: frozenset[Op]
    sizes: tuple[int, ...]
    """The greatest magnitude of each output, in a row that is not handed back."""
    known: list[Array] = field(default_factory=list)
    """Arrays that only the plan's own norms decide, kept from run to run; at the places of the others, nothing."""
    addresses: list[int] = field(default_factory=list)
    """Where those arrays are."""

    def run(self, evaluation: Calculation, rows: int, spare: Outcome | None = None) -> Outcome:
        """All rows of the root, written over `spare` where that has the size."""
        out = spare if spare is not None and spare.again.size == rows else self._empty(rows)
        whole = rows - rows % self.layout.lanes
        handed = self._handed(evaluation)
        self._call(handed, (0, whole), out)
        if whole < rows:
            rest = self._empty(self.layout.lanes)
            self._call(handed, (rows - self.layout.lanes, rows), rest)
            pairs: list[tuple[Array, Array]] = [
                (out.yearly, rest.yearly),
                (out.monthly, rest.monthly),
                (out.again, rest.again),
            ]
            for every, last in pairs:
                every[..., whole:] = last[..., whole - rows :]
        return out

    def some(self, evaluation: Calculation, rows: NDArray[np.int64]) -> Outcome:
        """These rows, given in order: the stretch from the first to the last runs, and the rows are taken out of it."""
        lanes, count = self.layout.lanes, evaluation.table(self.root).rows
        width = -(-(int(rows[-1]) + 1 - int(rows[0])) // lanes) * lanes
        first = max(min(int(rows[0]), count - width), 0)
        if width > count:
            out = self.run(evaluation, count)
        else:
            out = self._empty(width)
            self._call(self._handed(evaluation), (first, first + width), out)
        stretch = slice(int(rows[0]) - first, int(rows[-1]) + 1 - first)
        at = stretch if stretch.stop - stretch.start == rows.size else rows - first
        return Outcome(out.yearly[..., at], out.monthly[..., at], out.again[at])

    def fits(self, evaluation: Calculation) -> bool:
        """Whether the norms, known otherwise than the plan's own, lie within what the code was made for."""
        if evaluation.bound is evaluation.plan.tables:
            return True
        shared = [(leaf, leaf_array(evaluation, leaf)) for leaf in self.layout.leaves if leaf.detail[0] == "uniform"]
        if any(np.isnan(array).any() and leaf not in self.fallible for leaf, array in shared):
            return False
        shared += [(op, table_arrays(evaluation, op)[0]) for op in self.layout.tables]
        return all(within(array, self.allowed[op]) for op, array in shared)

    def _empty(self, rows: int) -> Outcome:
        monthly = sum(op.monthly for op in self.layout.outputs)
        shape = (len(self.layout.outputs) - monthly, self.layout.years, rows)
        yearly = np.empty(shape, dtype=np.int64)
        return Outcome(
            yearly, np.empty((monthly, self.layout.years * 12, rows), dtype=np.int64), np.empty(rows, np.uint8)
        )

    def _call(self, handed: Handed, rows: tuple[int, int], out: Outcome) -> None:
        """Run rows first … last; `out` begins with the first of them."""
        (arrays, read), (first, last) = handed, rows
        yearly, monthly = _places(out.yearly, first), _places(out.monthly, first)
        written = [next(monthly if op.monthly else yearly) for op in self.layout.outputs]
        addresses = (*read, *written, _address(out.again) - first)
        pointers = (ctypes.c_uint64 * len(addresses))(*addresses)
        strides = (self._stride(arrays), out.again.size, ctypes.addressof(pointers))
        if last - first < _THREADED_ROWS:
            self.code.call(first, last, *strides)
            return
        share = (last - first) // THREADS // self.layout.lanes * self.layout.lanes
        starts = [first + share * i for i in range(THREADS)]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda a, b: self.code.call(a, b, *strides), starts, [*starts[1:], last]))

    def _stride(self, arrays: list[Array]) -> int:
        for place, leaf in self.layout.moving:
            if of_rows(leaf):
                return int(arrays[place].shape[-1])
        return 0

    def _handed(self, evaluation: Calculation) -> Handed:
        """The arrays of the leaves, of the tables, and whose rows are whose; and where they are."""
        own = evaluation.bound is evaluation.plan.tables
        if own and not self.known:
            self.known.extend(self._of_norms(evaluation))
            self.addresses.extend(map(_address, self.known))
        arrays = self.known.copy() if own else self._of_norms(evaluation)
        addresses = self.addresses.copy() if own else [_address(array) for array in arrays]
        for place, leaf in self.layout.moving:
            arrays[place] = np.ascontiguousarray(leaf_array(evaluation, leaf))
            addresses[place] = _address(arrays[place])
        if self.layout.owned:
            arrays[-1] = evaluation.owners(self.root)
            addresses[-1] = _address(arrays[-1])
        return arrays, addresses

    def _of_norms(self, evaluation: Calculation) -> list[Array]:
        still = [_NO_OWNERS] * len(self.layout.leaves)
        for place, leaf in enumerate(self.layout.leaves):
            if leaf.detail[0] == "uniform":
                still[place] = np.ascontiguousarray(leaf_array(evaluation, leaf))
        return [*still, *(a for op in self.layout.tables for a in table_arrays(evaluation, op)), _NO_OWNERS]


_NO_OWNERS = np.zeros(1, dtype=np.int64)


def compiled(evaluation: Calculation, group: Group, detailed: bool = False) -> Fused | None:
    """The compiled code of a group (with its monthly columns, if `detailed`), or None where numpy must do it. Fewer
    rows than a step takes have code that steps by one."""
    lanes = vector_lanes() if evaluation.table(group.root).rows >= vector_lanes() else 1
    kept, name = evaluation.plan.kernels, (group, detailed, lanes)
    made = kept.get(name, False)
    if isinstance(made, Fused) and not made.fits(evaluation):
        made = False
    if made is False:
        made = kept[name] = _compile(evaluation, group, detailed, lanes)
    return made if isinstance(made, Fused) else None


def _compile(evaluation: Calculation, group: Group, detailed: bool, lanes: int) -> Fused | None:
    resolver = Resolver(evaluation.plan, group)
    ops = evaluation.plan.ops(group) + (evaluation.plan.monthly_ops(group) if detailed else [])
    try:
        outputs = tuple(resolver.resolve(op) for op in ops)
    except NotFused:
        return None
    for room in ROOM:
        try:
            return _emitted(evaluation, resolver, outputs, (room, lanes))
        except NotFused:
            continue
    return None


def _emitted(evaluation: Calculation, resolver: Resolver, outputs: tuple[Op, ...], how: tuple[Room, int]) -> Fused:
    room, lanes = how
    leaves, tables = tuple(dict.fromkeys(resolver.leaves)), tuple(resolver.tables)
    arrays = {leaf: leaf_array(evaluation, leaf) for leaf in leaves}
    allowed = {leaf: leaf_bounds(evaluation, leaf, array, room) for leaf, array in arrays.items()}
    allowed |= {op: bounds(table_arrays(evaluation, op)[0], room.times) for op in tables}
    fallible = frozenset(leaf for leaf, array in arrays.items() if leaf.detail[0] == "submission" or _has_nan(array))
    moving = tuple((place, leaf) for place, leaf in enumerate(leaves) if leaf.detail[0] != "uniform")
    layout = Layout(leaves, tables, outputs, len(evaluation.plan.years), lanes, moving)
    ranges = Ranges(allowed)
    text = Emitter(layout, ranges, fallible, resolver.sizes).text()
    sizes = tuple(ranges.size(op) for op in outputs)
    return Fused(resolver.group.root, layout, machine(text), allowed, fallible, sizes)


def _has_nan(array: Array) -> bool:
    return array.dtype == np.float64 and bool(np.isnan(array).any())


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


def _places(outputs: Array, first: int) -> Iterator[int]:
    """Where the outputs begin, one after another, if they began with row 0."""
    start, step = _address(outputs) - first * 8, outputs.strides[0]
    return iter([start + step * i for i in range(len(outputs))])
