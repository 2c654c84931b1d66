"""Powers, roots, exponentials and logarithms: exact where the result is a plain fraction, else right to 34 digits."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import isqrt

from engine.functions.values import Approximate, ExcelError, limited
from engine.limits import POWER_BITS_MAX

DIGITS = 34
_WORK = Context(prec=60, rounding=ROUND_HALF_EVEN, Emax=999_999, Emin=-999_999)
_RESULT = Context(prec=DIGITS, rounding=ROUND_HALF_UP, Emax=999_999, Emin=-999_999)
_EXPONENT_MAX = 1_000
"""e to more than this is beyond every number of Excel, e to less than minus this is 0 to it."""


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """base ^ exponent as Excel's operator: 0 ^ 0 is #NUM!, 0 to a negative #DIV/0!, a negative to a fraction #NUM!."""
    if not base:
        if exponent <= 0:
            raise ExcelError("#NUM!" if exponent == 0 else "#DIV/0!")
        return Fraction(0)
    if exponent.denominator == 1:
        return _whole_power(base, int(exponent))
    if base < 0:
        raise ExcelError("#NUM!")
    if exponent.denominator == 2:
        root = _exact_root(base)
        if root is not None:
            return _whole_power(root, exponent.numerator)
    return exponential(logarithm(base, DIGITS + 12) * exponent)


def root(value: Fraction) -> Fraction:
    """The square root; of a negative #NUM!."""
    if value < 0:
        raise ExcelError("#NUM!")
    exact = _exact_root(value)
    return exact if exact is not None else _rounded(_WORK.sqrt(_decimal(value)))


def exponential(value: Fraction) -> Fraction:
    """e to a power."""
    if value == 0:
        return Fraction(1)
    if abs(value) > _EXPONENT_MAX:
        if value > 0:
            raise ExcelError("#NUM!")
        return Fraction(0)
    return limited(_rounded(_WORK.exp(_decimal(value))))


def logarithm(value: Fraction, digits: int = DIGITS) -> Fraction:
    """The natural logarithm; of what is not positive #NUM!."""
    if value <= 0:
        raise ExcelError("#NUM!")
    return Fraction(0) if value == 1 else _rounded(_WORK.ln(_decimal(value)), digits)


def logarithm_to(value: Fraction, base: Fraction) -> Fraction:
    """The logarithm to a base; whole where it is whole."""
    if value <= 0 or base <= 0:
        raise ExcelError("#NUM!")
    if base == 1:
        raise ExcelError("#DIV/0!")
    quotient = _WORK.divide(_WORK.ln(_decimal(value)), _WORK.ln(_decimal(base)))
    nearest = round(Fraction(quotient))
    if abs(nearest) <= _EXPONENT_MAX * 2 and base**nearest == value:
        return Fraction(nearest)
    return _rounded(quotient)


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent)
    if bits <= POWER_BITS_MAX or abs(base) == 1:
        return limited(base**exponent if abs(base) != 1 else base ** (exponent % 2))
    size = exponential(logarithm(abs(base), DIGITS + 12) * exponent)
    return -size if base < 0 and exponent % 2 else size


def _exact_root(value: Fraction) -> Fraction | None:
    above, below = isqrt(value.numerator), isqrt(value.denominator)
    return Fraction(above, below) if (above**2, below**2) == (value.numerator, value.denominator) else None


def _decimal(value: Fraction) -> Decimal:
    return _WORK.divide(Decimal(value.numerator), Decimal(value.denominator))


def _rounded(value: Decimal, digits: int = DIGITS) -> Approximate:
    context = _RESULT if digits == DIGITS else Context(prec=digits, Emax=999_999, Emin=-999_999)
    return Approximate(context.plus(value))
