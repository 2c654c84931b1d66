"""Money over time. Powers with whole exponents are exact; an internal rate of return is found to 34 digits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from engine.functions.aggregate import numbers
from engine.functions.irrational import DIGITS, power
from engine.functions.values import Approximate, ExcelError, Scalar, Value, decimal, limited, number

_STEPS_MAX = 200
_CLOSE = Fraction(1, 10 ** (DIGITS + 4))
_WORK_DIGITS = DIGITS + 16
_RATE_MAX = 10**6


def npv(rate: Scalar, *values: Value) -> Fraction:
    """NPV: payments at the ends of periods, the first one discounted once."""
    factor = 1 + number(rate)
    found = numbers(values)
    if not factor:
        raise ExcelError("#DIV/0!")
    total = Fraction(0)
    for value in reversed(found):
        total = limited((total + value) / factor)
    return total


def pmt(rate: Scalar, periods: Scalar, present: Scalar, future: Scalar = None, due: Scalar = None) -> Fraction:
    """PMT: the even payment; `due` other than 0 is at the beginning of each period."""
    each, count, now, then = (number(value) for value in (rate, periods, present, future))
    if not count:
        raise ExcelError("#NUM!")
    if not each:
        return -(now + then) / count
    growth = power(1 + each, count)
    divisor = _first(each, due) * (growth - 1)
    if not divisor:
        raise ExcelError("#NUM!")
    return -(now * growth + then) * each / divisor


def pv(rate: Scalar, periods: Scalar, payment: Scalar, future: Scalar = None, due: Scalar = None) -> Fraction:
    """PV: what even payments are worth now."""
    each, count, paid, then = (number(value) for value in (rate, periods, payment, future))
    if not each:
        return -(then + paid * count)
    growth = power(1 + each, count)
    if not growth:
        raise ExcelError("#DIV/0!")
    return -(then + paid * _first(each, due) * (growth - 1) / each) / growth


def fv(rate: Scalar, periods: Scalar, payment: Scalar, present: Scalar = None, due: Scalar = None) -> Fraction:
    """FV: what even payments come to in the end."""
    each, count, paid, now = (number(value) for value in (rate, periods, payment, present))
    if not each:
        return -(now + paid * count)
    growth = power(1 + each, count)
    return -(now * growth + paid * _first(each, due) * (growth - 1) / each)


def irr(values: Value, guess: Scalar = None) -> Fraction:
    """IRR: the rate at which the payments are worth nothing, the one next to the guess; none is #NUM!."""
    flows = numbers([values])
    if not (any(flow > 0 for flow in flows) and any(flow < 0 for flow in flows)):
        raise ExcelError("#NUM!")
    start = number(guess) if guess is not None else Fraction(1, 10)
    rate = _newton(flows, start)
    rate = _bracketed(flows, start) if rate is None else rate
    if rate is None:
        raise ExcelError("#NUM!")
    found = Fraction(decimal(rate, DIGITS))
    plain = found.limit_denominator(10**12)
    return plain if not _worth(flows, 1 / (1 + plain), exact=True)[0] else Approximate(found)


def _first(rate: Fraction, due: Scalar) -> Fraction:
    return 1 + rate if number(due) else Fraction(1)


def _newton(flows: Sequence[Fraction], rate: Fraction) -> Fraction | None:
    """The rate that Newton's steps lead to from here, if they lead to one."""
    for _ in range(_STEPS_MAX):
        if rate <= -1 or rate > _RATE_MAX:
            return None
        worth, slope = _worth(flows, 1 / (1 + rate))
        if not slope:
            return None
        step = _cut(worth / slope)
        rate = _cut(rate - step)
        if abs(step) < _CLOSE:
            return rate
    return None


def _bracketed(flows: Sequence[Fraction], start: Fraction) -> Fraction | None:
    """The rate nearest to `start` where the present value changes its sign, halved until it is known well enough."""
    grid = [Fraction(i, 100) for i in (*range(-99, 200, 3), *range(200, 2_000, 50), *range(2_000, 100_000, 4_000))]
    signs = [_worth(flows, 1 / (1 + rate))[0] > 0 for rate in grid]
    changes = [i for i in range(len(grid) - 1) if signs[i] != signs[i + 1]]
    if not changes:
        return None
    at = min(changes, key=lambda i: abs(grid[i] - start))
    low, high = grid[at], grid[at + 1]
    while high - low > _CLOSE:
        middle = _cut((low + high) / 2)
        low, high = (middle, high) if (_worth(flows, 1 / (1 + middle))[0] > 0) == signs[at] else (low, middle)
    return low


def _worth(flows: Sequence[Fraction], discount: Fraction, *, exact: bool = False) -> tuple[Fraction, Fraction]:
    """The present value and its slope by the rate, worked to more digits than are given."""
    discount = discount if exact else _cut(discount)
    worth = slope = Fraction(0)
    factor = Fraction(1)
    for period, flow in enumerate(flows):
        worth += flow * factor
        slope -= period * flow * factor * discount
        factor = factor * discount if exact else _cut(factor * discount)
    return worth, slope


def _cut(value: Fraction) -> Fraction:
    return Fraction(decimal(value, _WORK_DIGITS)) if value else value
