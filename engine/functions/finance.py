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
    rate = number(guess) if guess is not None else Fraction(1, 10)
    for _ in range(_STEPS_MAX):
        if rate <= -1:
            break
        worth, slope = _worth(flows, 1 / (1 + rate))
        if not slope:
            break
        step = Fraction(decimal(worth / slope, _WORK_DIGITS))
        rate = Fraction(decimal(rate - step, _WORK_DIGITS)) if rate != step else Fraction(0)
        if abs(step) < _CLOSE:
            return Approximate(decimal(rate, DIGITS)) if rate else rate
    raise ExcelError("#NUM!")


def _first(rate: Fraction, due: Scalar) -> Fraction:
    return 1 + rate if number(due) else Fraction(1)


def _worth(flows: Sequence[Fraction], discount: Fraction) -> tuple[Fraction, Fraction]:
    """The present value and its slope by the rate, worked to more digits than are given."""
    discount = Fraction(decimal(discount, _WORK_DIGITS))
    worth = slope = Fraction(0)
    factor = Fraction(1)
    for period, flow in enumerate(flows):
        worth += flow * factor
        slope -= period * flow * factor * discount
        factor = Fraction(decimal(factor * discount, _WORK_DIGITS))
    return worth, slope
