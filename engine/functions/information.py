"""Questions about a value, and errors on purpose."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from engine.functions.values import ExcelError, Scalar, Value, dereferenced, number, scalar
from engine.number import EXCEL_ERRORS


def isblank(value: Scalar) -> bool:
    """ISBLANK: nothing at all, not even an empty text."""
    return value is None


def isnumber(value: Scalar) -> bool:
    """ISNUMBER."""
    return isinstance(value, Fraction)


def istext(value: Scalar) -> bool:
    """ISTEXT."""
    return isinstance(value, str)


def isnontext(value: Scalar) -> bool:
    """ISNONTEXT."""
    return not isinstance(value, str)


def islogical(value: Scalar) -> bool:
    """ISLOGICAL."""
    return isinstance(value, bool)


def iserror(value: Scalar) -> bool:
    """ISERROR: an error of Excel's; ours are not to be hidden."""
    return _excel_code(value) is not None


def iserr(value: Scalar) -> bool:
    """ISERR: an error of Excel's other than #N/A."""
    return _excel_code(value) not in (None, "#N/A")


def isna(value: Scalar) -> bool:
    """ISNA."""
    return _excel_code(value) == "#N/A"


def iseven(value: Scalar) -> bool:
    """ISEVEN, of the whole part."""
    return _no_truth(value) % 2 == 0


def isodd(value: Scalar) -> bool:
    """ISODD, of the whole part."""
    return _no_truth(value) % 2 == 1


def n(value: Value) -> Fraction:
    """N: a number as it is, TRUE as 1, anything else 0."""
    found = scalar(dereferenced(value))
    return Fraction(found) if isinstance(found, Fraction | bool) else Fraction(0)


def na() -> Scalar:
    """NA: #N/A."""
    raise ExcelError("#N/A")


def error_type(value: Scalar) -> Fraction:
    """ERROR.TYPE: the number of an error; of anything else #N/A."""
    code = _excel_code(value)
    if code is None:
        raise ExcelError("#N/A")
    return Fraction(EXCEL_ERRORS.index(code) + 1)


def _excel_code(value: Scalar) -> str | None:
    if not isinstance(value, ExcelError):
        return None
    if value.code not in EXCEL_ERRORS:
        raise value
    return value.code


def _no_truth(value: Scalar) -> int:
    if isinstance(value, bool):
        raise ExcelError("#VALUE!")
    return floor(abs(number(value)))
