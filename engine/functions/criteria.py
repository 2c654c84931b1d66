"""Criteria of COUNTIF and its kin (`">5"`, `"<>a*"`, `""`, 3), and the wildcards `?`, `*` and `~`.

A criterion is a value to equal, or a text of an operator and a value. A number there equals numbers and texts that say
it; a text is compared without regard to case and, under `=` and `<>`, by wildcards; `<` and the like see only values
of their own sort. `"="` is a cell with nothing in it, `""` also an empty text, `"<>"` a cell with anything in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from engine.functions.reading import number_in_text
from engine.functions.values import Code, ExcelError, Scalar

Test = Callable[[Scalar], bool]

_OPERATOR = re.compile(r"(<>|<=|>=|[=<>]?)(.*)", re.DOTALL)
_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
_HOLDS: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def criterion(wanted: Scalar) -> Test:
    """The test that a criterion stands for; a blank criterion asks for 0."""
    if isinstance(wanted, str):
        return _written(wanted)
    return _equals(Fraction(0) if wanted is None else wanted)


class Wildcard:
    """A pattern: `?` one character, `*` any number of them, `~` takes their meaning from them; case does not count.

    The pieces between the stars are looked for from left to right, each as far left as it goes, which finds a match if
    there is one and never tries twice."""

    def __init__(self, pattern: str) -> None:
        pieces: list[list[str]] = [[]]
        for mark in re.findall(r"~[*?~]|.", pattern, re.DOTALL):
            if mark == "*":
                pieces.append([])
            else:
                pieces[-1].append("." if mark == "?" else re.escape(mark[-1]))
        self.first, *self.rest = (re.compile("".join(piece), re.IGNORECASE | re.DOTALL) for piece in pieces)
        self.last_length = len(pieces[-1])

    def fits(self, written: str) -> bool:
        """Whether all of a text is as the pattern says."""
        if not self.rest:
            return self.first.fullmatch(written) is not None
        start = self.first.match(written)
        end = len(written) - self.last_length
        if not start or end < start.end() or not self.rest[-1].fullmatch(written, end):
            return False
        at = self._after(written[:end], start.end(), self.rest[:-1])
        return at is not None

    def place(self, written: str, start: int) -> int | None:
        """Where in a text, from `start` on, something is as the pattern says."""
        found = self.first.search(written, start)
        return found.start() if found and self._after(written, found.end(), self.rest) is not None else None

    @staticmethod
    def _after(written: str, at: int, pieces: list[re.Pattern[str]]) -> int | None:
        for piece in pieces:
            found = piece.search(written, at)
            if not found:
                return None
            at = found.end()
        return at


@lru_cache(maxsize=1024)
def wildcard(pattern: str) -> Wildcard:
    """The pattern that a text with wildcards stands for."""
    return Wildcard(pattern)


def has_wildcard(pattern: str) -> bool:
    """Whether a text means more than itself."""
    return bool(re.search(r"[*?~]", pattern))


def _written(wanted: str) -> Test:
    found = _OPERATOR.fullmatch(wanted)
    operator, operand = (found[1], found[2]) if found else ("", wanted)
    if not operand:
        return _nothing(operator)
    value = _literal(operand)
    if operator in _HOLDS:
        return _ordered(_HOLDS[operator], value)
    equals = _or_code(_equals(value), operand)
    return (lambda cell: not equals(cell)) if operator == "<>" else equals


def _nothing(operator: str) -> Test:
    if operator == "<>":
        return lambda cell: cell is not None
    if operator in _HOLDS:
        return lambda cell: False
    return (lambda cell: cell is None) if operator == "=" else lambda cell: cell is None or cell == ""


def _literal(written: str) -> Scalar:
    if written.upper() in {"TRUE", "FALSE"}:
        return written.upper() == "TRUE"
    if written.upper() in _ERRORS:
        return ExcelError(written.upper())
    value = number_in_text(written)
    return written if value is None else value


def _equals(wanted: Scalar) -> Test:
    if isinstance(wanted, str):
        pattern = wildcard(wanted)
        return lambda cell: isinstance(cell, str) and pattern.fits(cell)
    if isinstance(wanted, Fraction):
        return lambda cell: _number(cell) == wanted
    return lambda cell: type(cell) is type(wanted) and cell == wanted


def _or_code(equals: Test, operand: str) -> Test:
    """The same test, but a code is compared as it is written."""
    pattern = wildcard(operand)
    return lambda cell: pattern.fits(cell) if isinstance(cell, Code) else equals(cell)


def _number(cell: Scalar) -> Fraction | None:
    if isinstance(cell, str):
        return None if isinstance(cell, Code) else number_in_text(cell)
    return cell if isinstance(cell, Fraction) else None


def _ordered(holds: Callable[[int], bool], wanted: Scalar) -> Test:
    if isinstance(wanted, str):
        bound = wanted.upper()
        return lambda cell: isinstance(cell, str) and holds((cell.upper() > bound) - (cell.upper() < bound))
    if isinstance(wanted, bool):
        return lambda cell: isinstance(cell, bool) and holds(cell - wanted)
    if isinstance(wanted, Fraction):
        return lambda cell: isinstance(cell, Fraction) and holds((cell > wanted) - (cell < wanted))
    return lambda cell: False
