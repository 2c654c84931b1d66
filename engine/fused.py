"""A group of columns as one compiled loop, and how it runs over all rows or over a few of them.

Bounds come from the data, with room to spare. A row beyond them, or with an error, is handed back for numpy to do; where
bounds or an op do not fit at all there is no compiled code. What is the same for all rows numpy computes once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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

Results = tuple[Cells, NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Fused:
    """Compiled code of some ops of a root, and what they read."""

    root: str
    layout: Layout
    code: Machine
    allowed: dict[Op, Range]
    fallible: frozenset[Op]
    uniform: dict[Op, NDArray] = field(default_factory=dict)
    """Arrays that only the plan's own norms decide, kept from run to run."""

    def run(self, evaluation: Evaluation, rows: int) -> tuple[Cells, NDArray[np.int64]]:
        """(outputs, moments, rows) of all rows, and which rows numpy must do."""
        arrays = self._arrays(evaluation)
        whole = rows - rows % self.layout.lanes
        results = out, flags = self._empty(rows)
        self._call(evaluation, arrays, results, whole)
        if whole < rows:
            out[:, :, whole:], flags[whole:] = self._some(evaluation, arrays, np.arange(whole, rows))
        return out, np.flatnonzero(flags)

    def run_some(self, evaluation: Evaluation, rows: NDArray[np.int64]) -> tuple[Cells, NDArray[np.int64]]:
        """(outputs, moments, len(rows)) of these rows, and the positions among them that numpy must do."""
        out, flags = self._some(evaluation, self._arrays(evaluation), rows)
        return out, np.flatnonzero(flags)

    def fits(self, evaluation: Evaluation) -> bool:
        """Whether what is the same for many rows still lies within what the code was made for."""
        for leaf in self.layout.leaves:
            if not str(leaf.detail[0]).startswith("rows"):
                array = self._array(evaluation, leaf)
                if not within(array, self.allowed[leaf]) or (np.isnan(array).any() and leaf not in self.fallible):
                    return False
        return all(within(table_arrays(evaluation, op)[0], self.allowed[op]) for op in self.layout.tables)

    def _some(self, evaluation: Evaluation, arrays: Sequence[NDArray], rows: NDArray[np.int64]) -> Results:
        padded = np.concatenate([rows, np.repeat(rows[-1:], -len(rows) % self.layout.lanes)])
        few = [
            np.ascontiguousarray(array[..., padded]) if str(leaf.detail[0]).startswith("rows") else array
            for leaf, array in zip(self.layout.leaves, arrays, strict=True)
        ]
        results = out, flags = self._empty(len(padded))
        self._call(evaluation, few, results, len(padded), padded)
        return out[:, :, : len(rows)], flags[: len(rows)]

    def _empty(self, rows: int) -> Results:
        moments = self.layout.years * (12 if self.layout.months else 1)
        return np.empty((len(self.layout.outputs), moments, rows), dtype=np.int64), np.zeros(rows, dtype=np.uint8)

    def _call(
        self,
        evaluation: Evaluation,
        arrays: Sequence[NDArray],
        results: Results,
        rows: int,
        some: NDArray[np.int64] | None = None,
    ) -> None:
        out, flags = results
        tables = [array for op in self.layout.tables for array in table_arrays(evaluation, op)]
        everything = [*arrays, *tables, *out, self._owners(evaluation, some), flags]
        pointers = np.array([array.ctypes.data for array in everything], dtype=np.uint64)
        stride, address = out.shape[2], pointers.ctypes.data
        if rows < _THREADED_ROWS:
            self.code.call(0, rows, stride, address)
            return
        share = rows // THREADS // self.layout.lanes * self.layout.lanes
        starts = [share * i for i in range(THREADS)]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda a, b: self.code.call(a, b, stride, address), starts, [*starts[1:], rows]))

    def _owners(self, evaluation: Evaluation, some: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """How many submissions there are, then the submission of each row."""
        if not any(leaf.detail[0] == "submission" for leaf in self.layout.leaves):
            return np.zeros(1, dtype=np.int64)
        owners = evaluation.submission_of(self.root)
        return np.concatenate([[evaluation.workbook.submissions], owners if some is None else owners[some]])

    def _arrays(self, evaluation: Evaluation) -> list[NDArray]:
        return [self._array(evaluation, leaf) for leaf in self.layout.leaves]

    def _array(self, evaluation: Evaluation, leaf: Op) -> NDArray:
        if leaf.detail[0] != "uniform" or evaluation.bound is not evaluation.plan.tables:
            return np.ascontiguousarray(leaf_array(evaluation, leaf))
        if leaf not in self.uniform:
            self.uniform[leaf] = np.ascontiguousarray(leaf_array(evaluation, leaf))
        return self.uniform[leaf]


def compiled(evaluation: Evaluation, group: Group, months: bool = False) -> Fused | None:
    """The compiled code of a group (its monthly columns, if `months`), or None where numpy must do it."""
    kept, name = evaluation.plan.kernels, (group, months)
    made = kept.get(name, False)
    if isinstance(made, Fused) and not made.fits(evaluation):
        made = False
    if made is False:
        made = kept[name] = _compile(evaluation, group, months)
    return made if isinstance(made, Fused) else None


def _compile(evaluation: Evaluation, group: Group, months: bool) -> Fused | None:
    resolver = Resolver(evaluation.plan, group)
    ops = evaluation.plan.monthly_ops(group) if months else evaluation.plan.ops(group)
    try:
        outputs = tuple(resolver.resolve(op) for op in ops)
        for room in _ROOM:
            try:
                return _emitted(evaluation, resolver, outputs, (group.root, months, room))
            except NotFused:
                if room == _ROOM[-1]:
                    raise
    except NotFused:
        pass
    return None


def _emitted(evaluation: Evaluation, resolver: Resolver, outputs: tuple[Op, ...], how: tuple[str, bool, int]) -> Fused:
    root, months, room = how
    years = len(evaluation.plan.ruleset.years)
    leaves, tables = tuple(dict.fromkeys(resolver.leaves)), tuple(resolver.tables)
    arrays = {leaf: leaf_array(evaluation, leaf) for leaf in leaves}
    allowed = {leaf: bounds(array, room) for leaf, array in arrays.items()}
    allowed |= {op: bounds(table_arrays(evaluation, op)[0], room) for op in tables}
    fallible = frozenset(leaf for leaf, a in arrays.items() if a.dtype == np.float64 and np.isnan(a).any())
    layout = Layout(leaves, tables, outputs, years, vector_lanes(), months)
    text = Emitter(layout, Ranges(allowed), fallible, resolver.sizes).text()
    return Fused(root, layout, machine(text), allowed, fallible)
