"""What a formula computes with: exact numbers, texts, truths, blanks, errors and ranges of them; and Excel's coercions.

Every number is a `Fraction`; one that came out of an irrational function is an `Approximate`, right to 34 digits. A
range is what Excel calls a reference or an array: a range of one cell differs from the value in it where aggregates
leave out the texts, truths and blanks of references. An error is a value like any other; inside a function it is
raised, so that the first one met is the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from engine.functions.reading import number_in_text
from engine.limits import POWER_BITS_MAX

LARGEST = Fraction(2) ** 1024
"""Excel's numbers end here; what is larger is #NUM!."""
FIGURES_MAX = 2 * POWER_BITS_MAX
"""Bits of a denominator; a formula that multiplies fractions again and again would else never end."""


class ExcelError(Exception):
    """An error as a value, `#DIV/0!` or one of `engine.number.OWN_ERRORS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExcelError) and other.code == self.code

    def __hash__(self) -> int:
        return hash(self.code)

    def __repr__(self) -> str:
        return f"ExcelError({self.code!r})"


class UnsupportedError(Exception):
    """The formula asks for something that is not here; better said than computed wrongly."""


class Approximate(Fraction):
    """A number rounded to 34 digits, because it has no finite ones."""


class Code(str):
    """A code of a classification: a text that criteria never take for a number, `"001"` is not `"1"`."""

    __slots__ = ()


Plain = Fraction | str | bool | None
Scalar = Plain | ExcelError


@dataclass(frozen=True, slots=True)
class Range:
    """Rows of values, all of one length. `origin` is `cells` for a reference, `array` for what was calculated, and
    `spread` for what came of several cells where one was expected: old workbooks mean the cell in line with them."""

    rows: tuple[tuple[Scalar, ...], ...]
    origin: str = field(compare=False, default="array")

    @property
    def height(self) -> int:
        """How many rows."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """How many values in each row."""
        return len(self.rows[0]) if self.rows else 0

    def cells(self) -> Iterator[Scalar]:
        """Every value, row by row."""
        return (cell for row in self.rows for cell in row)


Value = Scalar | Range


def single(value: Scalar) -> Range:
    """A reference to one cell."""
    return Range(((value,),), "cells")


def dereferenced(value: Value) -> Value:
    """The value in a range of one cell; anything else as it is."""
    return value.rows[0][0] if isinstance(value, Range) and value.height == value.width == 1 else value


def as_range(value: Value) -> Range:
    """A range as it is, a single value as a range of one."""
    return value if isinstance(value, Range) else single(value)


def scalar(value: Value) -> Plain:
    """One value where one is needed; a range of several is #VALUE!, an error is raised."""
    value = dereferenced(value)
    if isinstance(value, ExcelError):
        raise value
    if isinstance(value, Range):
        raise ExcelError("#VALUE!")
    return value


def number(value: Value) -> Fraction:
    """A number where one is needed: a truth is 1 or 0, a blank 0, a text what it says."""
    value = scalar(value)
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str):
        found = number_in_text(value)
        if found is None:
            raise ExcelError("#VALUE!")
        return found
    return Fraction(value or 0)


def whole(value: Value) -> int:
    """A number without its decimals, as Excel takes counts and digits."""
    return int(number(value))


def text(value: Value) -> str:
    """A text where one is needed."""
    value = scalar(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return general(value) if isinstance(value, Fraction) else value or ""


def truth(value: Value) -> bool:
    """A truth where one is needed; the texts TRUE and FALSE count, others are #VALUE!."""
    value = scalar(value)
    if isinstance(value, str):
        if value.upper() not in {"TRUE", "FALSE"}:
            raise ExcelError("#VALUE!")
        return value.upper() == "TRUE"
    return bool(value)


def compare(left: Scalar, right: Scalar) -> int:
    """-1, 0 or 1 in Excel's order: numbers, texts without regard to case, truths; a blank is the other's nothing."""
    for side in (left, right):
        if isinstance(side, ExcelError):
            raise side
    left, right = _filled(left, right), _filled(right, left)
    a, b = order(left), order(right)
    return (a > b) - (a < b)


def order(value: Scalar) -> tuple[int, Fraction | str]:
    """A key that sorts values as Excel does."""
    if isinstance(value, bool):
        return 2, Fraction(value)
    return (1, value.upper()) if isinstance(value, str) else (0, value if isinstance(value, Fraction) else Fraction(0))


def kind(value: Scalar) -> type:
    """What a look-up takes for of one sort: numbers, texts, truths, blanks or errors."""
    for sort in (bool, Fraction, str, ExcelError):
        if isinstance(value, sort):
            return sort
    return type(None)


def limited(value: Fraction) -> Fraction:
    """A number that Excel could hold; a larger one is #NUM!, and one of endless figures is cut to 34 digits."""
    if abs(value) >= LARGEST:
        raise ExcelError("#NUM!")
    return value if value.denominator.bit_length() <= FIGURES_MAX else Approximate(decimal(value, 34))


def elementwise(function: Callable[..., Scalar], arguments: Sequence[Value]) -> Value:
    """A function of single values over ranges: rows and columns of one are stretched, what does not meet is #N/A."""
    ranges = [argument for argument in arguments if isinstance(argument, Range)]
    if not ranges:
        return function(*arguments)
    height, width = max(r.height for r in ranges), max(r.width for r in ranges)
    rows = tuple(
        tuple(_caught(function, [_at(argument, row, column) for argument in arguments]) for column in range(width))
        for row in range(height)
    )
    return Range(rows, "array" if all(r.origin == "array" for r in ranges) else "spread")


def general(value: Fraction) -> str:
    """A number as Excel writes it into a text: at most 15 digits, an exponent where it would be long."""
    digits = decimal(value, 15)
    if not digits:
        return "0"
    figures = digits.normalize().as_tuple().digits
    exponent = digits.adjusted()
    if exponent > 20 or (exponent < -4 and len(figures) - exponent > 19):
        mantissa = f"{digits.normalize().scaleb(-exponent):f}"
        return f"{mantissa}E{'+' if exponent > 0 else '-'}{abs(exponent):02d}"
    plain = f"{digits:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def decimal(value: Fraction, precision: int) -> Decimal:
    """A number rounded once to so many significant digits, ties away from zero."""
    context = Context(prec=precision, rounding=ROUND_HALF_UP, Emax=999_999, Emin=-999_999)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def _filled(value: Scalar, other: Scalar) -> Scalar:
    if value is not None:
        return value
    return False if isinstance(other, bool) else "" if isinstance(other, str) else Fraction(0)


def _caught(function: Callable[..., Scalar], arguments: Sequence[Value]) -> Scalar:
    try:
        return function(*arguments)
    except ExcelError as error:
        return ExcelError(error.code)


def _at(value: Value, row: int, column: int) -> Scalar:
    if not isinstance(value, Range):
        return value
    row, column = (0 if value.height == 1 else row), (0 if value.width == 1 else column)
    if row >= value.height or column >= value.width:
        return ExcelError("#N/A")
    return value.rows[row][column]
