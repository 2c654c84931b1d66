"""A group of columns as one compiled loop, and how it runs over all rows or over a few of them.

Bounds come from the data, with room to spare. A row beyond them, or with an error, is handed back for numpy to do;
where bounds or an op do not fit at all there is no compiled code. What is the same for all rows numpy computes
once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.kernel.calculation import Calculation
from engine.kernel.emit import Layout, NotFused
from engine.kernel.leaves import ROOM, WIDE, Resolver, Room, bounds, leaf_array, leaf_bounds, table_arrays, within
from engine.kernel.machine import Machine, address_of, machine, place_of, vector_lanes
from engine.kernel.ranges import Range
from engine.kernel.totals import grouped_cells
from engine.kernel.typed import Op
from engine.kernel.writing import Writing, written
from engine.number import Array, Cells
from engine.plan import Group, Key, Plan

THREADS = 2
_THREADED_ROWS = 50_000
_FALLIBLE = ("submission", "rows_before")
"""Kinds of leaves that may be an error,"""
_FALLIBLE_TOLD = (*_FALLIBLE, "rows", "rows_by_year")
"""and where errors of cells are read as such."""
_APART = 64
"""Rows so far from one another are not worth running all that lies between."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kernel wrote: (slots, rows), the years or months of each output one after another, and where numpy must do
    it again (rows,)."""

    cells: Cells
    again: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Frame:
    """What compiled code reads of one workbook, and where that is. After an edit what it did not reach is shared."""

    code: Fused
    rows: int
    """Of the root."""
    arrays: list[Array]
    """Of the leaves, of the tables, and whose rows are whose."""
    addresses: NDArray[np.int64]
    """Of the arrays, and room for those of the outputs and the flags."""


@dataclass(frozen=True, slots=True)
class Part:
    """Leaves that stand one after another in what a step keeps: `of` its cells, its sums, or these as floats."""

    of: str
    places: tuple[tuple[int, int], ...]
    """Of the leaves, each with its slot."""


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
    slots: NDArray[np.int64]
    """(outputs + 1,): where the slots of each output begin, and where the last one's end."""
    reading: Mapping[Key, tuple[int, ...]]
    """Places of the leaves that read an input, or a kept column in another way than as a part of what a step keeps."""
    parts: Mapping[int, tuple[Part, ...]]
    """By step what is read of all that it keeps."""
    telling: bool
    """Whether its cells tell which errors they are; else rows with errors are handed back."""
    known: list[Array] = field(default_factory=list)
    """Arrays that only the plan's own norms decide, kept from run to run; at the places of the others, nothing."""

    def run(self, evaluation: Calculation, rows: int, spare: Outcome | None = None) -> Outcome:
        """All rows of the root, written over `spare` where that has the size."""
        out = spare if spare is not None and spare.again.size == rows else self._empty(rows)
        self._call(self.frame(evaluation), (0, rows), out)
        return out

    def some(self, frame: Frame, rows: NDArray[np.int64]) -> Outcome:
        """These rows, given in order. Stretches of them that lie apart run one by one."""
        begin, end = int(rows[0]), int(rows[-1]) + 1
        if end - begin <= rows.size + _APART:
            return self._stretch(frame, rows, (begin, end))
        parts = np.split(rows, np.flatnonzero(np.diff(rows) > _APART) + 1)
        found = [self._stretch(frame, part, (int(part[0]), int(part[-1]) + 1)) for part in parts]
        return Outcome(np.concatenate([f.cells for f in found], axis=1), np.concatenate([f.again for f in found]))

    def frame(self, evaluation: Calculation) -> Frame:
        """What the code reads of a workbook."""
        own = evaluation.bound is evaluation.plan.tables
        if own and not self.known:
            self.known.extend(self._of_norms(evaluation))
        arrays = self.known.copy() if own else self._of_norms(evaluation)
        for place, leaf in self.layout.moving:
            arrays[place] = np.ascontiguousarray(leaf_array(evaluation, leaf))
        if self.layout.owned:
            arrays[-1] = evaluation.owners(self.root)
        addresses = [*map(address_of, arrays), *(0 for _ in self.layout.outputs), 0]
        return Frame(self, evaluation.table(self.root).rows, arrays, np.array(addresses, dtype=np.int64))

    def moved(self, frame: Frame, evaluation: Calculation, changed: AbstractSet[Key], steps: Iterable[int]) -> Frame:
        """The frame of the workbook after these inputs and kept columns changed, and with them what the steps keep."""
        arrays, addresses = frame.arrays.copy(), frame.addresses.copy()
        places = {place for key in changed & self.reading.keys() for place in self.reading[key]}
        for step in steps:
            for part in self.parts.get(step, ()):
                kept = evaluation.kept[step]
                if part.of != "cells" and not kept.summed:
                    places.update(place for place, _ in part.places)
                    continue
                begin, width = kept.stand(part.of)
                arrays[part.places[0][0]] = kept.cells
                for place, slot in part.places:
                    addresses[place] = begin + slot * width
        for place in places:
            arrays[place] = np.ascontiguousarray(_leaf_array(evaluation, self.layout.leaves[place]))
            addresses[place] = address_of(arrays[place])
        return Frame(self, frame.rows, arrays, addresses)

    def fits(self, evaluation: Calculation) -> bool:
        """Whether the norms, known otherwise than the plan's own, lie within what the code was made for."""
        if evaluation.bound is evaluation.plan.tables:
            return True
        shared = [(leaf, leaf_array(evaluation, leaf)) for leaf in self.layout.leaves if leaf.detail[0] == "uniform"]
        if any(np.isnan(array).any() and leaf not in self.fallible for leaf, array in shared):
            return False
        shared += [(op, table_arrays(evaluation, op)[0]) for op in self.layout.tables]
        return all(within(array, self.allowed[op]) for op, array in shared)

    @property
    def size(self) -> int:
        """How many slots there are."""
        return int(self.slots[-1])

    def window(self, rows: int, ends: tuple[int, int]) -> tuple[int, int]:
        """The rows to run for those from one number to another, of so many: whole steps are not fewer."""
        first = max(min(ends[0], rows - self.layout.lanes), 0)
        return first, max(ends[1], first + self.layout.lanes)

    def _stretch(self, frame: Frame, rows: NDArray[np.int64], ends: tuple[int, int]) -> Outcome:
        """The stretch from the first to the last of the rows runs, and the rows are taken out of it."""
        begin, end = ends
        first, last = self.window(frame.rows, ends)
        out = self._empty(last - first)
        self._call(frame, (first, last), out)
        if end - begin == last - first == rows.size:
            return out
        at = slice(begin - first, end - first) if end - begin == rows.size else rows - first
        return Outcome(out.cells[:, at], out.again[at])

    def _empty(self, rows: int) -> Outcome:
        """The flags stand behind the cells, so that one address tells of both."""
        cells = np.empty((self.size + 1, rows), dtype=np.int64)
        return Outcome(cells[:-1], cells[-1].view(np.uint8)[:rows])

    def _call(self, frame: Frame, rows: tuple[int, int], out: Outcome) -> None:
        """Run rows first … last; `out` begins with the first of them. What is left after whole steps is run once more
        with rows before it."""
        (first, last), lanes = rows, self.layout.lanes
        if first == last:
            return
        addresses, size = frame.addresses.copy(), last - first
        addresses[len(frame.arrays) :] = self.slots * (8 * size) + (place_of(out.cells) - 8 * first)
        addresses[-1] += 7 * first
        strides = (frame.rows, size, place_of(addresses))
        whole = last - size % lanes
        if size < _THREADED_ROWS:
            self.code.call(first, whole, *strides)
        else:
            self._threaded((first, whole), strides)
        if whole < last:
            self.code.call(last - lanes, last, *strides)

    def _threaded(self, rows: tuple[int, int], strides: tuple[int, int, int]) -> None:
        first, last = rows
        share = (last - first) // THREADS // self.layout.lanes * self.layout.lanes
        starts = [first + share * i for i in range(THREADS)]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda a, b: self.code.call(a, b, *strides), starts, [*starts[1:], last]))

    def _of_norms(self, evaluation: Calculation) -> list[Array]:
        still = [_NO_OWNERS] * len(self.layout.leaves)
        for place, leaf in enumerate(self.layout.leaves):
            if leaf.detail[0] == "uniform":
                still[place] = np.ascontiguousarray(leaf_array(evaluation, leaf))
        return [*still, *(a for op in self.layout.tables for a in table_arrays(evaluation, op)), _NO_OWNERS]


_NO_OWNERS = np.zeros(1, dtype=np.int64)


class Purpose(Enum):
    """What code is for: all rows, as fast as can be; few rows of any submission, with wider bounds; such rows of which
    some have errors, that are told."""

    WHOLE = "whole"
    FEW = "few"
    ERRORS = "errors"


def compiled(
    evaluation: Calculation,
    group: Group,
    detailed: bool = False,
    *,
    make: bool = True,
    purpose: Purpose = Purpose.WHOLE,
) -> Fused | None:
    """The compiled code of a group (with its monthly columns, if `detailed`), or None where numpy must do it, or would
    have to be waited for where none is to be made. Fewer rows than a step takes have code that steps by one."""
    lanes = vector_lanes() if evaluation.table(group.root).rows >= vector_lanes() else 1
    kept, name = evaluation.plan.kernels, (group, detailed, lanes, purpose)
    made = kept.get(name, False)
    if isinstance(made, Fused) and not made.fits(evaluation):
        made = False
    if made is False and make:
        made = kept[name] = _compile(evaluation, group, detailed, (lanes, purpose))
    return made if isinstance(made, Fused) else None


def _compile(evaluation: Calculation, group: Group, detailed: bool, how: tuple[int, Purpose]) -> Fused | None:
    resolver = Resolver(evaluation.plan, group)
    ops, (_, purpose) = evaluation.plan.ops(group, detailed), how
    try:
        outputs = tuple(resolver.resolve(op) for op in ops)
    except NotFused:
        return None
    for room in ROOM if purpose is Purpose.WHOLE else WIDE:
        try:
            return _emitted(evaluation, resolver, outputs, (room, *how))
        except NotFused:
            continue
    return None


def _emitted(
    evaluation: Calculation, resolver: Resolver, outputs: tuple[Op, ...], how: tuple[Room, int, Purpose]
) -> Fused:
    room, lanes, purpose = how
    telling = purpose is Purpose.ERRORS
    leaves, tables = tuple(dict.fromkeys(resolver.leaves)), tuple(resolver.tables)
    arrays = {leaf: leaf_array(evaluation, leaf) for leaf in leaves}
    allowed = {leaf: leaf_bounds(evaluation, leaf, array, room) for leaf, array in arrays.items()}
    allowed |= {op: bounds(table_arrays(evaluation, op)[0], room.times) for op in tables}
    may_fail = _FALLIBLE_TOLD if telling else _FALLIBLE
    fallible = frozenset(leaf for leaf, array in arrays.items() if leaf.detail[0] in may_fail or _has_nan(array))
    moving = tuple((place, leaf) for place, leaf in enumerate(leaves) if leaf.detail[0] != "uniform")
    carried = tuple(_carried(evaluation.plan.kept(resolver.group), moving))
    layout = Layout(leaves, tables, outputs, len(evaluation.plan.years), lanes, moving, carried)
    made = written(Writing.of(layout, (allowed, room.watched), fallible, resolver.sizes, telling=telling))
    if made is None:
        raise NotFused("beyond what float64 holds")
    text, sizes = made
    counts = [layout.years * (12 if op.monthly else 1) for op in outputs]
    slots = np.cumsum([0, *counts], dtype=np.int64)
    parts = {}
    if resolver.group in evaluation.plan.groups:  # no edit meets a part of a group
        parts = {place: part for place, leaf in moving if (part := _part(evaluation.plan, leaf)) is not None}
    reading = _reading(evaluation.plan, [(place, leaf) for place, leaf in moving if place not in parts])
    root = resolver.group.root
    return Fused(root, layout, machine(text), allowed, fallible, sizes, slots, reading, _joined(parts), telling)


def _carried(kept: Sequence[Key], moving: Sequence[tuple[int, Op]]) -> Iterator[tuple[int, int]]:
    for place, leaf in moving:
        kind, op = leaf.detail
        if kind == "rows_before" and isinstance(op, Op):
            yield place, kept.index((str(op.detail[0]), str(op.detail[1])))


def _reading(plan: Plan, moving: Sequence[tuple[int, Op]]) -> dict[Key, tuple[int, ...]]:
    found: dict[Key, tuple[int, ...]] = {}
    for place, leaf in moving:
        assert isinstance(leaf.detail[1], Op)
        for key in plan.read_by(leaf.detail[1]):
            found[key] = (*found.get(key, ()), place)
    return found


def _part(plan: Plan, leaf: Op) -> tuple[int, str, int] | None:
    """The step, of what it keeps, and the slot, of a leaf that is a kept column or the sum of one."""
    kind, op = leaf.detail
    assert isinstance(op, Op)
    if op.kind == "read" and kind == "rows_by_year":
        key = (str(op.detail[0]), str(op.detail[1]))
        step = plan.route.steps[plan.group_of[key]] if key in plan.columns else None
        if step is None or step.group.slow:
            return None
        return step.index, "cells", step.columns.index(key) * step.moments
    if op in plan.route.sums:
        step_index, slot = plan.route.sums[op]
        return step_index, "floats" if kind == "submission" else "sums", slot
    return None


def _joined(parts: Mapping[int, tuple[int, str, int]]) -> dict[int, tuple[Part, ...]]:
    found: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for place, (step, of, slot) in parts.items():
        found.setdefault((step, of), []).append((place, slot))
    joined: dict[int, tuple[Part, ...]] = {}
    for (step, of), pairs in found.items():
        joined[step] = (*joined.get(step, ()), Part(of, tuple(pairs)))
    return joined


def _leaf_array(evaluation: Calculation, leaf: Op) -> Array:
    """As `leaf_array`; a conditional total over few rows sooner."""
    op = leaf.detail[1]
    if isinstance(op, Op) and op.kind == "total_where" and leaf.detail[0] == "rows_by_year":
        cells = grouped_cells(evaluation, op)
        if cells is not None:
            return cells
    return leaf_array(evaluation, leaf)


def _has_nan(array: Array) -> bool:
    return array.dtype == np.float64 and bool(np.isnan(array).any())
