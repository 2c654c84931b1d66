"""A formula as its author wrote it, with the numbers that were read in place of names: `SUM({82644.99 ×12}) * 0.5`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from engine.formula import Call, Column, Expr, Name, Text, children
from engine.formula.languages import writing
from engine.formula.tokens import Span
from engine.functions.values import ExcelError, Scalar, general
from engine.number import decimal_text, from_serial, to_cell
from engine.oracle import Read, Story
from engine.ruleset import Column as Declared
from engine.ruleset import Formula, HeaderField

NORMS = {"NORM": 0, "NORM.ON": 1, "NORM.IF": 0}
"""Which argument is the norm's name."""
DECIMALS_MAX = 40
RUNS_SHOWN = 3
"""Of different values in one place."""
_PLAIN = re.compile(r"(≈?-?)(\d+)((?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one evaluation of a formula in a cell; `declared` and `header` know columns and header fields."""

    story: Story
    cell: Read
    declared: Callable[[str, str], Declared]
    header: Callable[[str], Scalar]

    def of(self, formula: Formula) -> str:
        """The formula's text with values; what was not read, because another branch was taken, stays a name.
        What was written out for the author has no place in the text, and what was repeated has one."""
        text, pieces, at = formula.text, [], 0
        for (start, end), value in sorted(dict(self._values(formula.tree)).items()):
            if at <= start < end:
                pieces += [text[at:start], value]
                at = end
        return "".join([*pieces, text[at:]])

    def _values(self, node: Expr) -> Iterator[tuple[Span, str]]:
        match node:
            case Column():
                found = self._read(node, self.cell.year)
            case Call("PREVIOUS", (Column() as column,)):
                found = self._read(column, self.cell.year - 1)
            case Call(name, args) if name in NORMS:
                found = self._norm(args[NORMS[name]])
            case Name(name):
                found = self._name(name)
            case _:
                for child in children(node):
                    yield from self._values(child)
                return
        if found:
            yield node.span, found

    def _read(self, column: Column, year: int) -> str:
        wanted = column.form or self.cell.form, column.column, year
        reads = [read for read in self.story.reads if (read.form, read.column, read.year) == wanted]
        if not reads:
            return ""
        declared = self.declared(wanted[0], wanted[1])
        cells = {(read.row, read.month): read.value for read in reads}
        return _together([_written(value, declared.type.kind) for value in cells.values()])

    def _norm(self, name: Expr) -> str:
        if not isinstance(name, Text):
            return ""
        uses = {(use.keys, use.on): use.found for use in self.story.norms if use.name == name.value}
        return _together([_written(row.value) for row in uses.values() if row and row.value is not None])

    def _name(self, name: str) -> str:
        if name.lower() == "year":
            return str(self.cell.year)
        if name.lower() == "month":
            return ""
        value = self.header(name)
        return "" if value == ExcelError("#NAME?") else _written(value)


def cell_value(value: Scalar, column: Declared | HeaderField) -> str:
    """A cell's value as people write it: a number with its digits, a date as 2026-01-31."""
    if isinstance(value, Fraction) and column.type.kind == "number":
        return _decimal(value, column.digits or 0)
    return _written(value, column.type.kind)


def exact_text(value: Fraction) -> str:
    """A number with all its decimals; one that has no end is cut to fifteen digits and says so."""
    digits = next((n for n in range(DECIMALS_MAX) if (value * 10**n).denominator == 1), None)
    return f"≈{general(value)}" if digits is None else decimal_text(int(value * 10**digits), digits)


def grouped(number: str, language: str = "en") -> str:
    """A plain number for people: thousands apart by no-break spaces, and the decimal sign of the language."""
    plain = _PLAIN.fullmatch(number)
    if plain is None:
        return number
    sign, whole, decimals = plain.groups()
    parts = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)]
    return sign + "\N{NO-BREAK SPACE}".join(reversed(parts)) + decimals.replace(".", writing(language).decimal)


def _together(values: Sequence[str]) -> str:
    """One value, or several in braces with how often each follows itself."""
    runs = [(text, len(list(run))) for text, run in groupby(values)]
    if len(values) <= 1:
        return runs[0][0] if runs else ""
    shown = [text if count == 1 else f"{text} ×{count}" for text, count in runs[:RUNS_SHOWN]]
    return "{" + "; ".join([*shown, *(["…"] if len(runs) > RUNS_SHOWN else [])]) + "}"


def _written(value: Scalar, kind: str = "number") -> str:
    if isinstance(value, Fraction) and kind == "date":
        return from_serial(int(value)).isoformat()
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case Fraction():
            return exact_text(value) if value >= 0 else f"({exact_text(value)})"
        case str():
            return '"' + value.replace('"', '""') + '"'
        case ExcelError(code=code):
            return code
    return '""'


def _decimal(value: Fraction, digits: int) -> str:
    return decimal_text(to_cell(value, digits), digits)
