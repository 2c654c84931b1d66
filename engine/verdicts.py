"""What a recalculated workbook's cells and checks say: blanks that may not be, errors nobody caught, checks that fail.

An error is told where it arises: not again in every cell that reads it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import Evaluation
from engine.findings import Cell, Finding, finding
from engine.kernel.space import Space
from engine.kernel.typed import SUBMISSION, Choice, Code, Flag, Label, Number, Op
from engine.limits import FINDINGS_TOLD_MAX
from engine.number import BLANK, CELL_OF_ERROR, ERROR_OF_CELL, OWN_ERRORS, SPECIAL, plain_text
from engine.plan import Key, Plan
from engine.ruleset import Check
from engine.workbook import Workbook

_BRACES = re.compile(r"\{([^{}]+)\}")
_TOGETHER = 256
"""Places of a check whose values are calculated at once: more than that are seldom told."""
INPUT_MISSING = CELL_OF_ERROR["input-missing"]


Places = NDArray[np.int64]
"""(places, 2 or 3): the year's index (-1 of an input that is the same in all years), [the month's,] and the row."""
Of = tuple[Key, Places]
Lane = tuple[Space, int]
"""One lane of a space."""


@dataclass(slots=True)
class Told:
    """Of which places there is something to tell: blank inputs, errors in kept columns, checks that do not hold (of a
    check asked once of a form, the submissions)."""

    blanks: list[Of] = field(default_factory=list)
    errors: list[Of] = field(default_factory=list)
    failures: list[Of] = field(default_factory=list)


def told_of(plan: Plan, workbook: Workbook) -> Told:
    """All that there is to tell of a recalculated workbook."""
    results = workbook.results
    assert results is not None
    kept = [key for group in plan.groups for key in plan.kept(group)]
    columns = ((key, results.columns[key]) for key in kept if results.columns[key].dtype != object)
    errors = ((key, (cells < SPECIAL) & (cells != INPUT_MISSING)) for key, cells in columns)
    failures = ((key, results.checks[key] == 0) for key in plan.checks)
    return Told(
        list(_blanks(plan, workbook)),
        [(key, np.argwhere(wrong)) for key, wrong in errors if wrong.any()],
        [(key, np.argwhere(wrong)) for key, wrong in failures if wrong.any()],
    )


def findings_of(plan: Plan, workbook: Workbook, most: int = FINDINGS_TOLD_MAX) -> list[Finding]:
    """What there is to tell of a recalculated workbook; at most so many findings."""
    evaluation = Evaluation(plan, workbook)
    if workbook.results is not None:
        evaluation.stored = dict(workbook.results.columns)
    return told(evaluation, workbook, told_of(plan, workbook), most)


def told(evaluation: Evaluation, workbook: Workbook, what: Told, most: int = FINDINGS_TOLD_MAX) -> list[Finding]:
    """The findings of these places, read in a calculation of the workbook; at most so many."""
    if not (what.blanks or what.errors or what.failures):
        return []
    return list(islice(Verdicts(evaluation, workbook, what).tell(), most))


def finding_counts(plan: Plan, workbook: Workbook) -> dict[str, int]:
    """How many findings of each code there are, all submissions together."""
    verdicts = Verdicts(Evaluation(plan, workbook), workbook, told_of(plan, workbook))
    counts: Counter[str] = Counter()
    for _, places in verdicts.what.blanks:
        counts["input-missing"] += len(places)
    for key, place in verdicts.errors():
        counts[verdicts.code(key, place)] += 1
    for key, places in verdicts.what.failures:
        counts[key[1]] += len(places)
    return dict(counts)


def _blanks(plan: Plan, workbook: Workbook) -> Iterator[Of]:
    for name, form in plan.ruleset.forms.items():
        for column, declared in form.columns.items():
            if declared.formula is None and not declared.optional and declared.type.kind != "text":
                blank = workbook.tables[name].columns[column] == BLANK
                if blank.any():
                    yield (name, column), blanks_among(blank)


def blanks_among(blank: NDArray[np.bool_]) -> Places:
    """Where an input is blank, (rows,) or (years, rows)."""
    places = np.argwhere(np.atleast_2d(blank))
    if blank.ndim == 1:
        places[:, 0] = -1
    return places


@dataclass(slots=True)
class Verdicts:
    """Findings of places in a workbook."""

    evaluation: Evaluation
    workbook: Workbook
    what: Told
    _told: set[tuple[str, int, int, int]] = field(default_factory=set)
    _spaces: dict[tuple[str, bytes], Space] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The plan that was calculated."""
        return self.evaluation.plan

    def tell(self) -> Iterator[Finding]:
        """Findings one by one: blanks, errors, then checks."""
        for key, places in self.what.blanks:
            for year, row in places.tolist():
                yield finding("input-missing", self._cell(key, row, None if year < 0 else year), column=key[1])
        for key, place in self.errors():
            yield self._error(key, place)
        for key, places in self.what.failures:
            for start in range(0, len(places), _TOGETHER):
                yield from self._failures(key, places[start : start + _TOGETHER])

    def errors(self) -> Iterator[tuple[Key, NDArray[np.int64]]]:
        """Errors in kept columns, each where it first appears in its row and year."""
        results = self.workbook.results
        assert results is not None
        for key, places in self.what.errors:
            root, cells = self.plan.roots[key[0]], results.columns[key]
            for place in places:
                if self._first(root, place, int(cells[tuple(place)])):
                    yield key, place

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

    def _cell(self, key: Key, row: int, year: int | None, month: int | None = None) -> Cell:
        submission, place = self.workbook.tables[self.plan.roots[key[0]]].place(int(row))
        return Cell(submission, *key, place, None if year is None else self.plan.years[year], month)

    def _error(self, key: Key, place: NDArray[np.int64]) -> Finding:
        month = int(place[1]) + 1 if len(place) == 3 else None
        cell = self._cell(key, int(place[-1]), int(place[0]), month)
        return finding(self.code(key, place), cell, column=key[1], error=self._code(key, place))

    def _failures(self, key: Key, places: Places) -> Iterator[Finding]:
        """A check at some places, which are calculated together."""
        form, name = key
        check = self.plan.ruleset.forms[form].checks[name]
        root = self.plan.roots[form] if check.by_row else SUBMISSION
        rows, lanes = _distinct(places[:, -1])
        space = self._spaces.setdefault((root, rows.tobytes()), Space(self.evaluation, root, rows))
        for (year, at), lane in zip(places.tolist(), lanes.tolist(), strict=True):
            of_form = Cell(at, form, None, None, self.plan.years[year])
            cell = self._cell((form, name), at, year) if check.by_row else of_form
            given = {shown: self._given((check, shown), key, (space, lane), (year, at)) for shown in check.given}
            texts = {language: _filled(text, given) for language, text in check.message.items()}
            yield Finding(name, check.severity, texts, None, cell, given)

    def _given(self, shown: tuple[Check, str], key: Key, lane: Lane, place: tuple[int, int]) -> str:
        """A value that a check's message shows, as plain text."""
        (check, name), (year, at) = shown, place
        typed = self.plan.lowered(key[0], check.given[name])
        if typed is None or isinstance(typed, Choice):
            return self._asked(check, key[0], at, year, name)
        results, asked = self.workbook.results, (*key, name, year)
        if results is None or self.workbook.submissions > 1 or not self.plan.still(key[0], check.given[name]):
            return self._text(lane, typed, year)
        if asked not in results.said:
            results.said[asked] = self._text(lane, typed, year)
        return results.said[asked]

    def _asked(self, check: Check, form: str, at: int, year: int, name: str) -> str:
        """The same from the oracle, where kernels do not know the formula."""
        submission, row = self.workbook.tables[self.plan.roots[form]].place(at) if check.by_row else (at, None)
        value = self.evaluation.slow.oracle.given(submission, form, check.name, row, self.plan.years[year])[name]
        return plain_text(value) if isinstance(value, Fraction) else "" if value is None else str(value)

    def _text(self, lane: Lane, typed: Number | Flag | Code | Label, year: int) -> str:
        match typed:
            case Label(text):
                return text
            case Number(top, unit, bottom):
                return self._number(lane, (top, unit, bottom), year)
        value, error = _valued(lane, typed.op, year)
        if error:
            return ERROR_OF_CELL[error]
        if isinstance(typed, Flag):
            return str(bool(value)).upper()
        return self.plan.norms.classifications[typed.classification].codes[value] if value >= 0 else ""

    def _number(self, lane: Lane, number: tuple[Op, Fraction, Op | None], year: int) -> str:
        top, unit, bottom = number
        value, error = _valued(lane, top, year)
        below, wrong = (1, 0) if bottom is None else _valued(lane, bottom, year)
        if error or wrong:
            return ERROR_OF_CELL[error or wrong]
        return plain_text(Fraction(value * unit.numerator, unit.denominator * below))


def _distinct(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows once each, in order, and the place of each among them."""
    if (rows == rows[0]).all():
        return rows[:1], np.zeros(rows.size, dtype=np.int64)
    return np.unique(rows, return_inverse=True)


def _valued(lane: Lane, op: Op, year: int) -> tuple[int, int]:
    """An op's number there, and its error or 0."""
    space, at = lane
    found = space.value(op, year)
    return _one(found.values, at), 0 if found.errors is None else _one(found.errors, at)


def _one(cells: NDArray[Any], lane: int) -> int:
    """What is in a lane; one that is the same in all of them stands once."""
    return int(cells[..., lane if cells.shape[-1] > 1 else 0].flat[0])


def _filled(text: str, given: Mapping[str, str]) -> str:
    """A message with its values in place of `{name}`; a methodologist's text is never a format string."""
    return _BRACES.sub(lambda match: given.get(match[1], match[0]), text)
