"""A group of columns as one compiled loop, and how it runs over all rows or over a few of them.

Bounds come from the data, with room to spare. A row beyond them, or with an error, is handed back for numpy to do; where
bounds or an op do not fit at all there is no compiled code. What is the same for all rows numpy computes once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.emit import Emitter, Layout, NotFused
from engine.leaves import Resolver, bounds, leaf_array, table_arrays, within
from engine.machine import Machine, machine, vector_lanes
from engine.plan import Group
from engine.ranges import Range, Ranges
from engine.typed import Op
from engine.workbook import Cells

if TYPE_CHECKING:
    from engine.evaluation import Evaluation

THREADS = 2
_THREADED_ROWS = 50_000
_ROOM = (8, 2, 1)
"""How many times the largest value seen a kernel allows for; less room is tried where more is too much."""

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kernel wrote: yearly outputs (outputs, years, rows), monthly ones (outputs, years × 12, rows), in the
    layout's order, and where numpy must do it again (rows,)."""

    yearly: Cells
    monthly: Cells
    again: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Fused:
    """Compiled code of some ops of a root, and what they read."""

    root: str
    layout: Layout
    code: Machine
    allowed: dict[Op, Range]
    fallible: frozenset[Op]
    known: dict[int, tuple[Array, ...]] = field(default_factory=dict)
    """Arrays that only the plan's own norms decide, by the place of their leaf or table, kept from run to run."""

    def run(self, evaluation: Evaluation, rows: int, spare: Outcome | None = None) -> Outcome:
        """All rows of the root, written over `spare` where that has the size."""
        arrays = self._arrays(evaluation)
        whole = rows - rows % self.layout.lanes
        out = spare if spare is not None and spare.again.size == rows else self._empty(rows)
        owners = self._owners(evaluation) if self._owned() else _NO_OWNERS
        self._call(arrays, out, whole, (evaluation, owners))
        if whole < rows:
            rest = self.run_some(evaluation, np.arange(whole, rows))
            out.yearly[:, :, whole:], out.monthly[:, :, whole:], out.again[whole:] = rest.yearly, rest.monthly, rest.again
        return out

    def run_some(self, evaluation: Evaluation, rows: NDArray[np.int64]) -> Outcome:
        """These rows only."""
        return self._gathered([evaluation], rows)

    def compare(self, old: Evaluation, new: Evaluation, rows: NDArray[np.int64]) -> tuple[Outcome, Outcome]:
        """These rows in two evaluations of one plan, in one go."""
        both, n = self._gathered([old, new], rows), rows.size
        first = Outcome(both.yearly[:, :, :n], both.monthly[:, :, :n], both.again[:n])
        return first, Outcome(both.yearly[:, :, n:], both.monthly[:, :, n:], both.again[n:])

    def fits(self, evaluation: Evaluation) -> bool:
        """Whether what many rows share still lies within what the code was made for."""
        own = evaluation.bound is evaluation.plan.tables
        for place, leaf in enumerate(self.layout.leaves):
            if _of_rows(leaf) or (own and leaf.detail[0] == "uniform"):
                continue
            array = self._array(evaluation, place)
            if not within(array, self.allowed[leaf]) or (leaf not in self.fallible and np.isnan(array).any()):
                return False
        return own or all(within(table_arrays(evaluation, op)[0], self.allowed[op]) for op in self.layout.tables)

    def _gathered(self, evaluations: Sequence[Evaluation], rows: NDArray[np.int64]) -> Outcome:
        count = rows.size * len(evaluations)
        padded = np.concatenate([rows, np.repeat(rows[-1:], -count % self.layout.lanes)])
        wanted = [*[rows] * (len(evaluations) - 1), padded]
        arrays = [self._beside(place, evaluations, wanted) for place in range(len(self.layout.leaves))]
        out = self._empty(rows.size * (len(evaluations) - 1) + padded.size)
        owners = self._owners_of(evaluations, wanted) if self._owned() else _NO_OWNERS
        self._call(arrays, out, out.again.size, (evaluations[0], owners))
        return Outcome(out.yearly[:, :, :count], out.monthly[:, :, :count], out.again[:count])

    def _beside(self, place: int, evaluations: Sequence[Evaluation], wanted: Sequence[NDArray[np.int64]]) -> Array:
        """A leaf's array for the wanted rows of each evaluation, side by side."""
        leaf = self.layout.leaves[place]
        if leaf.detail[0] == "uniform" or (len(evaluations) == 1 and not _of_rows(leaf)):
            return self._array(evaluations[0], place)
        each = [self._array(evaluation, place) for evaluation in evaluations]
        if _of_rows(leaf):
            each = [array[..., w] for array, w in zip(each, wanted, strict=True)]
        return np.ascontiguousarray(each[0] if len(each) == 1 else np.concatenate(each, axis=-1))

    def _empty(self, rows: int) -> Outcome:
        monthly = sum(op.monthly for op in self.layout.outputs)
        shape = (len(self.layout.outputs) - monthly, self.layout.years, rows)
        yearly = np.empty(shape, dtype=np.int64)
        return Outcome(yearly, np.empty((monthly, self.layout.years * 12, rows), dtype=np.int64), np.empty(rows, np.uint8))

    def _call(
        self, arrays: Sequence[Array], out: Outcome, rows: int, shared: tuple[Evaluation, NDArray[np.int64]]
    ) -> None:
        evaluation, owners = shared
        first = len(self.layout.leaves)
        tables = [a for i, op in enumerate(self.layout.tables) for a in self._kept(evaluation, first + i, op)]
        yearly, monthly = iter(out.yearly), iter(out.monthly)
        written = [next(monthly) if op.monthly else next(yearly) for op in self.layout.outputs]
        addresses = [a.__array_interface__["data"][0] for a in (*arrays, *tables, *written, owners, out.again)]
        pointers = np.array(addresses, dtype=np.uint64)
        stride, address = out.again.size, pointers.ctypes.data
        if rows < _THREADED_ROWS:
            self.code.call(0, rows, stride, address)
            return
        share = rows // THREADS // self.layout.lanes * self.layout.lanes
        starts = [share * i for i in range(THREADS)]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda a, b: self.code.call(a, b, stride, address), starts, [*starts[1:], rows]))

    def _owned(self) -> bool:
        return any(leaf.detail[0] == "submission" for leaf in self.layout.leaves)

    def _owners(self, evaluation: Evaluation) -> NDArray[np.int64]:
        """How many submissions there are, then the submission of each row."""
        return np.concatenate([[evaluation.workbook.submissions], evaluation.submission_of(self.root)])

    def _owners_of(self, evaluations: Sequence[Evaluation], wanted: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        count = evaluations[0].workbook.submissions
        owners = [e.submission_of(self.root)[w] + i * count for i, (e, w) in enumerate(zip(evaluations, wanted, strict=True))]
        return np.concatenate([[count * len(evaluations)], *owners])

    def _arrays(self, evaluation: Evaluation) -> list[Array]:
        return [self._array(evaluation, place) for place in range(len(self.layout.leaves))]

    def _array(self, evaluation: Evaluation, place: int) -> Array:
        leaf = self.layout.leaves[place]
        if leaf.detail[0] == "uniform":
            return self._kept(evaluation, place, leaf)[0]
        return np.ascontiguousarray(leaf_array(evaluation, leaf))

    def _kept(self, evaluation: Evaluation, place: int, op: Op) -> tuple[Array, ...]:
        own = evaluation.bound is evaluation.plan.tables
        if own and place in self.known:
            return self.known[place]
        made = (np.ascontiguousarray(leaf_array(evaluation, op)),) if op.kind == "leaf" else table_arrays(evaluation, op)
        if own:
            self.known[place] = made
        return made


_NO_OWNERS = np.zeros(1, dtype=np.int64)


def compiled(evaluation: Evaluation, group: Group, detailed: bool = False) -> Fused | None:
    """The compiled code of a group (with its monthly columns, if `detailed`), or None where numpy must do it."""
    kept, name = evaluation.plan.kernels, (group, detailed)
    made = kept.get(name, False)
    if isinstance(made, Fused) and not made.fits(evaluation):
        made = False
    if made is False:
        made = kept[name] = _compile(evaluation, group, detailed)
    return made if isinstance(made, Fused) else None


def _compile(evaluation: Evaluation, group: Group, detailed: bool) -> Fused | None:
    resolver = Resolver(evaluation.plan, group)
    ops = evaluation.plan.ops(group) + (evaluation.plan.monthly_ops(group) if detailed else [])
    try:
        outputs = tuple(resolver.resolve(op) for op in ops)
    except NotFused:
        return None
    for room in _ROOM:
        try:
            return _emitted(evaluation, resolver, outputs, room)
        except NotFused:
            continue
    return None


def _emitted(evaluation: Evaluation, resolver: Resolver, outputs: tuple[Op, ...], room: int) -> Fused:
    leaves, tables = tuple(dict.fromkeys(resolver.leaves)), tuple(resolver.tables)
    arrays = {leaf: leaf_array(evaluation, leaf) for leaf in leaves}
    allowed = {leaf: bounds(array, room) for leaf, array in arrays.items()}
    allowed |= {op: bounds(table_arrays(evaluation, op)[0], room) for op in tables}
    fallible = frozenset(leaf for leaf, a in arrays.items() if a.dtype == np.float64 and np.isnan(a).any())
    layout = Layout(leaves, tables, outputs, len(evaluation.plan.years), vector_lanes())
    text = Emitter(layout, Ranges(allowed), fallible, resolver.sizes).text()
    return Fused(resolver.group.root, layout, machine(text), allowed, fallible)


def _of_rows(leaf: Op) -> bool:
    return leaf.detail[0] in ("rows", "rows_by_year")
