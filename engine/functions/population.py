"""Functions of a population: every row of a form in one submission; the result is this row's.

A row whose value is an error does not count for the others; where its own value is needed, it has that error itself.
What all rows share (sums of strata, ranks, parts of a pot) is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from engine.formula import Expr
from engine.functions.aggregate import mean
from engine.functions.signature import Context
from engine.functions.values import ExcelError, Scalar, Value, number, order, scalar, whole

Strata = dict[tuple[int, Fraction | str], Scalar]
"""What a stratum gives, by the key that sorts its `by`."""


def stratum_mean(context: Context, args: Sequence[Expr]) -> Value:
    """STRATUM.MEAN(x, by): the mean of x over the rows that have this row's `by`."""
    return scalar(_of_stratum(context, args, mean))


def share(context: Context, args: Sequence[Expr]) -> Value:
    """SHARE(x, by): this row's part of the sum of x, of the rows that have this row's `by` if it is given."""
    own = number(context.population(args[0])[context.position()])
    total = number(_of_stratum(context, args, lambda values: sum(values, Fraction(0))))
    if not total:
        raise ExcelError("#DIV/0!")
    return own / total


def clip(x: Scalar, low: Scalar, high: Scalar) -> Fraction:
    """CLIP(x, low, high): x, but not below low nor, above all, above high."""
    return min(max(number(x), number(low)), number(high))


def rank_by(context: Context, args: Sequence[Expr]) -> Value:
    """RANK.BY(x, order, tie…): 1 and the rows before this one; order 0 from the greatest, else from the least."""
    falling = len(args) < 2 or not number(context.value(args[1]))
    columns = (args[0], *args[2:])
    ranks = context.once(columns, falling, lambda: _ranks([context.population(arg) for arg in columns], falling))
    return scalar(ranks[context.position()])


def distribute(context: Context, args: Sequence[Expr]) -> Value:
    """DISTRIBUTE(pot, weight, digits, tie): multiples of the last digit in proportion to the weights, which sum to the
    pot exactly; what is left over goes to the largest remainders, of equal ones to the lower tie, then to the first."""
    pot, digits = number(context.value(args[0])), whole(context.value(args[2]))
    columns = (args[1], *args[3:])
    number(context.population(args[1])[context.position()])
    parts = context.once(
        columns, (pot, digits), lambda: _parts(pot, digits, *(context.population(arg) for arg in columns))
    )
    if isinstance(parts, ExcelError):
        raise ExcelError(parts.code)
    return scalar(parts[context.position()])


def _of_stratum(context: Context, args: Sequence[Expr], of: Callable[[list[Fraction]], Fraction]) -> Scalar:
    """What a function gives of x over the rows with this row's `by`."""
    own = scalar(context.population(args[1])[context.position()]) if len(args) > 1 else None
    strata: Strata = context.once(args, None, lambda: _strata(of, *(context.population(arg) for arg in args)))
    return strata.get(order(own), ExcelError("#DIV/0!"))


def _strata(of: Callable[[list[Fraction]], Fraction], values: list[Scalar], by: list[Scalar] | None = None) -> Strata:
    gathered: dict[tuple[int, Fraction | str], list[Fraction]] = {}
    for value, group in zip(values, by or [None] * len(values), strict=True):
        amount = _as_number(value)
        if isinstance(amount, Fraction) and not isinstance(group, ExcelError):
            gathered.setdefault(order(group), []).append(amount)
    return {group: of(amounts) for group, amounts in gathered.items()}


def _ranks(columns: list[list[Scalar]], falling: bool) -> list[Scalar]:
    """The rank of each row; a row with an error in any column has the first of them."""
    ranks: list[Scalar] = []
    rank, before = Fraction(0), None
    keys: dict[int, tuple[Any, ...]] = {}
    for i, (value, *ties) in enumerate(zip(*columns, strict=True)):
        amount = _as_number(value)
        failed = next((cell for cell in (amount, *ties) if isinstance(cell, ExcelError)), None)
        if isinstance(amount, Fraction) and failed is None:
            keys[i] = (-amount if falling else amount, *map(order, ties))
        ranks.append(failed)
    for place, i in enumerate(sorted(keys, key=keys.__getitem__), 1):
        rank, before = rank if keys[i] == before else Fraction(place), keys[i]
        ranks[i] = rank
    return ranks


def _parts(
    pot: Fraction, digits: int, column: list[Scalar], ties: list[Scalar] | None = None
) -> list[Scalar] | ExcelError:
    """The part of each row, or the error that all rows have."""
    weights = [_as_number(weight) for weight in column]
    counted = {i: weight for i, weight in enumerate(weights) if isinstance(weight, Fraction)}
    units, total = abs(pot) * Fraction(10) ** digits, sum(counted.values())
    if units.denominator != 1 or min(counted.values()) < 0:
        return ExcelError("#NUM!")
    if not total:
        return ExcelError("#DIV/0!")
    split = {i: divmod(units * weight, total) for i, weight in counted.items()}
    first = [order(_plain(tie)) for tie in ties or [None] * len(weights)]
    neediest = sorted(split, key=lambda i: (-split[i][1], first[i], i))
    more = set(neediest[: int(units) - sum(share for share, _ in split.values())])
    step = Fraction(1 if pot >= 0 else -1) / Fraction(10) ** digits
    return [(split[i][0] + (i in more)) * step if i in split else weight for i, weight in enumerate(weights)]


def _as_number(value: Scalar) -> Scalar:
    """A row's value as a number, or the error that it is one."""
    try:
        return number(value)
    except ExcelError as error:
        return ExcelError(error.code)


def _plain(value: Scalar) -> Scalar:
    return None if isinstance(value, ExcelError) else value
