"""What an op that does not vary is worth in every row, found without computing it in every row.

Rows that read the same are worth the same: an op is computed once for each distinct combination of the cells that it
reads; where those are as many as rows, once for each combination of what its operands are worth. A date of hire has
ten thousand values, the seniority that follows from it has forty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation import Evaluation
from engine.kernel.lanes import Lanes
from engine.kernel.space import Space
from engine.kernel.typed import SUBMISSION, UNIFORM, Op
from engine.number import SPECIAL, Array
from engine.plan import Key
from engine.scenario.choices import Whole

_TILE = 8192
_FEW = 4
"""Combinations are few where there are so many times more rows."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Kinds:
    """The distinct values of an op in a year's rows."""

    of: Whole
    """(years, rows): the kind of each."""
    cells: Whole
    """(kinds,), or (12, kinds) of a monthly op: the value, or a special cell that is its error."""


class Worth:
    """Finds the kinds of ops over the rows of a root; what it finds on the way it keeps."""

    def __init__(self, evaluation: Evaluation, root: str) -> None:
        self.evaluation, self.root = evaluation, root
        self.years, self.rows = len(evaluation.plan.years), evaluation.table(root).rows
        self._known: dict[Op, Whole] = {}

    def kinds(self, op: Op) -> Kinds:
        """The kinds of an op. OverflowError: a value is too large for any array."""
        first, same = self._combinations(op)
        cells = self._cells(op, first).reshape(-1, self.years * first.size)
        one, kind = alike(cells)
        return Kinds(kind.reshape(self.years, first.size)[:, same], cells[:, one] if op.monthly else cells[0, one])

    def _combinations(self, op: Op) -> tuple[Whole, Whole]:
        """Rows that stand for all in what an op is worth, and which of them stands for each row."""
        first, same = alike([column for part in self._read(op) for column in part.reshape(-1, self.rows)])
        operands = list(self._operands(op))
        if first.size * _FEW <= self.rows or not operands:
            return first, same
        return alike([self._worth(operand) for operand in operands])

    def _worth(self, op: Op) -> Whole:
        """(rows,): equal only where an op is worth the same in all years and months. A column is computed, so that rows
        become fewer; what stands between columns is told by its operands."""
        if op not in self._known:
            operands = list(self._operands(op))
            if operands and op.kind != "read":
                self._known[op] = alike([self._worth(operand) for operand in operands])[1]
            else:
                first, same = self._combinations(op)
                self._known[op] = alike(self._cells(op, first).reshape(-1, first.size))[1][same]
        return self._known[op]

    def _cells(self, op: Op, rows: Whole) -> Whole:
        """(years, rows), or (12, years, rows) of a monthly op, in some rows."""
        cells = np.empty((12, self.years, rows.size) if op.monthly else (self.years, rows.size), np.int64)
        for start in range(0, rows.size, _TILE):
            space = Space(self.evaluation, self.root, rows[start : start + _TILE])
            for year in range(self.years):
                cells[..., year, start : start + _TILE] = settled(space.value(op, year))
        return cells

    def _operands(self, op: Op) -> Iterator[Op]:
        """The ops by whose values in a row its own is known; none where it reads more than its row, or a kept cell."""
        if op.space in (UNIFORM, SUBMISSION) or op.kind in ("total_where", "previous"):
            return
        if op.kind == "read":
            definition = self.evaluation.plan.columns.get(_key(op))
            if definition is not None and definition.op is not None and not self.evaluation.plan.stored(_key(op)):
                yield definition.op
        yield from (arg for arg in op.args if arg.space != UNIFORM)

    def _read(self, op: Op) -> Iterator[Array]:
        """(…, rows): the cells that an op reads in a row; what reads more than its row differs in every one."""
        if op.space == SUBMISSION:
            yield self.evaluation.submission_of(self.root)
        elif op.kind in ("total_where", "previous"):
            yield np.arange(self.rows)
        elif op.kind == "read" and not list(self._operands(op)):
            key = _key(op)
            yield self.evaluation.column(key) if key in self.evaluation.plan.columns else self.evaluation.input(key)
        for operand in self._operands(op):
            yield from self._read(operand)


def alike(columns: Sequence[Array] | Array) -> tuple[Whole, Whole]:
    """The first of each kind of rows, and the kind of each row; rows are of one kind if all columns are equal. Found by
    a hash and then looked at cell by cell, so that two kinds are never taken for one."""
    hashed = np.zeros(columns[0].size, np.uint64)
    for column in columns:
        hashed += np.ascontiguousarray(column).view(np.uint64)
        hashed *= _FACTOR
        hashed ^= hashed >> np.uint64(29)
    _, first, kind = np.unique(hashed, return_index=True, return_inverse=True)
    if not all(np.array_equal(column, column[first][kind]) for column in columns):
        _, first, kind = np.unique(np.stack(list(columns)), axis=1, return_index=True, return_inverse=True)
    return first.astype(np.int64), kind.ravel().astype(np.int64)


def settled(found: Lanes) -> Whole:
    """Lanes as cells whose numbers may be larger than a stored one, up to 2^62; no array holds what is beyond."""
    if found.bound > -SPECIAL and np.any(np.abs(found.values) > -SPECIAL):
        raise OverflowError
    values: Whole = found.values.astype(np.int64, copy=False)
    return values if found.errors is None else np.where(found.errors != 0, found.errors, values)


def _key(op: Op) -> Key:
    return str(op.detail[0]), str(op.detail[1])
