"""Arithmetic of single numbers: rounding, division, powers, roots and logarithms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from engine.functions.irrational import exponential, logarithm, logarithm_to, power, root
from engine.functions.values import ExcelError, Scalar, number, whole
from engine.number import round_half_away

DIGITS_MAX = 330
"""More decimals, or more zeros before the point, than any number of Excel has."""


def round_(x: Scalar, digits: Scalar) -> Fraction:
    """ROUND: a tie goes away from zero."""
    return round_half_away(number(x), _digits(digits))


def roundup(x: Scalar, digits: Scalar) -> Fraction:
    """ROUNDUP: away from zero."""
    scale = Fraction(10) ** _digits(digits)
    value = number(x)
    size = ceil(abs(value) * scale) / scale
    return size if value >= 0 else -size


def rounddown(x: Scalar, digits: Scalar = None) -> Fraction:
    """ROUNDDOWN and TRUNC: toward zero."""
    scale = Fraction(10) ** _digits(digits)
    return int(number(x) * scale) / scale


def mround(x: Scalar, multiple: Scalar) -> Fraction:
    """MROUND: the nearest multiple; the two must have one sign."""
    if any(isinstance(value, bool) for value in (x, multiple)):
        raise ExcelError("#VALUE!")
    value, step = number(x), number(multiple)
    if not value or not step:
        return Fraction(0)
    if (value < 0) != (step < 0):
        raise ExcelError("#NUM!")
    return round_half_away(value / step, 0) * step


def ceiling(x: Scalar, significance: Scalar) -> Fraction:
    """CEILING: the next multiple; a positive number up, a negative with a negative step away from zero."""
    return _stepped(number(x), number(significance), ceil)


def floor_(x: Scalar, significance: Scalar) -> Fraction:
    """FLOOR: the last multiple; a zero step is #DIV/0! except for zero."""
    value, step = number(x), number(significance)
    if value and not step:
        raise ExcelError("#DIV/0!")
    return _stepped(value, step, floor)


def ceiling_math(x: Scalar, significance: Scalar = Fraction(1), mode: Scalar = None) -> Fraction:
    """CEILING.MATH: up; with a mode, negative numbers away from zero."""
    value, step = number(x), abs(number(significance))
    if not step:
        return Fraction(0)
    return (floor if value < 0 and number(mode) else ceil)(value / step) * step


def floor_math(x: Scalar, significance: Scalar = Fraction(1), mode: Scalar = None) -> Fraction:
    """FLOOR.MATH: down; with a mode, negative numbers toward zero."""
    value, step = number(x), abs(number(significance))
    if not step:
        return Fraction(0)
    return (ceil if value < 0 and number(mode) else floor)(value / step) * step


def abs_(x: Scalar) -> Fraction:
    """ABS."""
    return abs(number(x))


def int_(x: Scalar) -> Fraction:
    """INT: the whole number not above."""
    return Fraction(floor(number(x)))


def mod(x: Scalar, divisor: Scalar) -> Fraction:
    """MOD: the rest, of the divisor's sign."""
    value, by = number(x), number(divisor)
    if not by:
        raise ExcelError("#DIV/0!")
    return value - by * floor(value / by)


def quotient(x: Scalar, divisor: Scalar) -> Fraction:
    """QUOTIENT: the whole part of a division."""
    if any(isinstance(value, bool) for value in (x, divisor)):
        raise ExcelError("#VALUE!")
    value, by = number(x), number(divisor)
    if not by:
        raise ExcelError("#DIV/0!")
    return Fraction(int(value / by))


def sign(x: Scalar) -> Fraction:
    """SIGN: -1, 0 or 1."""
    value = number(x)
    return Fraction((value > 0) - (value < 0))


def power_(base: Scalar, exponent: Scalar) -> Fraction:
    """POWER, as the operator ^."""
    return power(number(base), number(exponent))


def sqrt(x: Scalar) -> Fraction:
    """SQRT."""
    return root(number(x))


def exp(x: Scalar) -> Fraction:
    """EXP."""
    return exponential(number(x))


def ln(x: Scalar) -> Fraction:
    """LN."""
    return logarithm(number(x))


def log(x: Scalar, base: Scalar = Fraction(10)) -> Fraction:
    """LOG to a base, ten if none is given."""
    return logarithm_to(number(x), number(base))


def log10(x: Scalar) -> Fraction:
    """LOG10."""
    return logarithm_to(number(x), Fraction(10))


def _digits(digits: Scalar) -> int:
    return max(-DIGITS_MAX, min(DIGITS_MAX, whole(digits)))


def _stepped(value: Fraction, step: Fraction, way: Callable[[Fraction], int]) -> Fraction:
    if not value or not step:
        return Fraction(0)
    if value > 0 > step:
        raise ExcelError("#NUM!")
    return way(value / step) * step
