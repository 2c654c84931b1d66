"""What part of a figure the varied norms decide, and what that part reads of each row.

A formula's op is cut where nothing below reads a varied norm, itself or through columns: such a *leaf* has one value in
each row, year and month whatever the set. Rows with equal leaves have equal figures under every set. What reads other
rows (a total), the year before, or is left to the oracle cannot be cut so: `NotSeparable`, and it runs set by set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.formula import Call, Column, Expr, Text, children
from engine.kernel.lanes import BINARY, UNARY
from engine.kernel.typed import UNIFORM, Op, Traits, join_space
from engine.plan import Key, Plan, walk

LEAF, CELL = "leaf", "cell"
"""Kinds of op that only this package knows: what does not vary, and a column's value as its cell holds it."""

_DAYS = frozenset("date day date_year date_month date_day month_number first_month edate eomonth years".split())
_BY_LANE = (BINARY.keys() | UNARY.keys() | _DAYS | {"select", "quotient", "fail", "fold"}) - {"to_date"}
"""Kinds of op whose value in a row, or in one month of it, needs nothing but its arguments there."""


class NotSeparable(Exception):
    """Rows with equal leaves might differ, or cannot be told apart; its words say why. Never leaves the package."""


def reached_by(plan: Plan, names: frozenset[str]) -> frozenset[Key]:
    """The computed columns that read one of these norms, themselves or through others, the year before too."""
    reads = {key: frozenset(_reads(plan, key)) for key in plan.columns}
    reached: set[str | Key] = set(names)
    size = -1
    while size < len(reached):
        size = len(reached)
        reached |= {key for key, read in reads.items() if not read.isdisjoint(reached)}
    return frozenset(key for key in reads if key in reached)


def _reads(plan: Plan, key: Key) -> Iterator[str | Key]:
    """The names of norms and the columns that a column reads."""
    op = plan.columns[key].op
    for part in () if op is None else walk(op):
        if part.kind in ("norm", "in_force"):
            yield str(part.detail[0])
        elif part.kind in ("read", "previous"):
            yield _key(part)
    formula = plan.column(key).formula
    if op is None and formula is not None:
        yield from _named(formula.tree, key[0])


def _named(tree: Expr, form: str) -> Iterator[str | Key]:
    """The same of a formula that has no kernel; any text in a look-up may be the name of a norm."""
    stack = [tree]
    while stack:
        at = stack.pop()
        stack.extend(children(at))
        if isinstance(at, Column):
            yield at.form or form, at.column
        elif isinstance(at, Call) and at.name.startswith("NORM"):
            yield from (arg.value for arg in at.args if isinstance(arg, Text))


@dataclass(slots=True)
class Separation:
    """Cuts ops of a plan; `reached` are the columns that depend on the varied norms."""

    plan: Plan
    names: frozenset[str]
    reached: frozenset[Key]
    _varied: dict[Op, bool] = field(default_factory=dict)
    _cut: dict[Op, Op] = field(default_factory=dict)

    def column(self, key: Key) -> Op:
        """A column that depends on the varied norms, as ops over leaves."""
        definition = self.plan.columns[key]
        if definition.op is None:
            raise NotSeparable(f"{key[0]}.{key[1]} has no kernel")
        return _made(CELL, (self.cut(definition.op),), ())

    def cut(self, op: Op) -> Op:
        """The same op over leaves."""
        if op not in self._cut:
            self._cut[op] = self._divided(op) if self._varies(op) else _leaf(op)
        return self._cut[op]

    def _divided(self, op: Op) -> Op:
        if op.kind == "read":
            return self.column(_key(op))
        if op.kind in ("norm", "in_force"):
            return _made(op.kind, tuple(map(self.cut, op.args)), op.detail, op.monthly)
        if op.kind not in _BY_LANE:
            raise NotSeparable(op.kind)
        return _made(op.kind, tuple(map(self.cut, op.args)), op.detail)

    def _varies(self, op: Op) -> bool:
        if op not in self._varied:
            norm = op.kind in ("norm", "in_force") and op.detail[0] in self.names
            column = op.kind in ("read", "previous") and _key(op) in self.reached
            self._varied[op] = norm or column or any(map(self._varies, op.args))
        return self._varied[op]


def leaf_of(op: Op) -> Op:
    """The op of the plan that a leaf stands for."""
    inside = op.detail[0]
    assert isinstance(inside, Op)
    return inside


def _leaf(op: Op) -> Op:
    return op if op.kind == "constant" else Op(LEAF, (), (op,), Traits(op.space, op.yearly, op.monthly, op.fallible))


def _made(kind: str, args: tuple[Op, ...], detail: tuple[object, ...], monthly: bool = False) -> Op:
    """An op whose lanes are where those of its arguments meet, in every month if one of them is."""
    space = join_space([arg.space for arg in args]) if args else UNIFORM
    monthly = kind != "fold" and (monthly or any(arg.monthly for arg in args))
    return Op(kind, args, detail, Traits(space, True, monthly, True))


def _key(op: Op) -> Key:
    return str(op.detail[0]), str(op.detail[1])
