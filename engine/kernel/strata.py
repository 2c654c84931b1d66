"""The functions of a population as rules: what all rows of a form in a submission give, asked for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from engine.formula import Call, Column, Expr, Missing
from engine.formula import Number as Literal
from engine.kernel.lower import Scope
from engine.kernel.rules import digits, grouped
from engine.kernel.typed import SUBMISSION, UNIFORM, Code, Flag, Number, Op, Traits, Typed, Unsupported, constant, over

NUMBERS, TRUTHS = "", "?"
"""What rows are told apart by, where it is not codes of a classification."""


def stratum_mean(scope: Scope, call: Call) -> Typed:
    """STRATUM.MEAN(x, by): the mean of x over the rows with the same `by`."""
    inner, x, by = _population(scope, call)
    total = grouped(inner, "sum", x, by)
    return over(total, grouped(inner, "count", x, by))


def share(scope: Scope, call: Call) -> Typed:
    """SHARE(x [, by]): x ÷ the sum of x."""
    inner, x, by = _population(scope, call)
    return over(x, grouped(inner, "sum", x, by))


def rank_by(scope: Scope, call: Call) -> Typed:
    """RANK.BY(x, order, tie…), the order a literal."""
    args = _of_rows(scope, call.args)
    ties = [_sorted(scope, arg) for arg in args[2:]]
    detail = ("rank", _root(scope), not _literal(call.args[1:2]), tuple(sort for _, sort in ties))
    return Number(_of_population(scope, (_alone(scope.number(args[0])), *(op for op, _ in ties)), detail))


def distribute(scope: Scope, call: Call) -> Typed:
    """DISTRIBUTE(pot, weight, digits, tie) of a pot that the submission has once, digits a literal."""
    pot, args, step = scope.number(call.args[0]), _of_rows(scope, call.args), Fraction(1, 10) ** digits(call, 2)
    bottom = constant(1) if pot.bottom is None else pot.bottom
    if {pot.top.space, bottom.space} - {SUBMISSION, UNIFORM}:
        raise Unsupported("a pot for each row")
    ties, ratio = [_sorted(scope, arg) for arg in args[3:]], pot.unit / step
    detail = ("distribute", _root(scope), ratio.as_integer_ratio(), tuple(sort for _, sort in ties))
    read = (pot.top, bottom, _alone(scope.number(args[1])), *(op for op, _ in ties))
    return Number(_of_population(scope, read, detail), step)


def _population(scope: Scope, call: Call) -> tuple[Scope, Number, Sequence[tuple[Op, Op]]]:
    """The scope of all rows, the value of each, and its stratum as it is and as it is asked for."""
    root = _root(scope)
    x, *by = _of_rows(scope, call.args)
    value = scope.number(x)
    _alone(value)
    strata = [_sorted(scope, stratum)[0] for stratum in by]
    return replace(scope, inner=root), value, [(stratum, stratum) for stratum in strata]


def _of_population(scope: Scope, read: tuple[Op, ...], detail: tuple[object, ...]) -> Op:
    return Op("total_where", read, detail, Traits(_root(scope), True, False, True))


def _root(scope: Scope) -> str:
    if scope.form is None or scope.monthly or scope.inner is not None:
        raise Unsupported("a population without rows")
    return scope.source.root(scope.form.name)


def _of_rows(scope: Scope, args: Sequence[Expr]) -> tuple[Expr, ...]:
    """Arguments in which `[c]` means `[@c]`."""
    return tuple(replace(arg, this_row=True) if isinstance(arg, Column) else arg for arg in args)


def _alone(value: Number) -> Op:
    """Whole numbers in proportion to a value of each row."""
    if value.bottom is not None:
        raise Unsupported("a population of quotients")
    return value.top


def _sorted(scope: Scope, arg: Expr) -> tuple[Op, str]:
    """What rows are told apart by, and what it holds."""
    match scope.lower(arg):
        case Code(op, classification):
            return op, classification
        case Number(op, _, None):
            return op, NUMBERS
        case Flag(op):
            return op, TRUTHS
    raise Unsupported("rows told apart by texts or quotients")


def _literal(args: Sequence[Expr]) -> Fraction:
    match [arg for arg in args if not isinstance(arg, Missing)]:
        case []:
            return Fraction(0)
        case [Literal(value)]:
            return value
    raise Unsupported("an order that is not a literal")
