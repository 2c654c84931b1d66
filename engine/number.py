"""Exact decimals in arrays of int64, and what else a cell may hold.

A number with `digits` decimals is stored as the whole number of its last digit (79 636.50 at two digits is 7 963
650). A date is its Excel serial day, a code its position in its classification, a truth 0 or 1. Values below
`SPECIAL` are no numbers: a blank, or an error. This is the only place that knows.
"""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.limits import NUMBER_MAX

Cells = NDArray[np.int64]
"""Stored cells: numbers, dates, codes, truths, blanks and errors."""
Array = NDArray[Any]
"""Cells, or objects: texts, or whole numbers too large for int64."""

BLANK = -(2**63)
SPECIAL = -(2**62)
"""Everything below is a blank or an error."""

EXCEL_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
OWN_ERRORS = ("norm-missing", "input-missing", "number-too-large", "code-unknown", "previous-missing")
"""Errors that no IFERROR hides: a norm that is not in force is never somebody's default."""

ERROR_CODES = (*EXCEL_ERRORS, *OWN_ERRORS)
CELL_OF_ERROR = {code: BLANK + 1 + i for i, code in enumerate(ERROR_CODES)}
ERROR_OF_CELL = {cell: code for code, cell in CELL_OF_ERROR.items()}

EPOCH = datetime.date(1899, 12, 30)
"""Day 0 of Excel's calendar, right for every day since 1900-03-01."""
PHANTOM_DAY = 60
"""1900-02-29, which Excel has and no calendar; days before it are one off."""
LAST_DAY = 2_958_465
"""9999-12-31"""


def round_half_away(value: Fraction, digits: int) -> Fraction:
    """The nearest multiple of 10^-digits; a tie goes away from zero, as in Excel. `digits` may be negative."""
    scale = Fraction(10) ** digits
    whole, rest = divmod(abs(value) * scale, 1)
    whole += rest * 2 >= 1
    return Fraction(whole if value >= 0 else -whole) / scale


def to_cell(value: Fraction, digits: int) -> int:
    """An exact number as a cell at `digits`; one that cannot be held is the error number-too-large."""
    return in_cell(int(round_half_away(value, digits) * 10**digits))


def in_cell(held: int) -> int:
    """A whole number of last digits as a cell; one that cannot be held is the error number-too-large."""
    return held if abs(held) <= NUMBER_MAX else CELL_OF_ERROR["number-too-large"]


def from_cell(cell: int, digits: int) -> Fraction:
    """The exact number in a cell that holds one."""
    return Fraction(int(cell), 10**digits)


def decimal_text(cell: int, digits: int) -> str:
    """A cell's number as plain decimal text, `79636.50`."""
    whole = f"{abs(cell):0{digits + 1}d}"
    return ("-" if cell < 0 else "") + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)


def plain_text(value: Fraction, digits: int = 34) -> str:
    """An exact number as plain decimal text without needless zeros; one that does not end is rounded to `digits`."""
    top, bottom = value.numerator, value.denominator
    places = next((n for n in range(digits) if 10**n % bottom == 0), digits)
    if places == digits:
        return decimal_text(int(round_half_away(value, digits) * 10**digits), digits)
    return decimal_text(top * (10**places // bottom), places)


def serial(day: datetime.date) -> int:
    """A date as Excel's serial day."""
    return (day - EPOCH).days


def from_serial(day: int) -> datetime.date:
    """Excel's serial day as a date."""
    return EPOCH + datetime.timedelta(days=day)
