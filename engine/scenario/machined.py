"""A batch of figures as one compiled loop over states, then over keys, with the sets side by side in vector registers.

The arithmetic is that of the engine's kernels, whose emitter writes it: float64 lanes that hold whole numbers, proven
exact by bounds from the data, NaN for an error. Here a lane is a set. States are computed once and kept; a key folds
its states, and its amounts are added to the totals in which it stands.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from engine.kernel.emit import F64, I64, POINTER, Emitter, Layout, NotFused, _Value
from engine.kernel.lanes import Lanes, from_cells
from engine.kernel.machine import machine, vector_lanes
from engine.kernel.ranges import EXACT, Range, Ranges
from engine.kernel.typed import UNIFORM, Op, Traits, constant
from engine.scenario.bundles import Batch, Summed
from engine.scenario.choices import Whole
from engine.scenario.figures import Figures, Leaves
from engine.scenario.places import Places
from engine.scenario.separation import CELL, LEAF

Floats = NDArray[np.float64]
_ROWS, _SETS, _BOTH = "rows", "sets", "both"
"""A leaf of the loop has a number for each place, a line of sets for each month, or a line of sets for each place."""


def machined(leaves: Leaves, batch: Batch, sets: Whole) -> Callable[[Whole], list[Summed]] | None:
    """How a batch runs compiled, for as many of these sets at a time as there are lanes; None: numpy must do it."""
    try:
        return _Loop(leaves, batch, sets).totals
    except NotFused:
        return None


class _Loop:
    """Compiled code of a batch, and what it reads."""

    def __init__(self, leaves: Leaves, batch: Batch, sets: Whole) -> None:
        self.leaves, self.batch, self.lanes = leaves, batch, vector_lanes()
        self.line = {at: line for line, at in enumerate(sets.tolist())}
        """The line of each set in what is the same for all rows."""
        reading = _Reading(leaves, batch.places, sets)
        outputs = tuple(reading.over(figure.op, False) for figure in batch.figures)
        self.read = reading.read
        layout = Layout(tuple(self.read), (), outputs, leaves.years, self.lanes, ())
        emitter = _Emitter(layout, Ranges(reading.bounds), frozenset(reading.fallible), {})
        self.code = machine(emitter.text())
        self.kept = len(emitter.kept)
        self.paths = _paths(batch)

    def totals(self, sets: Whole) -> list[Summed]:
        """(sets, totals) of each figure."""
        places, totals, count = self.batch.places, self.batch.weights.totals, len(self.batch.figures)
        filled = np.concatenate([sets, np.repeat(sets[-1:], self.lanes - sets.size)])
        figures = Figures(self.leaves, places, filled)
        arrays = [self._array(leaf, cells, figures) for leaf, cells in self.read.items()]
        kept = np.empty((self.kept, places.states, self.lanes))
        out = np.zeros((2 * count + 1, totals, self.lanes))
        handed = [*arrays, *self.paths, kept, out]
        pointers = (ctypes.c_uint64 * len(handed))(*(each.__array_interface__["data"][0] for each in handed))
        self.code.call(places.states, places.keys, totals, 0, ctypes.addressof(pointers))
        if float(out[-1].max(initial=0)) * places.key_of.size >= EXACT:
            return self.batch.totals(self.leaves, sets)
        whole = out[:-1, :, : sets.size].astype(np.int64).transpose(0, 2, 1)
        return [(whole[i] * figure.scale, whole[count + i]) for i, figure in enumerate(self.batch.figures)]

    def _array(self, leaf: Op, cells: Floats | None, figures: Figures) -> Floats:
        """The array behind a leaf for the sets at hand."""
        if cells is None:
            op, _, _ = _detail(leaf)
            return np.ascontiguousarray(_floats(figures.value(op)).T)
        if _detail(leaf)[1] == _ROWS:
            return cells
        return np.ascontiguousarray(cells[[self.line[at] for at in figures.sets.tolist()]].T)


class _Reading:
    """Makes ops stand alone: what they read becomes leaves of the loop, each with its bounds."""

    def __init__(self, leaves: Leaves, places: Places, sets: Whole) -> None:
        self.leaves, self.places = leaves, places
        self.uniform = Figures(leaves, None, sets)
        self.read: dict[Op, Floats | None] = {}
        """leaf → its numbers: (places,), or (sets, years × 12); None where each block of sets has its own"""
        self.bounds: dict[Op, Range] = {}
        self.fallible: set[Op] = set()
        self._known: dict[tuple[Op, bool], Op] = {}

    def over(self, op: Op, monthly: bool) -> Op:
        """The same op over leaves, at states or at keys."""
        if (op, monthly) not in self._known:
            self._known[op, monthly] = self._over(op, monthly)
        return self._known[op, monthly]

    def _over(self, op: Op, monthly: bool) -> Op:
        if op.kind == "constant":
            return op
        if op.space == UNIFORM:
            found = self.leaves.uniform(op) if op.kind == LEAF else self.uniform.value(op)
            return self._leaf((op, _SETS, monthly), self._by_month(op, found))
        if op.kind == LEAF:
            cells = self.places.at_states[op] if monthly else self.places.at_keys[op]
            return self._leaf((op, _ROWS, monthly), _floats(from_cells(cells)))
        if op.kind in ("norm", "in_force"):
            return self._leaf((op, _BOTH, monthly), None)
        if monthly and not op.monthly:
            raise NotFused("a month that reads its year")
        if op.kind == CELL:
            return self.over(op.args[0], monthly)
        if op.kind == "fold":
            return self._fold(op)
        return _at(op.kind, tuple(self.over(arg, monthly) for arg in op.args), op.detail, monthly)

    def _fold(self, op: Op) -> Op:
        arg, kind = op.args[0], op.detail[0]
        if kind == "count":
            raise NotFused("months that are counted")
        inner = self.over(arg, arg.monthly)
        if arg.monthly:
            return _at("fold", (inner,), op.detail, False)
        return _at("multiply", (inner, constant(12)), (), False) if kind == "sum" else inner

    def _by_month(self, op: Op, found: Lanes) -> Floats:
        """(sets, years × 12) of what is the same for all rows."""
        lines = np.atleast_2d(_floats(found))
        months = lines if op.monthly else np.repeat(lines, 12, axis=1)
        return np.broadcast_to(months, (self.uniform.sets.size, months.shape[1]))

    def _leaf(self, detail: tuple[Op, str, bool], cells: Floats | None) -> Op:
        leaf = _at("leaf", (), detail, detail[2])
        if leaf not in self.read:
            self.read[leaf] = cells
            self.bounds[leaf] = self._bounds(detail[0], cells)
            if cells is None or np.isnan(cells).any():
                self.fallible.add(leaf)
        return leaf

    def _bounds(self, op: Op, cells: Floats | None) -> Range:
        if cells is not None:
            fine = cells[~np.isnan(cells)]
            return (int(fine.min()), int(fine.max())) if fine.size else (0, 0)
        if op.kind == "in_force":
            return (0, 1)
        name = str(op.detail[0])
        tables = self.leaves.choices.of(name)
        shared = self.leaves.evaluation.bound
        size = shared.table(name).bound if tables is None else int(np.abs(tables.numbers).max())
        if size >= EXACT:
            raise NotFused("a norm may pass 2^53")
        return (-size, size)


class _Emitter(Emitter):
    """Writes the loops: states, then keys, in each key its states and its totals."""

    def text(self) -> str:
        """The module's text."""
        self.kept: dict[Op, int] = {}
        """op that is folded → its place among the kept states"""
        self._begin()
        values = [self._number(self.body, self.value(op, 0)) for op in self.layout.outputs]
        self._finish([(value, self.fallible(op)) for value, op in zip(values, self.layout.outputs, strict=True)])
        return str(self.module)

    def phase(self, op: Op) -> int:
        """Loops do not follow one another: a month that reads its year is not for this code."""
        return 0

    def builder(self, op: Op, phase: int) -> ir.IRBuilder:
        """Ops of months are written among the states, all others among the keys."""
        return self.state if op.monthly else self.body

    def _begin(self) -> None:
        kind = ir.FunctionType(ir.VoidType(), [I64, I64, I64, I64, POINTER])
        function = ir.Function(self.module, kind, name="kernel")
        self.states, self.keys, self.totals, _, pointers = function.args
        names = "entry state key part body total next exit".split()
        made = {name: ir.IRBuilder(function.append_basic_block(name)) for name in names}
        self.entry, self.state, self.key, self.part = (made[name] for name in names[:4])
        self.body, self.total, self.next, self.exit = (made[name] for name in names[4:])
        self.pointers = [
            self.entry.load(self.entry.gep(pointers, [I64(i)], source_etype=POINTER), typ=POINTER)
            for i in range(len(self.layout.leaves) + 10)
        ]
        self.moments, self.years, self.part_starts, self.part_states, self.part_months = self.pointers[-10:-5]
        self.total_starts, self.total_at, self.counts, self.buffer, self.out = self.pointers[-5:]
        self.at_state, self.at_key = self._counter(self.state, self.entry), self._counter(self.key, self.state)
        self.at_part = self.part.phi(I64)
        self.at_part.add_incoming(self._whole_at(self.key, self.part_starts, self.at_key), self.key.block)
        self.at_total = self.total.phi(I64)
        self.at_total.add_incoming(self._whole_at(self.body, self.total_starts, self.at_key), self.body.block)
        self.peak = self.entry.alloca(self.vector)
        self.entry.store(self.splat(0.0), self.peak)

    def _finish(self, values: list[tuple[Any, bool]]) -> None:
        """Add the values to the totals and close the loops."""
        amounts = [self._sound(value) if fallible else (value, None) for value, fallible in values]
        count = self._spread(self.total, self._float_at(self.total, self.counts, self.at_total))
        total = self._whole_at(self.total, self.total_at, self.at_total)
        for i, (value, missing) in enumerate(amounts):
            self._grow(value)
            self._add(i, total, self.total.fmul(value, count))
            if missing is not None:
                self._add(len(amounts) + i, total, self.total.select(missing, count, self.splat(0.0)))
        self.entry.branch(self.state.block)
        self._again(self.state, self.at_state, self.states, self.key)
        self.key.branch(self.part.block)
        self._again(self.part, self.at_part, self._end(self.part, self.part_starts), self.body)
        self.body.branch(self.total.block)
        self._again(self.total, self.at_total, self._end(self.total, self.total_starts), self.next)
        following = self.next.add(self.at_key, I64(1))
        self.at_key.add_incoming(following, self.next.block)
        more = self.next.icmp_signed("<", following, self.keys)
        self.next.cbranch(more, self.key.block, self.exit.block)
        last = self.exit.mul(self.totals, I64(2 * len(amounts)))
        self.exit.store(self.exit.load(self.peak, typ=self.vector), self._line(self.exit, self.out, last), align=8)
        self.exit.ret_void()

    def _grow(self, value: Any) -> None:
        """Remember the greatest magnitude that was ever added."""
        size, peak = self._intrinsic(self.body, "llvm.fabs", value), self.body.load(self.peak, typ=self.vector)
        self.body.store(self.body.select(self.body.fcmp_ordered("<", peak, size), size, peak), self.peak)

    def _sound(self, value: Any) -> tuple[Any, Any]:
        """A value with 0 for an error, and where that was one."""
        missing = self.body.fcmp_unordered("uno", value, value)
        return self.body.select(missing, self.splat(0.0), value), missing

    def _add(self, at: int, total: Any, amount: Any) -> None:
        b = self.total
        place = self._line(b, self.out, b.add(b.mul(self.totals, I64(at)), total))
        b.store(b.fadd(b.load(place, typ=self.vector, align=8), amount), place, align=8)

    def _fold(self, op: Op) -> Any:
        inner, kind = op.args[0], str(op.detail[0])
        if kind != "sum" and self.fallible(inner):
            raise NotFused("an extreme of months with errors")
        if self.ranges.size(op) >= EXACT:
            raise NotFused("a sum of months may pass 2^53")
        value = self._number(self.state, self.value(inner, 0))
        at = self.kept.setdefault(inner, len(self.kept))
        self.state.store(value, self._kept(self.state, at, self.at_state), align=8)
        place = self.entry.alloca(self.vector)
        start = {"sum": 0.0, "minimum": np.inf, "maximum": -np.inf}[kind]
        self.key.store(self.splat(float(start)), place)
        b = self.part
        state = self._whole_at(b, self.part_states, self.at_part)
        found, before = b.load(self._kept(b, at, state), typ=self.vector, align=8), b.load(place, typ=self.vector)
        if kind == "sum":
            months = self._spread(b, self._float_at(b, self.part_months, self.at_part))
            after = b.fadd(before, b.fmul(found, months))
        else:
            sign = "<" if kind == "minimum" else ">"
            after = b.select(b.fcmp_ordered(sign, before, found), before, found)
        b.store(after, place)
        return self.body.load(place, typ=self.vector)

    def _leaf(self, op: Op, phase: int) -> _Value:
        b, pointer = self.builder(op, phase), self.pointers[self.layout.leaves.index(op)]
        place, kind = self.at_state if op.monthly else self.at_key, _detail(op)[1]
        if kind == _ROWS:
            return _Value(self._spread(b, self._float_at(b, pointer, place)))
        if kind == _SETS:
            place = self._whole_at(b, self.moments if op.monthly else self.years, place)
        return _Value(b.load(self._line(b, pointer, place), typ=self.vector, align=8))

    def _counter(self, b: ir.IRBuilder, before: ir.IRBuilder) -> Any:
        at = b.phi(I64)
        at.add_incoming(I64(0), before.block)
        return at

    def _again(self, b: ir.IRBuilder, at: Any, end: Any, after: ir.IRBuilder) -> None:
        following = b.add(at, I64(1))
        at.add_incoming(following, b.block)
        b.cbranch(b.icmp_signed("<", following, end), b.block, after.block)

    def _end(self, b: ir.IRBuilder, starts: Any) -> Any:
        return self._whole_at(b, starts, b.add(self.at_key, I64(1)))

    def _kept(self, b: ir.IRBuilder, at: int, state: Any) -> Any:
        return self._line(b, self.buffer, b.add(b.mul(self.states, I64(at)), state))

    def _line(self, b: ir.IRBuilder, pointer: Any, place: Any) -> Any:
        return b.gep(pointer, [b.mul(place, I64(self.layout.lanes))], source_etype=F64)

    def _whole_at(self, b: ir.IRBuilder, pointer: Any, place: Any) -> Any:
        return b.load(b.gep(pointer, [place], source_etype=I64), typ=I64)

    def _float_at(self, b: ir.IRBuilder, pointer: Any, place: Any) -> Any:
        return b.load(b.gep(pointer, [place], source_etype=F64), typ=F64)


def _at(kind: str, args: tuple[Op, ...], detail: tuple[object, ...], monthly: bool) -> Op:
    """An op of the loop, at states or at keys."""
    return Op(kind, args, detail, Traits(UNIFORM, True, monthly))


def _detail(leaf: Op) -> tuple[Op, str, bool]:
    """What a leaf stands for, what it differs by, and whether it is of states."""
    op, kind, monthly = leaf.detail
    assert isinstance(op, Op)
    return op, str(kind), bool(monthly)


def _floats(found: Lanes) -> Floats:
    """Lanes as float64, NaN for an error."""
    if found.bound >= EXACT:
        raise NotFused("a leaf may pass 2^53")
    numbers: Floats = found.values.astype(np.float64)
    return numbers if found.errors is None else np.where(found.errors != 0, np.nan, numbers)


def _paths(batch: Batch) -> list[NDArray[Any]]:
    """The month of each state and the first one of each key; the states of each key with their months; the totals of
    each key with the number of rows."""
    places, weights = batch.places, batch.weights
    keys = np.concatenate([np.arange(part.states.size) for part in places.parts])
    states = np.concatenate([part.states for part in places.parts])
    months = np.concatenate([part.months for part in places.parts])
    of_key = np.argsort(keys, kind="stable")
    totals = np.repeat(np.arange(weights.totals), np.diff(weights.starts, append=weights.keys.size))
    of_total = np.argsort(weights.keys, kind="stable")
    paths = [places.moment, places.year * 12, _starts(keys, places.keys), states[of_key], months[of_key].astype(float)]
    paths += [_starts(weights.keys, places.keys), totals[of_total], weights.counts[of_total].astype(float)]
    return [np.ascontiguousarray(path) for path in paths]


def _starts(keys: Whole, count: int) -> Whole:
    """(keys + 1,): where what belongs to each key begins, in order of keys."""
    return np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=count))]).astype(np.int64)
