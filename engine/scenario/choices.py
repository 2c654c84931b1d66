"""What varies between the sets of a what-if: which norms, which of their values, and the tables of each.

A *set* names some norms and gives each the rows that stand in place of its own; a *choice* is one such list of rows.
A thousand sets have few choices of each norm, or a thousand; most differ in numbers only, so that one table serves
them all with other numbers in it (`Kind`). The plan is lowered with room for the finest decimals of all choices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.kernel.lower import Source, column_op
from engine.kernel.typed import Unsupported
from engine.limits import DIGITS_MAX, NUMBER_MAX
from engine.norms import Norms, NormValue, with_values
from engine.norms.dense import DenseNorm
from engine.norms.tables import FlatTable, NormTables
from engine.plan import Definition, Plan, source_of, walk
from engine.workbook import Workbook

Set = Mapping[str, Sequence[NormValue]]
"""norm name → the rows in place of its own; a norm that is not named keeps its own."""
Rows = tuple[NormValue, ...]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kind:
    """Choices of a norm that differ in numbers only: their table, and from which row each of its cells comes."""

    table: FlatTable
    refs: Whole
    """(cells,): the place of a row; −1 is none."""


@dataclass(frozen=True, slots=True)
class Tables:
    """All choices of a norm, brought to the same decimals."""

    kinds: tuple[Kind, ...]
    kind_of: Whole
    """(choices,)"""
    numbers: Whole
    """(choices, rows + 1): the number in each row; the last is 0."""

    def of(self, choice: int) -> FlatTable:
        """The table of one choice."""
        kind, numbers = self.kinds[int(self.kind_of[choice])], self.numbers[choice]
        bound = int(np.abs(numbers).max())
        return replace(kind.table, values=numbers[kind.refs], bound=bound)


class Choices:
    """The norms that vary over some sets, and the distinct values of each."""

    def __init__(self, plan: Plan, workbook: Workbook, sets: Sequence[Set]) -> None:
        self.names = tuple(sorted({name for each in sets for name in each}))
        self.norms, self.known, self.years = plan.norms, workbook.known, plan.years
        self.rows: dict[str, tuple[Rows, ...]] = {}
        self.chosen = np.zeros((len(sets), len(self.names)), np.int64)
        """(sets, names): which choice of each norm a set makes; 0 is its own rows."""
        for j, name in enumerate(self.names):
            own = plan.norms.norms[name].values
            found: dict[Rows, int] = {own: 0}
            self.chosen[:, j] = [found.setdefault(tuple(each.get(name, own)), len(found)) for each in sets]
            self.rows[name] = tuple(found)
        self.plan = self._lowered(plan)
        self.tables = {name: self._tables(name) for name in self.names}
        """None where a choice has no table that kernels can look up, or its numbers are too large beside the finest."""

    @property
    def regular(self) -> bool:
        """Whether every choice has a table."""
        return all(tables is not None for tables in self.tables.values())

    def of(self, name: str) -> Tables | None:
        """The choices of a norm; None if it does not vary."""
        return self.tables.get(name)

    def column(self, name: str) -> Whole:
        """(sets,): the choice that each set makes of a norm."""
        return np.asarray(self.chosen[:, self.names.index(name)])

    def tables_of(self, at: int, shared: NormTables) -> NormTables:
        """All tables as a set has them."""
        own: dict[str, FlatTable | None] = {}
        for name, choice in zip(self.names, self.chosen[at].tolist(), strict=True):
            tables = self.tables[name]
            assert tables is not None, "sets with a choice without a table run from the start"
            own[name] = tables.of(choice)
        return SharedTables(self.norms, shared, own)

    def combinations(self, names: frozenset[str]) -> tuple[Whole, Whole]:
        """Of the combinations of choices of some norms: a set that makes each, and which one each set makes."""
        columns = [self.names.index(name) for name in sorted(names)]
        _, first, inverse = np.unique(self.chosen[:, columns], axis=0, return_index=True, return_inverse=True)
        return first.astype(np.int64), inverse.ravel().astype(np.int64)

    def norms_of(self, at: int) -> Norms:
        """The norms as a set has them."""
        return with_values(self.norms, {n: self.rows[n][c] for n, c in zip(self.names, self.chosen[at], strict=True)})

    def _lowered(self, plan: Plan) -> Plan:
        """The plan with the finest decimals of all choices; its own values of these norms mean nothing then."""
        finest: dict[str, Rows] = {}
        for name, choices in self.rows.items():
            digits = [_digits(rows) for rows in choices]
            if max(digits) > digits[0]:
                finest[name] = choices[digits.index(max(digits))]
        if not finest:
            return plan
        norms = self._with(finest)
        tables = SharedTables(norms, plan.tables, dict.fromkeys(finest))
        source = source_of(plan.ruleset, norms, tables)
        columns = {key: _finer(source, each, finest) for key, each in plan.columns.items()}
        return replace(plan, norms=norms, tables=tables, columns=columns, kernels={})

    def _with(self, values: Mapping[str, Rows]) -> Norms:
        """The norms with other values, for tables only: nobody asks for the digest."""
        changed = {name: replace(self.norms.norms[name], values=rows) for name, rows in values.items()}
        return replace(self.norms, norms={**self.norms.norms, **changed})

    def _tables(self, name: str) -> Tables | None:
        digits, listed = max(map(_digits, self.rows[name])), self.rows[name]
        shapes: dict[object, int] = {}
        kind_of = np.array([shapes.setdefault(_shape(rows), len(shapes)) for rows in listed])
        firsts = [int(np.flatnonzero(kind_of == kind)[0]) for kind in range(len(shapes))]
        kinds = [self._kind(name, listed[first]) for first in firsts]
        scaled = [[_scaled(row.value, digits) for row in rows] for rows in listed]
        if None in kinds or any(abs(number) > NUMBER_MAX for numbers in scaled for number in numbers):
            return None
        table = np.zeros((len(listed), max(map(len, scaled)) + 1), np.int64)
        for choice, numbers in enumerate(scaled):
            table[choice, : len(numbers)] = numbers
        return Tables(tuple(kind for kind in kinds if kind is not None), kind_of, table)

    def _kind(self, name: str, rows: Rows) -> Kind | None:
        tables = NormTables(self._with({name: rows}), self.years, self.known)
        refs = tables.dense(name).refs
        return None if refs is None else Kind(tables.table(name), np.append(refs, -1))


class SharedTables(NormTables):
    """Tables of some norms of their own, given or made; all others are shared with those who have them already."""

    def __init__(self, norms: Norms, shared: NormTables, given: Mapping[str, FlatTable | None]) -> None:
        super().__init__(norms, shared.years, shared.known)
        self._shared, self._own = shared, given.keys()
        self._flat.update({name: table for name, table in given.items() if table is not None})

    def dense(self, name: str) -> DenseNorm:
        """The norm of that name over the months."""
        return super().dense(name) if name in self._own else self._shared.dense(name)

    def table(self, name: str) -> FlatTable:
        """The same as flat arrays."""
        return super().table(name) if name in self._own else self._shared.table(name)


def _finer(source: Source, definition: Definition, finest: Mapping[str, Rows]) -> Definition:
    """A column lowered again if it looks up one of these norms."""
    op, (form, column) = definition.op, definition.key
    if op is None or not any(part.kind in ("norm", "in_force") and part.detail[0] in finest for part in walk(op)):
        return definition
    try:
        return replace(definition, op=column_op(source, source.ruleset.forms[form], column))
    except Unsupported as reason:
        return replace(definition, op=None, slow=str(reason))


def _shape(rows: Rows) -> object:
    """What two choices that differ in numbers only have in common."""
    return tuple((v.keys, v.start, v.end, v.known, v.verified == "training", v.value is None) for v in rows)


def _scaled(value: Fraction | None, digits: int) -> int:
    return 0 if value is None else value.numerator * 10**digits // value.denominator


def _digits(rows: Rows) -> int:
    """How many decimals the finest value of these has."""
    every = {v.value.denominator for v in rows if v.value is not None}
    return max((_decimals(denominator) for denominator in every), default=0)


def _decimals(denominator: int) -> int:
    digits = 0
    while 10**digits % denominator:
        digits += 1
        assert digits <= DIGITS_MAX, "a value of a norm that is no decimal"
    return digits
