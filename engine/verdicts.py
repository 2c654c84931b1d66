"""What a recalculated workbook's cells and checks say: blanks that may not be, errors nobody caught, checks that fail.

An error is told where it arises: not again in every cell that reads it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import Evaluation
from engine.findings import Cell, Finding, finding
from engine.kernel.space import Space
from engine.kernel.typed import SUBMISSION, Choice, Code, Flag, Label, Number, Op
from engine.limits import FINDINGS_TOLD_MAX
from engine.number import BLANK, CELL_OF_ERROR, ERROR_OF_CELL, OWN_ERRORS, SPECIAL, Cells, plain_text
from engine.plan import Key, Plan
from engine.ruleset import Check
from engine.slow import SlowCells
from engine.workbook import Workbook

_BRACES = re.compile(r"\{([^{}]+)\}")
_NOWHERE = np.empty(0, dtype=np.int64)
_INPUT_MISSING = CELL_OF_ERROR["input-missing"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what to tell: rows of roots (submissions, for checks asked once of a form), and checks of the oracle's."""

    rows: Mapping[str, NDArray[np.int64]]
    slow: frozenset[Key]


def findings_of(
    plan: Plan, workbook: Workbook, scope: Scope | None = None, most: int = FINDINGS_TOLD_MAX
) -> list[Finding]:
    """What there is to tell of a recalculated workbook, or of a part of it; at most so many findings."""
    if scope is not None and not scope.rows and not scope.slow:
        return []
    verdicts = Verdicts(plan, workbook, scope)
    found: list[Finding] = []
    for told in verdicts.tell():
        found.append(told)
        if len(found) == most:
            break
    return found


def finding_counts(plan: Plan, workbook: Workbook) -> dict[str, int]:
    """How many findings of each code there are, all submissions together."""
    verdicts = Verdicts(plan, workbook, None)
    counts: Counter[str] = Counter()
    for _, places in verdicts.blanks():
        counts["input-missing"] += len(places)
    for key, places in verdicts.errors():
        for place in places:
            counts[verdicts.code(key, place)] += 1
    for key, places in verdicts.failures():
        counts[key[1]] += len(places)
    return dict(counts)


@dataclass(slots=True)
class Verdicts:
    """The places in a workbook of which something is to be told."""

    plan: Plan
    workbook: Workbook
    scope: Scope | None
    _evaluation: Evaluation = field(init=False)
    _slow: SlowCells = field(init=False)
    _told: set[tuple[str, int, int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._evaluation = Evaluation(self.plan, self.workbook)
        self._slow = self._evaluation.slow
        if self.workbook.results is not None:
            self._evaluation.stored = dict(self.workbook.results.columns)

    def tell(self) -> Iterator[Finding]:
        """Findings one by one: blanks, errors, then checks."""
        for key, places in self.blanks():
            for year, row in places:
                yield finding("input-missing", self._cell(key, row, None if year < 0 else int(year)), column=key[1])
        for key, places in self.errors():
            for place in places:
                yield self._error(key, place)
        for key, places in self.failures():
            for year, at in places:
                yield self._failure(key, int(year), int(at))

    def blanks(self) -> Iterator[tuple[Key, NDArray[np.int64]]]:
        """(year or -1, row) of blank inputs that are not optional."""
        for name, form in self.plan.ruleset.forms.items():
            for column, declared in form.columns.items():
                if declared.formula is None and not declared.optional and declared.type.kind != "text":
                    cells = self.workbook.tables[name].columns[column]
                    places = self._places(self.plan.roots[name], np.atleast_2d(cells), lambda part: part == BLANK)
                    if cells.ndim == 1:
                        places[:, 0] = -1
                    yield (name, column), places

    def errors(self) -> Iterator[tuple[Key, NDArray[np.int64]]]:
        """(year, [month,] row) of errors in kept columns, each where it first appears in its row and year."""
        results = self.workbook.results
        assert results is not None
        for group in self.plan.groups:
            for key in self.plan.kept(group):
                cells = results.columns[key]
                if cells.dtype == object:
                    continue
                places = self._places(group.root, cells, lambda part: (part < SPECIAL) & (part != _INPUT_MISSING))
                new = [p for p in places if self._first(group.root, p, int(cells[tuple(p)]))]
                yield key, np.array(new, dtype=np.int64).reshape(-1, cells.ndim)

    def failures(self) -> Iterator[tuple[Key, NDArray[np.int64]]]:
        """(year, row or submission) of checks that do not hold."""
        results = self.workbook.results
        assert results is not None
        for key in self.plan.checks:
            cells = results.checks[key]
            if self.scope is not None and key in self.scope.slow:
                yield key, _found(cells, None, _fails)
            else:
                root = self.plan.roots[key[0]] if self.plan.by_row(key) else SUBMISSION
                yield key, self._places(root, cells, _fails)

    def code(self, key: Key, place: NDArray[np.int64]) -> str:
        """The finding's code for an error in a cell."""
        code = self._code(key, place)
        return code if code in OWN_ERRORS else "cell-error"

    def _code(self, key: Key, place: NDArray[np.int64]) -> str:
        assert self.workbook.results is not None
        return ERROR_OF_CELL[int(self.workbook.results.columns[key][tuple(place)])]

    def _first(self, root: str, place: NDArray[np.int64], error: int) -> bool:
        """Whether no earlier column of that row had the same error in that year."""
        at = (root, int(place[0]), int(place[-1]), error)
        if at in self._told:
            return False
        self._told.add(at)
        return True

    def _places(self, root: str, cells: Cells, wanted: Callable[[Cells], NDArray[np.bool_]]) -> NDArray[np.int64]:
        return _found(cells, None if self.scope is None else self.scope.rows.get(root, _NOWHERE), wanted)

    def _cell(self, key: Key, row: int, year: int | None, month: int | None = None) -> Cell:
        submission, place = self.workbook.tables[self.plan.roots[key[0]]].place(int(row))
        return Cell(submission, *key, place, None if year is None else self.plan.years[year], month)

    def _error(self, key: Key, place: NDArray[np.int64]) -> Finding:
        month = int(place[1]) + 1 if len(place) == 3 else None
        cell = self._cell(key, int(place[-1]), int(place[0]), month)
        return finding(self.code(key, place), cell, column=key[1], error=self._code(key, place))

    def _failure(self, key: Key, year: int, at: int) -> Finding:
        form, name = key
        check = self.plan.ruleset.forms[form].checks[name]
        cell = self._cell((form, name), at, year) if check.by_row else Cell(at, form, None, None, self.plan.years[year])
        given = self._given(check, key, at, year)
        texts = {language: _filled(text, given) for language, text in check.message.items()}
        return Finding(name, check.severity, texts, None, cell, given)

    def _given(self, check: Check, key: Key, at: int, year: int) -> dict[str, str]:
        """The values that a check's message shows, as plain text."""
        root = self.plan.roots[key[0]] if check.by_row else SUBMISSION
        space = Space(self._evaluation, root, np.array([at]))
        shown = {}
        for name, formula in check.given.items():
            typed = self.plan.lowered(key[0], formula)
            if typed is None or isinstance(typed, Choice):
                shown[name] = self._asked(check, key[0], at, year, name)
            else:
                shown[name] = self._text(space, typed, year)
        return shown

    def _asked(self, check: Check, form: str, at: int, year: int, name: str) -> str:
        """The same from the oracle, where kernels do not know the formula."""
        submission, row = self.workbook.tables[self.plan.roots[form]].place(at) if check.by_row else (at, None)
        value = self._slow.oracle.given(submission, form, check.name, row, self.plan.years[year])[name]
        return plain_text(value) if isinstance(value, Fraction) else "" if value is None else str(value)

    def _text(self, space: Space, typed: Number | Flag | Code | Label, year: int) -> str:
        match typed:
            case Label(text):
                return text
            case Number(top, unit, bottom):
                return self._number(space, (top, unit, bottom), year)
        found = space.value(typed.op, year)
        if found.errors is not None and found.errors.flat[0]:
            return ERROR_OF_CELL[int(found.errors.flat[0])]
        value = int(found.values.flat[0])
        if isinstance(typed, Flag):
            return str(bool(value)).upper()
        return self.plan.norms.classifications[typed.classification].codes[value] if value >= 0 else ""

    def _number(self, space: Space, number: tuple[Op, Fraction, Op | None], year: int) -> str:
        top, unit, bottom = number
        found = [space.value(op, year) for op in (top, bottom) if op is not None]
        for lanes in found:
            if lanes.errors is not None and lanes.errors.flat[0]:
                return ERROR_OF_CELL[int(lanes.errors.flat[0])]
        value = int(found[0].values.flat[0]) * unit
        return plain_text(value / int(found[1].values.flat[0]) if len(found) > 1 else value)


def _fails(cells: Cells) -> NDArray[np.bool_]:
    return np.equal(cells, 0)


def _found(
    cells: Cells, lanes: NDArray[np.int64] | None, wanted: Callable[[Cells], NDArray[np.bool_]]
) -> NDArray[np.int64]:
    """The indexes of the wanted cells, in these lanes or in all."""
    if lanes is None:
        return np.argwhere(wanted(cells))
    places = np.argwhere(wanted(cells[..., lanes]))
    places[:, -1] = lanes[places[:, -1]]
    return places


def _filled(text: str, given: Mapping[str, str]) -> str:
    """A message with its values in place of `{name}`; a methodologist's text is never a format string."""
    return _BRACES.sub(lambda match: given.get(match[1], match[0]), text)
