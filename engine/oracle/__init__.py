"""The slow exact evaluator: Excel's semantics in rationals, cell by cell, sharing only the parser with the kernels.

`evaluate` answers a formula over names. `Oracle` answers for any cell, check or shown value of a workbook: it evaluates
the cell's formula, and for that every cell it reads, once each. Its results are what the kernels are tested against, so
it is written for plainness. A column's value is rounded once to its digits; what cannot be held is number-too-large.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from numpy.typing import NDArray

from engine.formula import Expr, height
from engine.functions.values import Code, ExcelError, Scalar, Value, dereferenced, number, text, truth
from engine.limits import NUMBER_MAX
from engine.norms import Keys, Norms, NormValue, look_up, under
from engine.number import BLANK, ERROR_OF_CELL, from_cell, round_half_away
from engine.oracle.cell import CellEvaluator, Where
from engine.oracle.formula import Evaluator, Marks, scalar_or_error
from engine.oracle.groups import groups_of
from engine.ruleset import Column, Form, Formula, HeaderField, Ruleset, ValueType
from engine.workbook import Workbook

Line = Mapping[str, str | int | Fraction]
"""A budget line: codes by name, perhaps its `year`, and its `amount`."""

LEVELS_MAX = 60
"""Levels of formulas that wait for one another on Python's own stack; a longer chain of cells is taken apart."""


class Read(NamedTuple):
    """A cell that was read, and what it held."""

    form: str
    column: str
    row: int
    year: int
    month: int | None
    value: Scalar


class NormUse(NamedTuple):
    """A norm that was looked up; `found` is None where none is in force."""

    name: str
    keys: Keys
    on: date
    found: NormValue | None


@dataclass(frozen=True, slots=True)
class Story:
    """What one formula made of what: its value, the cells and norms it read itself, and whether it is approximate."""

    value: Scalar
    reads: tuple[Read, ...]
    norms: tuple[NormUse, ...]
    approximate: bool


class DeeperError(Exception):
    """A chain of cells is too long for one go; the cell named here is to be computed first. Never leaves the oracle."""

    def __init__(self, key: CellKey) -> None:
        super().__init__(key)
        self.key = key


CellKey = tuple[int, str, str, int, int, int | None]
"""submission, form, column, row, year, month"""


def evaluate(tree: Expr, names: Mapping[str, Value] | None = None) -> Value:
    """A formula over names, each a single value or a range; None is a blank cell, which Excel shows as 0."""
    return dereferenced(Evaluator({name.lower(): value for name, value in (names or {}).items()}).argument(tree))


class Oracle:
    """Answers for the cells of one workbook; `lines` are those that a consolidated submission sees. Yearly columns in
    `recalled`, (years, rows), are taken as they are and not computed again: for telling stories, never for proofs."""

    def __init__(self, ruleset: Ruleset, norms: Norms, workbook: Workbook, lines: Sequence[Line] = ()) -> None:
        self.ruleset, self.norms, self.workbook = ruleset, norms, workbook
        self.lines = {year: [line for line in lines if line.get("year", year) == year] for year in workbook.years}
        self.recalled: Mapping[tuple[str, str], NDArray[Any]] = {}
        self.populations: dict[tuple[object, ...], list[Scalar]] = {}
        self.made: dict[tuple[object, ...], Any] = {}
        """What functions made of populations."""
        self._known: dict[CellKey, Scalar] = {}
        self._grouped: dict[tuple[int, str], list[tuple[Scalar, ...]]] = {}
        self._running: list[int] = []
        self._told: Callable[[Read | NormUse], None] | None = None

    def cell(self, submission: int, form: str, column: str, row: int, *when: int | None) -> Scalar:
        """A cell's value, `when` its year and, for a monthly column, month (1 to 12)."""
        month = when[1] if len(when) > 1 and self.declared(form, column).per_month else None
        key = submission, form, column, row, int(when[0] or 0), month
        told, self._told = self._told, None
        if key not in self._known:
            self._need(key)
        self._told = told
        if told:
            told(Read(*key[1:], self._known[key]))
        return self._known[key]

    def check(self, submission: int, form: str, check: str, row: int | None, year: int) -> Scalar:
        """Whether a check holds: a truth, or the error for which it cannot be asked."""
        asserted = self.ruleset.forms[form].checks[check].asserts
        return self._formula(asserted, Where(submission, form, row, year, None))

    def answer(self, formula: Formula, submission: int, form: str, row: int, year: int) -> Scalar:
        """What any formula gives in a row and year."""
        return self._formula(formula, Where(submission, form, row, year, None))

    def given(self, submission: int, form: str, check: str, row: int | None, year: int) -> dict[str, Scalar]:
        """The values that a check's message shows, by name."""
        shown = self.ruleset.forms[form].checks[check].given
        where = Where(submission, form, row, year, None)
        return {name: self._formula(formula, where) for name, formula in shown.items()}

    def story(self, submission: int, form: str, column: str, row: int, *when: int | None) -> Story:
        """A computed cell with what its own formula read."""
        seen: list[Read | NormUse] = []
        value, marks = self.cell(submission, form, column, row, *when), Marks()
        declared = self.declared(form, column)
        if declared.formula:
            month = when[1] if len(when) > 1 and declared.per_month else None
            where = Where(submission, form, row, int(when[0] or 0), month, yearly=not declared.per_month)
            self._told = seen.append
            CellEvaluator(marks=marks, oracle=self, where=where).value(declared.formula.tree)
            self._told = None
        reads = tuple(item for item in seen if isinstance(item, Read))
        return Story(value, reads, tuple(item for item in seen if isinstance(item, NormUse)), marks.approximate)

    def rows(self, submission: int, form: str) -> int:
        """How many rows a form has in a submission."""
        root = self._root(form)
        if root.rows.kind == "group":
            return len(self._groups(submission, root))
        offsets = self.workbook.tables[root.name].offsets
        return int(offsets[submission + 1] - offsets[submission])

    def declared(self, form: str, column: str) -> Column:
        """A column as the ruleset declares it."""
        return self.ruleset.forms[form].columns[column]

    def header(self, submission: int, name: str) -> Scalar:
        """A header field's value."""
        declared = self.ruleset.header.get(name)
        if declared is None:
            return ExcelError("#NAME?")
        return self._held(self.workbook.header[name][submission], declared)

    def norm(self, name: str, keys: Sequence[Scalar], on: date) -> Scalar:
        """A norm's value on a day, as it was known to the workbook."""
        if name not in self.norms.norms:
            return ExcelError("#NAME?")
        asked: list[str | Fraction] = [key if isinstance(key, str) else number(key) for key in keys]
        found = look_up(self.norms, name, asked, on, self.workbook.known)
        if self._told:
            self._told(NormUse(name, tuple(asked), on, found))
        return ExcelError("norm-missing") if found is None or found.value is None else found.value

    def last_cycle(self, submission: int, form: str, column: str, row: int, month: int | None) -> Scalar:
        """What a column was the year before the first (in that month, if it is monthly), from the last cycle."""
        table, declared = self.workbook.tables.get(form), self.declared(form, column)
        if table is None or column not in table.previous:
            return ExcelError("previous-missing")
        cells = table.previous[column]
        cell = (cells[(month or 1) - 1] if cells.ndim > 1 else cells)[self._place(submission, form, row)]
        return ExcelError("previous-missing") if _is_blank(cell) else self._held(cell, declared)

    def line(self, year: int, place: int, name: str) -> Scalar:
        """What a budget line says under a name."""
        value = self.lines[year][place].get(name)
        if isinstance(value, str):
            return Code(value)
        return None if value is None else Fraction(value)

    def is_under(self, form: str | None, name: str, code: str, ancestor: str) -> bool:
        """Whether a code of a column, a header field or the lines is the ancestor or stands below it."""
        if form is None:
            classification = self.ruleset.header[name].type.classification
        else:
            classification = name if form == "lines" else self.declared(form, name).type.classification
        return under(self.norms, classification or name, code, ancestor)

    def _root(self, form: str) -> Form:
        declared = self.ruleset.forms[form]
        return self._root(declared.rows.forms[0]) if declared.rows.kind == "each" else declared

    def _place(self, submission: int, form: str, row: int) -> int:
        return int(self.workbook.tables[self._root(form).name].offsets[submission]) + row

    def _need(self, key: CellKey) -> None:
        """Compute a cell, and before it those that it waits for where the chain is long."""
        if self._running:
            if sum(self._running) > LEVELS_MAX:
                raise DeeperError(key)
            self._compute(key)
            return
        waiting = [key]
        while waiting:
            try:
                self._compute(waiting[-1])
                waiting.pop()
            except DeeperError as deeper:
                self._running.clear()
                waiting.append(deeper.key)

    def _compute(self, key: CellKey) -> None:
        submission, form, column, row, year, month = key
        declared = self.declared(form, column)
        if declared.formula is None:
            self._known[key] = self.input(submission, form, declared, row, year)
            return
        if month is None and (form, column) in self.recalled:
            cells = self.recalled[form, column][self.workbook.years.index(year)]
            self._known[key] = self._held(cells[self._place(submission, form, row)], declared)
            return
        where = Where(submission, form, row, year, month, yearly=not declared.per_month)
        self._running.append(height(declared.formula.tree))
        self._known[key] = self._as_declared(self._formula(declared.formula, where), declared)
        self._running.pop()

    def _formula(self, formula: Formula, where: Where) -> Scalar:
        return scalar_or_error(CellEvaluator(oracle=self, where=where).value(formula.tree))

    def _groups(self, submission: int, form: Form) -> list[tuple[Scalar, ...]]:
        key = submission, form.name
        if key not in self._grouped:
            self._grouped[key] = groups_of(self, submission, form)
        return self._grouped[key]

    def input(self, submission: int, form: str, declared: Column, row: int, year: int) -> Scalar:
        """What an input holds; a key of a form of groups is that of the group."""
        owner = self.ruleset.forms[form]
        if owner.rows.kind == "group" and declared.name in owner.rows.by:
            return self._groups(submission, owner)[row][owner.rows.by.index(declared.name)]
        cells = self.workbook.tables[form].columns[declared.name]
        if cells.ndim > 1:
            cells = cells[self.workbook.years.index(year)]
        return self._held(cells[self._place(submission, form, row)], declared)

    def _held(self, cell: object, declared: Column | HeaderField) -> Scalar:
        """What a stored cell stands for."""
        if _is_blank(cell):
            optional = isinstance(declared, Column) and declared.optional
            return _nothing(declared.type) if optional else ExcelError("input-missing")
        if isinstance(cell, str):
            return cell
        held = int(str(cell))
        if held in ERROR_OF_CELL:
            return ExcelError(ERROR_OF_CELL[held])
        match declared.type.kind:
            case "bool":
                return bool(held)
            case "code":
                codes = self.norms.classifications[declared.type.classification or ""].codes
                return Code(codes[held] if held >= 0 else "")
            case "date":
                return Fraction(held)
        return from_cell(held, declared.digits or 0)

    def _as_declared(self, value: Scalar, declared: Column) -> Scalar:
        """A formula's value as its column holds it: of the declared kind, a number rounded once."""
        if isinstance(value, ExcelError):
            return value
        try:
            match declared.type.kind:
                case "number" | "date":
                    return _rounded(number(value), declared.digits or 0)
                case "bool":
                    return truth(value)
                case "code":
                    return self._known_code(text(value), declared.type.classification or "")
            return text(value)
        except ExcelError as error:
            return ExcelError(error.code)

    def _known_code(self, code: str, classification: str) -> Scalar:
        known = not code or code in self.norms.classifications[classification].positions
        return Code(code) if known else ExcelError("code-unknown")


def _rounded(value: Fraction, digits: int) -> Scalar:
    held = round_half_away(value, digits)
    return held if abs(held) * 10**digits <= NUMBER_MAX else ExcelError("number-too-large")


def _is_blank(cell: object) -> bool:
    return cell is None or cell == "" or (not isinstance(cell, str) and int(str(cell)) == BLANK)


def _nothing(type_: ValueType) -> Scalar:
    """What a blank that may be one counts as."""
    match type_.kind:
        case "bool":
            return False
        case "code":
            return Code("")
        case "text":
            return ""
    return Fraction(0)
