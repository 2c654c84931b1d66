"""A ruleset's own tests, run: what is given is calculated by both evaluators and compared with what is expected.

Only what a case writes down is compared, its findings as a whole. Apart from that the two evaluators must agree on
every cell. A monthly column is expected as twelve values, or as one for all months. Values of norms that a case gives
stand in place of all values of those norms, and its codes are added to theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np

from engine.cases.outcome import Outcome, by_kernels, by_oracle
from engine.cases.text import Case, Expected, Line, Rolled, load_cases
from engine.evaluate import recalculate
from engine.findings import Finding, Place, finding
from engine.inputs import cell_text, read_cell, workbook_of
from engine.lines import DIMENSIONS, roll_up
from engine.norms import Norms, with_codes, with_values
from engine.norms.loader import read_values
from engine.norms.reading import NormReading
from engine.number import CELL_OF_ERROR, SPECIAL, decimal_text, plain_text
from engine.plan import Key, Plan, compile_plan
from engine.publishing import published
from engine.rolling import rolled_forward
from engine.ruleset import Ruleset
from engine.text.nearest import nearest
from engine.text.source import Word
from engine.workbook import Workbook

__all__ = ["Case", "load_cases", "prepared", "run_case"]


def run_case(case: Case, ruleset: Ruleset, norms: Norms) -> list[Finding]:
    """Where either evaluator differs from what the case expects, or from the other; nothing is a passed test."""
    found = _unknown_names(case, ruleset)
    ready = prepared(case, ruleset, norms)
    if found or ready.workbook is None:
        return [*found, *ready.found]
    plan, told = compile_plan(ready.ruleset, ready.norms)
    if plan is None:
        return [each for each in told if each.severity == "error"]
    found = list(_told(case, case.expect, plan, ready.workbook))
    if not case.publishes and not case.rolled:
        return found
    after = recalculate(plan, ready.workbook, compiled=False)[0]
    found += _published(case, plan, after) if case.publishes else ()
    return [*found, *(_rolled(case, case.rolled, plan, after) if case.rolled else ())]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a case gives, ready to be calculated; no workbook where something in it cannot be read."""

    ruleset: Ruleset
    norms: Norms
    workbook: Workbook | None
    found: list[Finding]


def prepared(case: Case, ruleset: Ruleset, norms: Norms) -> Prepared:
    """The ruleset cut to the plan years of a case, the norms with its values, and the workbook that it gives."""
    ruleset = replace(ruleset, years=case.years)
    norms, found = _norms_of(case, norms)
    if found:
        return Prepared(ruleset, norms, None, found)
    rows = {form: [_given(line) for line in lines] for form, lines in case.forms.items()}
    workbook, unread = workbook_of(ruleset, norms, case.years, case.header, rows)
    found = [replace(each, place=case.place) for each in unread]
    return Prepared(ruleset, norms, None if found else replace(workbook, known=case.known), found)


def _told(case: Case, expect: Mapping[int, Expected], plan: Plan, workbook: Workbook) -> Iterator[Finding]:
    """Where evaluators differ from what years should show, and from each other."""
    outcomes = by_kernels(plan, workbook), by_oracle(plan, workbook)
    for outcome in outcomes:
        for year, expected in expect.items():
            yield from _Trial(outcome, expected, year).differences()
    yield from _disagreements(case, *outcomes)


def _published(case: Case, plan: Plan, workbook: Workbook) -> Iterator[Finding]:
    """Where the norms that the submission becomes differ: each is told by its keys, `from` and `value`."""
    values = published(plan, workbook, 0, case.known or date.max)
    for name, lines in case.publishes.items():
        names = (*plan.ruleset.publishes[name].keys, "from", "value")
        got = [[*map(str, each.keys), str(each.start), plain_text(each.value or Fraction(0))] for each in values[name]]
        wanted = [[_one(line, key) for key in names] for line in lines]
        if got != wanted:
            at = lines[0].place if lines else case.place
            told = {"evaluator": "publishing", "what": name, "year": plan.years[0]}
            yield finding("case-differs", at, got=_listed(got), expected=_listed(wanted), **told)


def _rolled(case: Case, rolled: Rolled, plan: Plan, workbook: Workbook) -> Iterator[Finding]:
    """Where the next cycle's submission differs in its inputs, or in what its years show."""
    following, told = compile_plan(replace(plan.ruleset, years=rolled.years), plan.norms)
    if following is None:
        yield from (each for each in told if each.severity == "error")
        return
    start = rolled_forward(plan, workbook, following)
    for form, lines in rolled.forms.items():
        yield from _Start(following, start, form).differences(lines)
    yield from _told(case, rolled.expect, following, start)


def _one(line: Line, name: str) -> str:
    words = line.words.get(name, ())
    number = _number(words[0].text) if words and name == "value" else None
    return plain_text(number) if number is not None else words[0].text if words else ""


def _listed(rows: Sequence[Sequence[str]]) -> str:
    return "; ".join(" ".join(row) for row in rows)


def _norms_of(case: Case, norms: Norms) -> tuple[Norms, list[Finding]]:
    """The norms with the case's codes and values in them."""
    found = _unknown(case.codes, norms.classifications, case.place) + _unknown(case.norms.keys, norms.norms, case.place)
    if found:
        return norms, found
    for name, codes in case.codes.items():
        norms = with_codes(norms, name, {code: {"kk": code, "ru": code, "en": code} for code in codes})
    reading = NormReading(norms)
    reading.training = True
    values = {name: (norms.norms[name], reading.items(tree)) for name, tree in case.norms.entries.items()}
    read = {name: read_values(reading, norm, items) for name, (norm, items) in values.items()}
    return with_values(norms, read), reading.found


def _unknown_names(case: Case, ruleset: Ruleset) -> list[Finding]:
    totals = {f"{form.name}.{name}": column for form in ruleset.forms.values() for name, column in form.columns.items()}
    found = _unknown(map(str, case.years), map(str, ruleset.years), case.place)
    found += _unknown(map(str, case.expect), map(str, case.years), case.place)
    found += _unknown(case.publishes, ruleset.publishes, case.place)
    for form, lines in case.rolled.forms.items() if case.rolled else ():
        found += _unknown([form], ruleset.forms, case.place)
        for line in lines if form in ruleset.forms else ():
            inputs = [name for name, column in ruleset.forms[form].columns.items() if column.formula is None]
            found += _unknown(line.words, inputs, line.place)
    for expected in (*case.expect.values(), *(case.rolled.expect.values() if case.rolled else ())):
        found += _unknown(expected.forms, ruleset.forms, expected.place)
        found += _unknown(expected.totals, totals, expected.place)
        for line in (expected.lines or ())[:1]:
            found += _unknown(line.words, (*DIMENSIONS, "amount"), line.place)
        for name, lines in expected.forms.items():
            for line in lines if name in ruleset.forms else ():
                found += _unknown(line.words, ruleset.forms[name].columns, line.place)
    return found


def _unknown(names: Iterable[str], known: Iterable[str], place: Place) -> list[Finding]:
    choices = tuple(known)
    strange = [name for name in names if name not in choices]
    return [finding("case-names-unknown", place, got=name, nearest=nearest(name, choices)) for name in strange]


def _given(line: Line) -> dict[str, str | list[str]]:
    texts = {name: [word.text for word in words] for name, words in line.words.items()}
    return {name: several if len(several) > 1 else several[0] for name, several in texts.items()}


@dataclass(frozen=True, slots=True)
class _Trial:
    """One evaluator's outcome against what one year should show."""

    outcome: Outcome
    expected: Expected
    year: int

    def differences(self) -> Iterator[Finding]:
        for form, lines in self.expected.forms.items():
            yield from self._form(form, lines)
        for name, word in self.expected.totals.items():
            yield from self._total(name, word)
        yield from self._lines(self.expected.lines)
        wanted = self.expected.findings
        found = self.outcome.found(self._index)
        if wanted is not None and set(wanted) != found:
            yield self._differs("findings", ", ".join(sorted(found)), ", ".join(sorted(wanted)), self.expected.place)

    @property
    def _index(self) -> int:
        return self.outcome.plan.ruleset.years.index(self.year)

    def _form(self, form: str, lines: Sequence[Line]) -> Iterator[Finding]:
        plan = self.outcome.plan
        rows = self.outcome.workbook.tables[plan.roots[form]].rows
        if rows != len(lines):
            yield self._differs(f"{form}, rows", str(rows), str(len(lines)), self.expected.place)
        for row, line in enumerate(lines[:rows]):
            for name, words in line.words.items():
                yield from self._cell((form, name), row, words)

    def _cell(self, key: Key, row: int, words: Sequence[Word]) -> Iterator[Finding]:
        declared, norms = self.outcome.plan.column(key), self.outcome.plan.norms
        cells = self.outcome.cells(key, self._index)[..., row].reshape(-1).tolist()
        wanted = words if len(words) == len(cells) else [words[0]] * len(cells)
        for month, (cell, word) in enumerate(zip(cells, wanted, strict=True), 1):
            if len(words) not in {1, len(cells)} or cell != _read(word.text, self.outcome.plan, key):
                at = f"{key[0]}[{key[1]}], row {row + 1}" + (f", month {month}" if len(cells) > 1 else "")
                yield self._differs(at, cell_text(cell, declared.type, declared.digits, norms), word.text, word.place)

    def _total(self, name: str, word: Word) -> Iterator[Finding]:
        form, _, column = name.partition(".")
        digits = self.outcome.plan.column((form, column)).digits or 0
        cells = self.outcome.cells((form, column), self._index)
        total = sum(cells[cells >= SPECIAL].tolist())
        if Fraction(total, 10**digits) != _number(word.text):
            yield self._differs(f"total of {name}", decimal_text(total, digits), word.text, word.place)

    def _lines(self, lines: Sequence[Line] | None) -> Iterator[Finding]:
        if lines is None:
            return
        by = [name for name in (lines[0].words if lines else ()) if name != "amount"]
        rolled = roll_up(self.outcome.lines(), ["year", *by]).as_dict()
        got = {key[1:]: Fraction(amount, 100) for key, amount in rolled.items() if key[0] == str(self.year) and amount}
        wanted = {tuple(line.words[name][0].text for name in by): line for line in lines}
        for key in sorted(got.keys() | wanted.keys()):
            line = wanted.get(key)
            amount = line.words["amount"][0] if line else Word("0", self.expected.place)
            if got.get(key, 0) != _number(amount.text):
                told = decimal_text(int(got.get(key, Fraction(0)) * 100), 2)
                yield self._differs(f"line {' '.join(key)}", told, amount.text, amount.place)

    def _differs(self, what: str, got: str, expected: str, place: Place) -> Finding:
        told = {"evaluator": self.outcome.evaluator, "what": what, "year": self.year}
        return finding("case-differs", place, got=got or "—", expected=expected or "—", **told)


@dataclass(frozen=True, slots=True)
class _Start:
    """The inputs of a form as a submission starts with them."""

    plan: Plan
    workbook: Workbook
    form: str

    def differences(self, lines: Sequence[Line]) -> Iterator[Finding]:
        rows = self.workbook.tables[self.form].rows
        if rows != len(lines):
            place = lines[0].place if lines else self.plan.ruleset.forms[self.form].place
            yield self._differs(f"{self.form}, rows", str(rows), str(len(lines)), place)
        for row, line in enumerate(lines[:rows]):
            for name, words in line.words.items():
                yield from self._cell(name, row, words)

    def _cell(self, name: str, row: int, words: Sequence[Word]) -> Iterator[Finding]:
        declared, norms = self.plan.column((self.form, name)), self.plan.norms
        cells = self.workbook.tables[self.form].columns[name][..., row].reshape(-1).tolist()
        wanted = words if len(words) > 1 else [words[0]] * len(cells)
        if cells != [_read(word.text, self.plan, (self.form, name)) for word in wanted]:
            got = ", ".join(cell_text(cell, declared.type, declared.digits, norms) for cell in cells)
            expected = ", ".join(word.text for word in words)
            yield self._differs(f"{self.form}[{name}], row {row + 1}", got, expected, words[0].place)

    def _differs(self, what: str, got: str, expected: str, place: Place) -> Finding:
        told = {"evaluator": "rolling", "what": what, "year": self.plan.years[0]}
        return finding("case-differs", place, got=got or "—", expected=expected or "—", **told)


def _read(text: str, plan: Plan, key: Key) -> int | str | None:
    declared = plan.column(key)
    cell = CELL_OF_ERROR.get(text) if declared.type.kind != "text" else None
    return read_cell(text, declared.type, declared.digits, plan.norms) if cell is None else cell


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except ValueError:
        return None


def _disagreements(case: Case, first: Outcome, second: Outcome) -> Iterator[Finding]:
    """Cells on which the evaluators differ, whatever was expected."""
    cells: list[tuple[Key, Mapping[Key, np.ndarray], Mapping[Key, np.ndarray]]] = []
    cells += [(key, first.columns, second.columns) for key in first.columns]
    cells += [(key, first.checks, second.checks) for key in first.checks]
    for key, one, other in cells:
        if not np.array_equal(one[key], other[key]):
            at = np.argwhere(one[key] != other[key])[0].tolist()
            told = {"what": f"{key[0]}.{key[1]} {at[1:]}", "year": case.years[at[0]], "evaluator": second.evaluator}
            yield finding("case-differs", case.place, got=other[key][tuple(at)], expected=one[key][tuple(at)], **told)
