"""What a recalculated workbook's cells and checks say: blanks that may not be, errors nobody caught, checks that fail.

An error is told where it arises: not again in every cell that reads it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.findings import Cell, Finding, finding
from engine.limits import FINDINGS_TOLD_MAX
from engine.number import BLANK, CELL_OF_ERROR, ERROR_OF_CELL, OWN_ERRORS, SPECIAL
from engine.plan import Key, Plan
from engine.ruleset import Check
from engine.slow import SlowCells
from engine.workbook import Workbook

_BRACES = re.compile(r"\{([^{}]+)\}")
_INPUT_MISSING = CELL_OF_ERROR["input-missing"]


def findings_of(
    plan: Plan, workbook: Workbook, submissions: Iterable[int] | None = None, most: int = FINDINGS_TOLD_MAX
) -> list[Finding]:
    """The findings of these submissions (None: of all), at most so many of them."""
    verdicts = Verdicts(plan, workbook, None if submissions is None else frozenset(submissions))
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
    submissions: frozenset[int] | None
    slow: SlowCells = field(init=False)
    _told: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.slow = SlowCells(self.plan, self.workbook)

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
                    places = np.argwhere(np.atleast_2d(cells) == BLANK)
                    if cells.ndim == 1:
                        places[:, 0] = -1
                    yield (name, column), self._mine(name, places)

    def errors(self) -> Iterator[tuple[Key, NDArray[np.int64]]]:
        """(year, [month,] row) of errors in kept columns, each where it first appears in its row and year."""
        results = self.workbook.results
        assert results is not None
        for group in self.plan.groups:
            for key in self.plan.kept(group):
                cells = results.columns[key]
                if cells.dtype == object or not (cells < SPECIAL).any():
                    continue
                wrong = (cells < SPECIAL) & (cells != _INPUT_MISSING) & ~self._known(key, cells)
                yield key, self._mine(self.plan.roots[key[0]], np.argwhere(wrong))

    def failures(self) -> Iterator[tuple[Key, NDArray[np.int64]]]:
        """(year, row or submission) of checks that do not hold."""
        results = self.workbook.results
        assert results is not None
        for key in self.plan.checks:
            places = np.argwhere(results.checks[key] == 0)
            if self.plan.by_row(key):
                places = self._mine(self.plan.roots[key[0]], places)
            elif self.submissions is not None:
                places = places[np.isin(places[:, 1], list(self.submissions))]
            yield key, places

    def code(self, key: Key, place: NDArray[np.int64]) -> str:
        """The finding's code for an error in a cell."""
        code = self._code(key, place)
        return code if code in OWN_ERRORS else "cell-error"

    def _code(self, key: Key, place: NDArray[np.int64]) -> str:
        assert self.workbook.results is not None
        return ERROR_OF_CELL[int(self.workbook.results.columns[key][tuple(place)])]

    def _known(self, key: Key, cells: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which errors an earlier column of the same rows has already; these here are remembered."""
        root = self.plan.roots[key[0]]
        yearly = cells if cells.ndim == 2 else np.where(cells < SPECIAL, cells, 0).min(axis=1)
        wrong = np.where(yearly < SPECIAL, yearly, 0)
        before = self._told.get(root)
        self._told[root] = wrong if before is None else np.where(before != 0, before, wrong)
        known = np.zeros_like(wrong, dtype=bool) if before is None else before == wrong
        return known if cells.ndim == 2 else known[:, None, :]

    def _mine(self, form: str, places: NDArray[np.int64]) -> NDArray[np.int64]:
        if self.submissions is None or not len(places):
            return places
        offsets = self.workbook.tables[self.plan.roots[form]].offsets
        return places[np.isin(np.searchsorted(offsets, places[:, -1], side="right") - 1, list(self.submissions))]

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
        if check.by_row:
            cell = self._cell((form, name), at, year)
        else:
            cell = Cell(at, form, None, None, self.plan.years[year])
        given = self._given(check, cell)
        texts = {language: _filled(text, given) for language, text in check.message.items()}
        return Finding(name, check.severity, texts, None, cell, given)

    def _given(self, check: Check, cell: Cell) -> dict[str, str]:
        """The values that a check's message shows, as plain text."""
        assert cell.year is not None
        values = self.slow.oracle.given(cell.submission, cell.form, check.name, cell.row, cell.year)
        return {name: str(value) for name, value in values.items()}


def _filled(text: str, given: Mapping[str, str]) -> str:
    """A message with its values in place of `{name}`; a methodologist's text is never a format string."""
    return _BRACES.sub(lambda match: given.get(match[1], match[0]), text)
