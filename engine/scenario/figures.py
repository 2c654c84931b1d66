"""Figures of keys under several sets at once, with numpy: ops over (sets, places), each computed once.

An op's places are the months or the years of the plan where it is the same for every row, else the states or the keys.
The arithmetic is that of `engine.kernel.lanes`, errors and numbers of any size included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import Evaluation
from engine.kernel import lanes
from engine.kernel.lanes import Lanes
from engine.kernel.space import Space
from engine.kernel.typed import UNIFORM, Op, value_of
from engine.norms.tables import FlatTable
from engine.number import CELL_OF_ERROR, SPECIAL
from engine.scenario.choices import Choices, Whole
from engine.scenario.kinds import settled
from engine.scenario.places import Places
from engine.scenario.separation import CELL, LEAF, leaf_of

_NORM_MISSING = CELL_OF_ERROR["norm-missing"]
_TIGHT = 2**45
"""Bounds are taken from the data again before they pass this."""


class Leaves:
    """What all sets share: the values of leaves."""

    def __init__(self, choices: Choices, evaluation: Evaluation) -> None:
        self.choices, self.evaluation = choices, evaluation
        self.years = len(choices.plan.years)
        self._uniform: dict[Op, Lanes] = {}
        self._names: dict[Op, frozenset[str]] = {}

    def uniform(self, leaf: Op) -> Lanes:
        """(years × 12,) or (years,) of what is the same for every row."""
        if leaf not in self._uniform:
            parts = [self.evaluation.uniform.value(leaf_of(leaf), year) for year in range(self.years)]
            shape = (12, 1) if leaf.monthly else (1,)
            cells = [np.broadcast_to(settled(part), shape).ravel() for part in parts]
            self._uniform[leaf] = lanes.from_cells(np.concatenate(cells))
        return self._uniform[leaf]

    def names(self, op: Op) -> frozenset[str]:
        """The varied norms on which an op depends."""
        if op not in self._names:
            own = {str(op.detail[0])} & set(self.choices.names) if op.kind in ("norm", "in_force") else set()
            self._names[op] = frozenset(own).union(*map(self.names, op.args))
        return self._names[op]


class Figures:
    """The lanes of ops for some sets."""

    def __init__(self, leaves: Leaves, places: Places | None, sets: Whole) -> None:
        self.leaves, self.places, self.sets = leaves, places, sets
        self._known: dict[Op, Lanes] = {}

    def value(self, op: Op) -> Lanes:
        """(sets, places) of an op that varies."""
        if op not in self._known:
            found = self._compute(op)
            shape = (self.sets.size, self._moments(op).size)
            self._known[op] = Lanes(np.broadcast_to(found.values, shape), found.errors, found.bound)
        return self._known[op]

    def of_keys(self, op: Op) -> Lanes:
        """(sets, keys) of an op of a year, the same for all rows or not."""
        found = self.value(op)
        if op.space != UNIFORM:
            return found
        spread = lanes.take(found, self._way((True, False), (False, False)))
        return Lanes(np.broadcast_to(spread.values, (self.sets.size, self._keys.size)), spread.errors, spread.bound)

    @property
    def _keys(self) -> Whole:
        assert self.places is not None
        return self.places.year

    def _compute(self, op: Op) -> Lanes:
        if op.kind == "fold":
            return self._fold(op)
        if op.kind in ("norm", "in_force"):
            return self._norm(op)
        given = _Given(self.leaves.evaluation, op, {arg: self._argument(arg, op) for arg in op.args})
        first = given.value(op.args[0], 0)
        if op.kind == CELL:
            return first if first.bound <= _TIGHT else lanes.from_cells(lanes.to_cells(first))
        found = given.value(op, 0)
        if op.kind == "quotient" and (known := value_of(op.args[1])) is not None:
            found = Lanes(found.values, found.errors, first.bound // known + 1)
        return found if found.bound <= _TIGHT else _tightened(found)

    def _argument(self, arg: Op, reader: Op) -> Lanes:
        """An argument's lanes at the places of the op that reads it."""
        monthly = reader.monthly or (reader.kind == "fold" and arg.monthly)
        if arg.kind == "constant":
            return lanes.same(int(str(arg.detail[0])))
        if arg.kind == LEAF and arg.space != UNIFORM:
            assert self.places is not None
            return lanes.from_cells(self.places.at_states[arg] if monthly else self.places.at_keys[arg])
        found = self.leaves.uniform(arg) if arg.kind == LEAF else self.value(arg)
        before, after = (arg.space == UNIFORM, arg.monthly), (reader.space == UNIFORM, monthly)
        return found if before == after else lanes.take(found, self._way(before, after))

    def _way(self, before: tuple[bool, bool], after: tuple[bool, bool]) -> Whole:
        """Which place of an argument each place of its reader reads."""
        if after == (True, True):
            return np.repeat(np.arange(self.leaves.years), 12)
        assert self.places is not None
        if after == (False, False):
            return self.places.year
        if before == (True, True):
            return self.places.moment
        return self.places.moment // 12 if before[0] else self.places.key

    def _moments(self, op: Op) -> Whole:
        """The month at which an op looks up a norm, at each of its places."""
        if op.space == UNIFORM:
            return np.arange(self.leaves.years * 12) if op.monthly else np.arange(self.leaves.years) * 12
        assert self.places is not None
        return self.places.moment if op.monthly else self.places.year * 12

    def _norm(self, op: Op) -> Lanes:
        """A look-up in the table of each set; sets whose tables differ in numbers only look up together."""
        keys, name = [self._argument(arg, op) for arg in op.args], str(op.detail[0])
        tables, moments = self.leaves.choices.of(name), self._moments(op)
        shape = (self.sets.size, moments.size)
        if tables is None:
            table = self.leaves.evaluation.bound.table(name)
            flat = _cells_asked(table, keys, moments)
            found = Lanes(np.broadcast_to(table.values[flat], shape), None, table.bound)
            return _looked_up(op, found, np.broadcast_to(table.missing[flat], shape), keys)
        values, missing = np.empty(shape, np.int64), np.empty(shape, np.bool_)
        choices = self.leaves.choices.column(name)[self.sets]
        for at, kind in enumerate(tables.kinds):
            lines = np.flatnonzero(tables.kind_of[choices] == at)
            own = [key if key.values.ndim == 1 else Lanes(key.values[lines], None, key.bound) for key in keys]
            flat = _cells_asked(kind.table, own, moments)
            values[lines] = tables.numbers[choices[lines][:, None], kind.refs[flat]]
            missing[lines] = kind.table.missing[flat]
        bound = int(np.abs(tables.numbers[choices]).max())
        return _looked_up(op, Lanes(values, None, bound), missing, keys)

    def _fold(self, op: Op) -> Lanes:
        """Twelve months as one: each distinct state of a key counts as often as it occurs."""
        arg, kind = op.args[0], str(op.detail[0])
        found = self._argument(arg, op)
        if not arg.monthly:
            return _twelve(found, kind)
        if op.space == UNIFORM:
            months = (self.sets.size, -1, 12)
            errors = None if found.errors is None else np.moveaxis(_full(found).reshape(months), 2, 0)
            return lanes.fold(Lanes(np.moveaxis(found.values.reshape(months), 2, 0), errors, found.bound), kind)
        assert self.places is not None
        return _folded(found, kind, self.places)


class _Given(Space):
    """A space in which the lanes of what an op reads are given."""

    def __init__(self, evaluation: Evaluation, op: Op, arguments: Mapping[Op, Lanes]) -> None:
        super().__init__(evaluation, op.space)
        self._known = {(arg, 0): found for arg, found in arguments.items()}


def _tightened(found: Lanes) -> Lanes:
    return Lanes(found.values, found.errors, int(np.abs(found.values).max(initial=0)))


def _cells_asked(table: FlatTable, keys: Sequence[Lanes], moments: Whole) -> Whole:
    """Which cell of a table is looked up at each place; its last one, which is missing, where a key is outside."""
    outside, index = np.zeros(1, np.bool_), np.zeros(1, np.int64)
    for key, size, step in zip(keys, table.sizes, table.steps, strict=True):
        held = np.minimum(key.values, size - 1) if step else key.values
        outside = outside | (held < 0) | (held >= size)
        index = index * size + np.where((held < 0) | (held >= size), 0, held)
    flat = table.versions[moments] * table.span + index
    return np.where(outside, table.values.size - 1, flat).astype(np.int64)


def _looked_up(op: Op, found: Lanes, missing: NDArray[np.bool_], keys: Sequence[Lanes]) -> Lanes:
    errors = None
    for key in keys:
        errors = lanes.first(errors, key.errors)
    if op.kind == "in_force":
        return Lanes((~missing).astype(np.int64), errors, 1)
    errors = lanes.first(errors, np.where(missing, _NORM_MISSING, 0))
    raised = errors is not None and errors.any()
    return Lanes(np.where(missing, 0, found.values), errors if raised else None, found.bound)


def _twelve(found: Lanes, kind: str) -> Lanes:
    """A value that is the same in all months, folded."""
    if kind == "count":
        return Lanes(np.full(found.values.shape, 12, np.int64), found.errors, 12)
    return lanes.multiply(found, lanes.same(12)) if kind == "sum" else found


def _folded(found: Lanes, kind: str, places: Places) -> Lanes:
    first, *others = places.parts
    wide = found.values.astype(object) if found.bound * 12 >= -SPECIAL else found.values
    values = wide[..., first.states] * (first.months if kind == "sum" else 1)
    reduce = {"sum": np.add, "minimum": np.minimum, "maximum": np.maximum, "count": np.maximum}[kind]
    errors = None if found.errors is None else _full(found)[..., first.states]
    for part in others:
        head = values[..., : part.states.size]
        reduce(head, wide[..., part.states] * (part.months if kind == "sum" else 1), out=head)
        if errors is not None:
            raised = errors[..., : part.states.size]
            raised[...] = np.where(raised != 0, raised, _full(found)[..., part.states])
    if kind == "count":
        return Lanes(np.full(values.shape, 12, np.int64), errors, 12)
    return Lanes(values, errors, found.bound * (12 if kind == "sum" else 1))


def _full(found: Lanes) -> Whole:
    """The errors in the shape of the values."""
    assert found.errors is not None
    return np.broadcast_to(found.errors, found.values.shape)
