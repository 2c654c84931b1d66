"""Formulas by the line: JSON in, JSON out, for those who compare us with Excel or calculate a few figures.

A line is `{"formula": "=SUM(r)*k", "names": {"r": [[1], [2]], "k": 1.5}}`; a name is a single value or a range as a
list of rows, `null` a blank cell, `{"error": "#N/A"}` an error. The answer is `{"value": …}` (`null` for a blank, which
Excel shows as 0), `{"error": "#DIV/0!"}`, or `{"error": "unsupported", "why": …}` where no honest answer can be given.
A line never stops those after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction

from engine.formula import parse
from engine.functions.values import ExcelError, Range, Scalar, UnsupportedError, Value, decimal
from engine.limits import NUMBER_EXPONENT_MAX
from engine.number import EXCEL_ERRORS
from engine.oracle import evaluate

WHOLE_MAX = 10**21
"""Whole numbers below this are written with all their digits."""
EXCEL_DIGITS = 15
"""Excel knows no more of a number; what follows in a written float is noise of its binary form."""


def batch(lines: Iterable[str]) -> Iterator[str]:
    """An answer for each line that is not empty, in order."""
    for line in lines:
        if line.strip():
            yield json.dumps(answer(line), ensure_ascii=False)


def answer(line: str) -> dict[str, object]:
    """The answer to one line."""
    try:
        asked = json.loads(line, parse_float=_decimal, parse_constant=_refused)
        names = {str(name): value_of(value) for name, value in asked.get("names", {}).items()}
        formula = asked["formula"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return _unsupported(f"no request: {error}")
    tree, problems = parse(formula) if isinstance(formula, str) else (None, [])
    if tree is None:
        return _unsupported(problems[0].code if problems else "no formula")
    try:
        return _answered(evaluate(tree, names))
    except (UnsupportedError, RecursionError, MemoryError) as error:
        return _unsupported(str(error))


def _unsupported(why: str) -> dict[str, object]:
    return {"error": "unsupported", "why": why}


def _decimal(written: str) -> Fraction:
    _, _, exponent = written.upper().partition("E")
    if len(exponent) > 5 or abs(int(exponent or 0)) > NUMBER_EXPONENT_MAX:
        raise ValueError(f"{written} is too large")
    return Fraction(decimal(Fraction(written), EXCEL_DIGITS))


def _refused(written: str) -> Fraction:
    raise ValueError(f"{written} is no number")


def value_of(value: object) -> Value:
    """A name's value: a list of rows is a range."""
    if not isinstance(value, list):
        return _single(value)
    rows = tuple(tuple(_single(cell) for cell in row) for row in value)
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        raise ValueError("a range needs rows of one length")
    return Range(rows, "cells")


def _one_of_several(value: Range) -> dict[str, object]:
    """An array shows its first value. Of cells Excel shows the one in line with the formula: here none is in line."""
    if value.origin == "spread" or not value.rows:
        return _unsupported("several values where one is expected")
    return {"error": "#VALUE!"} if value.origin == "cells" else _answered(value.rows[0][0])


def _single(value: object) -> Scalar:
    match value:
        case bool() | str() | Fraction() | None:
            return value
        case int():
            return Fraction(value)
        case {"error": str(code)} if code in EXCEL_ERRORS:
            return ExcelError(code)
    raise ValueError(f"{value!r} is no value")


def _answered(value: Value) -> dict[str, object]:
    if isinstance(value, Range):
        return _one_of_several(value)
    if isinstance(value, ExcelError):
        return {"error": value.code}
    if not isinstance(value, Fraction):
        return {"value": value}
    if value.denominator == 1 and abs(value) < WHOLE_MAX:
        return {"value": int(value)}
    try:
        return {"value": float(value)}
    except OverflowError:
        return {"error": "#NUM!"}
