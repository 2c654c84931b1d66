"""Functions of a population: every row of a form in one submission; the result is this row's.

A row whose value is an error does not count for the others; where its own value is needed, it has that error itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Any

from engine.formula import Expr
from engine.functions.aggregate import mean
from engine.functions.signature import Context
from engine.functions.values import ExcelError, Scalar, Value, compare, number, order, scalar, whole


def stratum_mean(context: Context, args: Sequence[Expr]) -> Value:
    """STRATUM.MEAN(x, by): the mean of x over the rows that have this row's `by`."""
    return mean(_values_alike(context, args))


def share(context: Context, args: Sequence[Expr]) -> Value:
    """SHARE(x, by): this row's part of the sum of x, of the rows that have this row's `by` if it is given."""
    own = number(context.value(args[0]))
    total = sum(_values_alike(context, args), Fraction(0))
    if not total:
        raise ExcelError("#DIV/0!")
    return own / total


def clip(x: Scalar, low: Scalar, high: Scalar) -> Fraction:
    """CLIP(x, low, high): x, but not below low nor, above all, above high."""
    return min(max(number(x), number(low)), number(high))


def rank_by(context: Context, args: Sequence[Expr]) -> Value:
    """RANK.BY(x, order, tie…): 1 and the rows before this one; order 0 from the greatest, else from the least."""
    falling = len(args) < 2 or not number(context.value(args[1]))
    ties = [context.population(arg) for arg in args[2:]]
    here = context.position()
    keys: dict[int, tuple[Any, ...]] = {}
    for i, value in enumerate(context.population(args[0])):
        if not any(isinstance(cell, ExcelError) for cell in (value, *(tie[i] for tie in ties))):
            amount = number(value)
            keys[i] = (-amount if falling else amount, *(order(tie[i]) for tie in ties))
    if here not in keys:
        for column in (context.population(args[0]), *ties):
            scalar(column[here])
    return Fraction(1 + sum(key < keys[here] for key in keys.values()))


def distribute(context: Context, args: Sequence[Expr]) -> Value:
    """DISTRIBUTE(pot, weight, digits, tie): multiples of the last digit in proportion to the weights, which sum to the
    pot exactly; what is left over goes to the largest remainders, of equal ones to the lower tie, then to the first."""
    pot, digits = number(context.value(args[0])), whole(context.value(args[2]))
    weights = context.population(args[1])
    ties = context.population(args[3]) if len(args) > 3 else [Fraction(0)] * len(weights)
    here = context.position()
    number(weights[here])
    counted = {i: number(w) for i, w in enumerate(weights) if not isinstance(w, ExcelError)}
    units = abs(pot) * Fraction(10) ** digits
    if units.denominator != 1 or min(counted.values()) < 0:
        raise ExcelError("#NUM!")
    total = sum(counted.values())
    if not total:
        raise ExcelError("#DIV/0!")
    exact = {i: units * weight / total for i, weight in counted.items()}
    given = {i: floor(amount) for i, amount in exact.items()}
    neediest = sorted(exact, key=lambda i: (given[i] - exact[i], order(_plain(ties[i])), i))
    more = here in neediest[: int(units) - sum(given.values())]
    amount = (given[here] + more) / Fraction(10) ** digits
    return amount if pot >= 0 else -amount


def _values_alike(context: Context, args: Sequence[Expr]) -> list[Fraction]:
    """The values of the rows that have this row's `by`, those in error left out."""
    values, here = context.population(args[0]), context.position()
    groups: list[Scalar] = context.population(args[1]) if len(args) > 1 else [None] * len(values)
    own = scalar(groups[here])
    return [
        number(value)
        for value, group in zip(values, groups, strict=True)
        if not isinstance(value, ExcelError) and not isinstance(group, ExcelError) and compare(group, own) == 0
    ]


def _plain(value: Scalar) -> Scalar:
    return None if isinstance(value, ExcelError) else value
