"""Lanes: many whole numbers at once, each with its error or none, exact whatever their size.

Values are int64 while the bound of an operation says that they fit, and Python integers in an object array beyond:
slower, never wrong. A monthly value has shape (12, lanes), a yearly one (lanes,); numpy's broadcasting brings them
together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.limits import NUMBER_MAX
from engine.number import BLANK, CELL_OF_ERROR, EXCEL_ERRORS, SPECIAL, Array

_HELD = 2**62
_CATCHABLE = max(CELL_OF_ERROR[code] for code in EXCEL_ERRORS)
_INPUT_MISSING = CELL_OF_ERROR["input-missing"]


@dataclass(frozen=True, slots=True)
class Lanes:
    """`errors` holds error cells, 0 where there is none, and is None where there cannot be any; |values| <= bound."""

    values: Array
    errors: NDArray[np.int64] | None
    bound: int


def from_cells(cells: NDArray[np.int64]) -> Lanes:
    """Stored cells as lanes; a blank is the error input-missing."""
    if cells.size == 0:
        return Lanes(cells, None, 0)
    low, high = int(cells.min()), int(cells.max())
    if low >= SPECIAL:
        return Lanes(cells, None, max(abs(low), abs(high)))
    special = cells < SPECIAL
    values = np.where(special, 0, cells)
    errors = np.where(cells == BLANK, _INPUT_MISSING, np.where(special, cells, 0))
    return Lanes(values, errors, int(np.abs(values).max()))


def to_cells(lanes: Lanes) -> NDArray[np.int64]:
    """Lanes as stored cells: errors become special cells, what is too large becomes number-too-large."""
    values, errors = lanes.values, lanes.errors
    if lanes.bound > NUMBER_MAX:
        beyond = np.abs(values) > NUMBER_MAX
        if np.any(beyond):
            errors = first(errors, np.where(beyond, CELL_OF_ERROR["number-too-large"], 0))
            values = np.where(beyond, 0, values)
    values = values.astype(np.int64, copy=False)
    if errors is None:
        return values
    return np.where(errors != 0, errors, values)


def same(value: int) -> Lanes:
    """One known number for every lane."""
    dtype = np.int64 if abs(value) < _HELD else object
    return Lanes(np.array([value], dtype=dtype), None, abs(value))


def add(a: Lanes, b: Lanes) -> Lanes:
    """a + b."""
    x, y, bound = _widened(a, b, a.bound + b.bound)
    return Lanes(x + y, first(a.errors, b.errors), bound)


def subtract(a: Lanes, b: Lanes) -> Lanes:
    """a − b."""
    x, y, bound = _widened(a, b, a.bound + b.bound)
    return Lanes(x - y, first(a.errors, b.errors), bound)


def multiply(a: Lanes, b: Lanes) -> Lanes:
    """a × b."""
    x, y, bound = _widened(a, b, a.bound * b.bound)
    return Lanes(x * y, first(a.errors, b.errors), bound)


def signed(a: Lanes, b: Lanes) -> Lanes:
    """a with the sign of b applied."""
    return Lanes(np.where(b.values < 0, -a.values, a.values), first(a.errors, b.errors), a.bound)


def negative(a: Lanes) -> Lanes:
    """−a."""
    return Lanes(-a.values, a.errors, a.bound)


def absolute(a: Lanes) -> Lanes:
    """|a|."""
    return Lanes(np.abs(a.values), a.errors, a.bound)


def positive(a: Lanes) -> Lanes:
    """|a| as a divisor: 1 where a is 0 or an error, for who divides by it has that error already."""
    fine = a.values != 0 if a.errors is None else (a.values != 0) & (a.errors == 0)
    return Lanes(np.where(fine, np.abs(a.values), 1), None, max(a.bound, 1))


def quotient(a: Lanes, b: Lanes, mode: str) -> Lanes:
    """a ÷ b as a whole number, b > 0: `half` away from zero, `floor`, `zero` toward, `away` from zero."""
    errors = first(a.errors, b.errors)
    x, y, _ = _widened(a, b, 2 * a.bound + b.bound)
    y = np.where(y > 0, y, 1) if b.errors is not None or np.any(y <= 0) else y
    if mode == "floor":
        return Lanes(x // y, errors, a.bound + 1)
    size = np.abs(x)
    if mode == "half":
        whole = (2 * size + y) // (2 * y)
    elif mode == "away":
        whole = -(-size // y)
    else:
        whole = size // y
    return Lanes(np.where(x < 0, -whole, whole), errors, a.bound + 1)


def minimum(a: Lanes, b: Lanes) -> Lanes:
    """The smaller of two."""
    return Lanes(np.minimum(a.values, b.values), first(a.errors, b.errors), max(a.bound, b.bound))


def maximum(a: Lanes, b: Lanes) -> Lanes:
    """The larger of two."""
    return Lanes(np.maximum(a.values, b.values), first(a.errors, b.errors), max(a.bound, b.bound))


def less(a: Lanes, b: Lanes) -> Lanes:
    """1 where a < b."""
    return _truth(a.values < b.values, a, b)


def at_most(a: Lanes, b: Lanes) -> Lanes:
    """1 where a ≤ b."""
    return _truth(a.values <= b.values, a, b)


def equal(a: Lanes, b: Lanes) -> Lanes:
    """1 where a = b."""
    return _truth(a.values == b.values, a, b)


def different(a: Lanes, b: Lanes) -> Lanes:
    """1 where a ≠ b."""
    return _truth(a.values != b.values, a, b)


def and_(a: Lanes, b: Lanes) -> Lanes:
    """1 where both are true."""
    return _truth((a.values != 0) & (b.values != 0), a, b)


def or_(a: Lanes, b: Lanes) -> Lanes:
    """1 where either is true."""
    return _truth((a.values != 0) | (b.values != 0), a, b)


def not_(a: Lanes) -> Lanes:
    """1 where a is not true."""
    return Lanes((a.values == 0).astype(np.int64), a.errors, 1)


def select(condition: Lanes, yes: Lanes, no: Lanes) -> Lanes:
    """yes where the condition holds, else no, with the errors of the branch that was taken."""
    holds = condition.values != 0
    errors = None
    if yes.errors is not None or no.errors is not None:
        errors = np.where(holds, 0 if yes.errors is None else yes.errors, 0 if no.errors is None else no.errors)
    values = np.where(holds, yes.values, no.values)
    return Lanes(values, first(condition.errors, errors), max(yes.bound, no.bound))


def fail(condition: Lanes, value: Lanes, code: str) -> Lanes:
    """value, with the error where the condition holds."""
    raised = np.where(condition.values != 0, CELL_OF_ERROR[code], 0)
    errors = first(first(condition.errors, value.errors), raised)
    return Lanes(value.values, errors if errors is not None and errors.any() else None, value.bound)


def failed(a: Lanes) -> Lanes:
    """1 where a is one of Excel's own errors; the others stay errors."""
    if a.errors is None:
        return same(0)
    excel = (a.errors != 0) & (a.errors <= _CATCHABLE)
    return Lanes(excel.astype(np.int64), np.where(excel, 0, a.errors), 1)


def sound(a: Lanes) -> Lanes:
    """1 where a is no error."""
    fine = np.ones(a.values.shape, dtype=np.int64) if a.errors is None else (a.errors == 0).astype(np.int64)
    return Lanes(np.broadcast_to(fine, np.broadcast_shapes(fine.shape, a.values.shape)), None, 1)


def fold(a: Lanes, kind: str) -> Lanes:
    """Twelve months as one year's `sum`, `minimum`, `maximum` or `count`."""
    if a.values.ndim == 1:
        a = Lanes(np.broadcast_to(a.values, (12, a.values.size)), _months(a.errors), a.bound)
    errors = None
    if a.errors is not None:
        months = np.broadcast_to(a.errors, np.broadcast_shapes(a.errors.shape, a.values.shape))
        errors = np.take_along_axis(months, (months != 0).argmax(axis=0)[None], axis=0)[0]
    if kind == "count":
        return Lanes(np.full(a.values.shape[1:], 12, dtype=np.int64), errors, 12)
    if kind == "sum":
        wide = a.values.astype(object) if a.bound * 12 >= _HELD else a.values
        return Lanes(wide.sum(axis=0), errors, a.bound * 12)
    values = a.values.min(axis=0) if kind == "minimum" else a.values.max(axis=0)
    return Lanes(values, errors, a.bound)


def to_date(a: Lanes) -> Lanes:
    """The sum since January."""
    if a.values.ndim == 1:
        a = Lanes(np.broadcast_to(a.values, (12, a.values.size)), _months(a.errors), a.bound)
    wide = a.values.astype(object) if a.bound * 12 >= _HELD else a.values
    errors = a.errors
    if errors is not None:
        errors = np.array(np.broadcast_to(errors, wide.shape))
        for month in range(1, 12):
            errors[month] = np.where(errors[month - 1] != 0, errors[month - 1], errors[month])
    return Lanes(np.add.accumulate(wide, axis=0), errors, a.bound * 12)


def take(a: Lanes, index: NDArray[np.int64]) -> Lanes:
    """The lanes at `index`; a single lane stays single, for it is the same everywhere."""
    if a.values.shape[-1] == 1:
        return a
    errors = a.errors
    if errors is not None and errors.shape[-1] != 1:
        errors = errors[..., index]
    return Lanes(a.values[..., index], errors, a.bound)


def _months(errors: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    return None if errors is None else np.broadcast_to(errors, (12, errors.shape[-1]))


def _truth(holds: Array, a: Lanes, b: Lanes) -> Lanes:
    return Lanes(holds.astype(np.int64), first(a.errors, b.errors), 1)


def first(a: Array | None, b: Array | None) -> Array | None:
    """The errors of two arguments, the left one's before the right one's."""
    if a is None or b is None:
        return b if a is None else a
    return np.where(a != 0, a, b)


def _widened(a: Lanes, b: Lanes, bound: int) -> tuple[Array, Array, int]:
    if bound < _HELD or a.values.dtype == object or b.values.dtype == object:
        return a.values, b.values, bound
    return a.values.astype(object), b.values.astype(object), bound


UNARY: dict[str, Callable[[Lanes], Lanes]] = {
    "negative": negative,
    "absolute": absolute,
    "positive": positive,
    "not": not_,
    "failed": failed,
    "sound": sound,
    "to_date": to_date,
}
BINARY: dict[str, Callable[[Lanes, Lanes], Lanes]] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "signed": signed,
    "minimum": minimum,
    "maximum": maximum,
    "less": less,
    "at_most": at_most,
    "equal": equal,
    "different": different,
    "and": and_,
    "or": or_,
}
