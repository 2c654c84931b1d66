"""What a compiled loop reads: a group's ops with every outside value made a leaf, and the arrays behind the leaves.

A leaf is `rows` (an input's cells), `rows_by_year` (an input that differs by year, or a column kept before),
`rows_before` (the last cycle's cells of a column of the group itself, which goes on with its own of the year before),
`uniform` (a value for each moment) or `submission` (one for each moment and submission). Inside stay only row-wise
ops, and such ops over what a submission has once; another row-wise op over what is outside is a leaf that numpy makes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.kernel.calculation import Calculation
from engine.kernel.emit import NotFused
from engine.kernel.faults import nan_of
from engine.kernel.lanes import Lanes, to_cells
from engine.kernel.ranges import EXACT, Range
from engine.kernel.typed import SUBMISSION, UNIFORM, Op, Traits
from engine.number import SPECIAL, Array
from engine.plan import Group, Key, Plan

_INSIDE = frozenset(
    "add subtract multiply negative absolute positive signed quotient minimum maximum less at_most equal different "
    "and or not select fail day first_month fold".split()
)

_BY_YEAR = ("rows_by_year", "rows_before")


@dataclass(slots=True)
class Resolver:
    """Makes a group's ops stand alone; gathers their leaves and their tables of norms in order of appearance."""

    plan: Plan
    group: Group
    leaves: list[Op] = field(default_factory=list)
    tables: list[Op] = field(default_factory=list)
    sizes: dict[Op, tuple[int, ...]] = field(default_factory=dict)
    _known: dict[Op, Op] = field(default_factory=dict)

    def resolve(self, op: Op) -> Op:
        """The same op over leaves."""
        if op not in self._known:
            self._known[op] = self._resolve(op)
        return self._known[op]

    def _resolve(self, op: Op) -> Op:
        if op.kind == "constant":
            return op
        if op.space == UNIFORM:
            return self._leaf("uniform", op)
        if op.space != self.group.root and (op.space != SUBMISSION or op.kind not in _INSIDE):
            return self._leaf("submission", op)
        if op.kind == "read":
            return self._read(op)
        if op.kind == "total_where" and op.monthly:
            raise NotFused("a conditional total of one month")
        if op.kind in ("total", "total_where"):
            return self._leaf("rows_by_year", op)
        if op.kind == "header":
            return self._leaf("rows", op)
        if op.kind in ("norm", "in_force"):
            return self._norm(op)
        if op.kind not in _INSIDE:
            return self._made(op)
        args = tuple(self.resolve(arg) for arg in op.args)
        return Op(
            op.kind, args, op.detail, Traits(op.space, any(a.yearly for a in args) or op.kind == "fold", op.monthly)
        )

    def _read(self, op: Op) -> Op:
        key = (str(op.detail[0]), str(op.detail[1]))
        definition = self.plan.columns.get(key)
        if definition is None:
            return self._leaf("rows_by_year" if self.plan.column(key).by_year else "rows", op)
        if definition.op is not None and (key in self.group.columns or not self.plan.stored(key)):
            return self.resolve(definition.op)
        if definition.monthly:
            raise NotFused("a monthly column of the oracle's")
        return self._leaf("rows_by_year", op)

    def _made(self, op: Op) -> Op:
        """What numpy makes for all rows beforehand, or the loop carries from year to year."""
        if op.kind == "previous" and not op.monthly and _key(op) in self.plan.kept(self.group):
            return self._leaf("rows_before", op)
        if op.monthly or not self.plan.read_by(op).isdisjoint(self.group.columns):
            raise NotFused(op.kind)
        return self._leaf("rows_by_year", op)

    def _leaf(self, kind: str, op: Op) -> Op:
        leaf = Op("leaf", (), (kind, op), Traits(op.space, op.yearly or kind in _BY_YEAR, op.monthly))
        self.leaves.append(leaf)
        return leaf

    def _norm(self, op: Op) -> Op:
        args = tuple(self.resolve(arg) for arg in op.args)
        made = Op(op.kind, args, op.detail, Traits(op.space, True, op.monthly))
        if made not in self.sizes:
            table = self.plan.tables.table(str(op.detail[0]))
            self.sizes[made] = tuple(-n if step else n for n, step in zip(table.sizes, table.steps, strict=True))
            self.tables.append(made)
        return made


def leaf_array(evaluation: Calculation, leaf: Op) -> Array:
    """The array behind a leaf: int64 cells of rows, else float64 numbers with NaN for an error."""
    kind, op = str(leaf.detail[0]), leaf.detail[1]
    assert isinstance(op, Op)
    if kind == "rows_before":
        return _of_all(evaluation, op.space, evaluation.last_cycle(evaluation.all_rows(op.space), _key(op)))
    if kind.startswith("rows"):
        return _cells(evaluation, op)
    if op.kind == "total":
        return _exact_floats(evaluation.totals(op))
    space = evaluation.uniform if kind == "uniform" else evaluation.submissions
    lanes = 1 if kind == "uniform" else evaluation.workbook.submissions
    years = range(len(evaluation.plan.years) if op.yearly or op.monthly else 1)
    return np.concatenate([_floats(space.value(op, year), 12 if op.monthly else 1, lanes) for year in years])


def table_arrays(evaluation: Calculation, op: Op) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A norm's numbers, NaN where there is none, and where each month's version begins."""
    table = evaluation.bound.table(str(op.detail[0]))
    return np.where(table.missing, np.nan, table.values.astype(np.float64)), table.versions * table.span


@dataclass(frozen=True, slots=True)
class Room:
    """How much larger than the data a kernel allows for: so many times the largest, and no less than `least`. A result
    that may be too much for float64 all the same is looked at as it comes, if `watched`, or nothing is compiled."""

    times: int
    least: int
    watched: bool = False


ROOM = (
    *(Room(64, 2**34), Room(8, 2**28), Room(8, 2**22), Room(4, 2**16), Room(2, 2**10)),
    *(Room(64, 2**34, True), Room(8, 2**22, True), Room(1, 0)),
)
"""Less room is tried where more is too much for float64; to look takes longer, but whoever has no room at all is handed
back as soon as somebody enters more than anybody before."""

WIDE = (Room(64, 2**44, True), *ROOM)
"""The same for few rows of any submission: code is made for the first and runs for all; to look costs nothing then."""
_CARRIED = 2**40
"""What is carried from year to year is not known beforehand."""
_DATE_MAX = 73_050
"""The last day of 2099."""


def leaf_bounds(evaluation: Calculation, leaf: Op, array: Array, room: Room) -> Range:
    """Between which numbers a leaf may lie: by its type where that says so, else by the data and with room."""
    op = leaf.detail[1]
    assert isinstance(op, Op)
    low, high = bounds(array, room.times)
    if op.kind == "total":
        return (min(low, -room.least if room.watched else -1), max(high, room.least))
    if not str(leaf.detail[0]).startswith("rows"):
        return (min(low, -1), high)
    if leaf.detail[0] == "rows_before":
        return (min(low, -1), max(high, _CARRIED))
    declared = evaluation.plan.declared(op)
    if declared is None:
        return (low, max(high, room.least))
    match declared.kind:
        case "bool":
            return (0, 1)
        case "date":
            return (min(bounds(array, 1)[0], 0), max(bounds(array, 1)[1], _DATE_MAX))
        case "code":
            return (
                -1 if low < 0 else 0,
                len(evaluation.plan.norms.classifications[declared.classification or ""].codes),
            )
    return (low, max(high, room.least))


def bounds(array: Array, room: int) -> Range:
    """Between which numbers an array lies, with room to grow `room` times; errors do not count. Where there is room, a
    power of two ends it, so that data that moved a little have the same bounds and need no other code."""
    fine = array[~np.isnan(array)] if array.dtype == np.float64 else array[array >= SPECIAL]
    low, high = (int(fine.min()), int(fine.max())) if fine.size else (0, 1)
    if room == 1:
        return (min(low, 0), max(high, 1))
    return (-_power(-low * room) if low < 0 else 0, _power(max(high, 1) * room))


def _power(size: int) -> int:
    """The greatest power of two that is not above."""
    return int(1 << size.bit_length() - 1)


def within(array: Array, allowed: Range) -> bool:
    """Whether every number of a small array lies within what a kernel allows for."""
    low, high = bounds(array, 1)
    return allowed[0] <= low and high <= allowed[1]


def _cells(evaluation: Calculation, op: Op) -> NDArray[np.int64]:
    if op.kind == "header":
        return evaluation.header(str(op.detail[0]))
    if op.kind == "total":
        return to_cells(evaluation.totals(op))
    if op.kind == "read":
        key = _key(op)
        return evaluation.column(key) if key in evaluation.plan.columns else evaluation.input(key)
    every = evaluation.all_rows(op.space)
    return np.stack([_of_all(evaluation, op.space, every.value(op, y)) for y in range(len(evaluation.plan.years))])


def _of_all(evaluation: Calculation, root: str, lanes: Lanes) -> NDArray[np.int64]:
    return np.broadcast_to(to_cells(lanes), evaluation.table(root).rows)


def _key(op: Op) -> Key:
    return str(op.detail[0]), str(op.detail[1])


def _exact_floats(totals: Lanes) -> NDArray[np.float64]:
    """Totals as float64; what float64 cannot hold is NaN, and numpy does the rows that read it."""
    if totals.bound < EXACT:
        return totals.values.astype(np.float64)
    return np.where(np.abs(totals.values) < EXACT, totals.values, np.nan).astype(np.float64)


def _floats(lanes: Lanes, moments: int, count: int) -> NDArray[np.float64]:
    beyond = lanes.bound >= EXACT
    values = np.where(np.abs(lanes.values) < EXACT, lanes.values, np.nan) if beyond else lanes.values
    numbers = np.broadcast_to(values.astype(np.float64), (moments, count))
    if lanes.errors is None:
        return numbers
    errors = np.broadcast_to(lanes.errors, (moments, count))
    return np.where(errors != 0, nan_of(errors), numbers)
