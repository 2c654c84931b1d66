"""What an approved submission becomes for everybody else: values of norms, known from the day of its approval.

`publishes: {NORM: {form, key, value, from}}` makes of each row of the form, in each plan year, one value, in force from
the day that `from` gives in that row and year until a later value of the same codes starts. A row whose value, key or
day is blank or an error publishes nothing. Published values follow those that were there: what an earlier approval said
stays, and is what counts for whoever asks by what was known before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

import numpy as np

from engine.norms import Norms, NormValue, with_values
from engine.number import SPECIAL, Cells, from_cell, from_serial
from engine.oracle import Oracle
from engine.plan import Plan
from engine.ruleset import PublishedNorm, ValueType
from engine.workbook import Workbook

Published = Mapping[str, Sequence[NormValue]]
"""By norm, in order of rows and then of years."""


def published(plan: Plan, workbook: Workbook, submission: int, known: date) -> dict[str, list[NormValue]]:
    """The norms that a submission of a recalculated workbook becomes when it is approved on the day `known`."""
    assert workbook.results is not None, "what is published has been calculated"
    oracle = Oracle(plan.ruleset, plan.norms, workbook)
    oracle.recalled = workbook.results.columns
    publishing = _Publishing(plan, workbook, oracle, submission, known)
    return {name: list(publishing.values(of)) for name, of in plan.ruleset.publishes.items()}


def with_published(norms: Norms, published: Published) -> Norms:
    """The norms with published values after their own; what `norms` does not declare nobody can look up."""
    known = {name: values for name, values in published.items() if name in norms.norms}
    return with_values(norms, {name: (*norms.norms[name].values, *values) for name, values in known.items()})


class _Publishing:
    def __init__(self, plan: Plan, workbook: Workbook, oracle: Oracle, submission: int, known: date) -> None:
        self.plan, self.workbook, self.oracle = plan, workbook, oracle
        self.submission, self.known = submission, known

    def values(self, of: PublishedNorm) -> Iterator[NormValue]:
        """The values of one norm."""
        offsets = self.workbook.tables[self.plan.roots[of.form]].offsets
        for row in range(int(offsets[self.submission + 1] - offsets[self.submission])):
            for year in self.plan.years:
                value = self._value(of, int(offsets[self.submission]) + row, year)
                start = self.oracle.answer(of.start, self.submission, of.form, row, year)
                keys = [self._code(of.form, name, int(offsets[self.submission]) + row, year) for name in of.keys]
                if value is not None and isinstance(start, Fraction) and all(keys):
                    yield self._published(of, [key for key in keys if key], from_serial(int(start)), value)

    def _published(self, of: PublishedNorm, keys: Sequence[tuple[str, str]], start: date, value: Fraction) -> NormValue:
        codes = self.plan.norms.classifications
        invented = any(codes[name].verified[codes[name].positions[code]] == "training" for name, code in keys)
        ruleset = self.plan.ruleset
        return NormValue(
            keys=tuple(code for _, code in keys),
            start=start,
            end=None,
            known=self.known,
            value=value,
            source=f"{ruleset.name} {ruleset.version}",
            verified="training" if invented else "published",
            start_verified=True,
            note="",
            place=of.place,
        )

    def _value(self, of: PublishedNorm, row: int, year: int) -> Fraction | None:
        cell = self._cell(of.form, of.value, row, year)
        digits = self.plan.ruleset.forms[of.form].columns[of.value].digits or 0
        return None if cell < SPECIAL else from_cell(cell, digits)

    def _code(self, form: str, name: str, row: int, year: int) -> tuple[str, str] | None:
        """Classification and code of a key in a row, or of the header's field."""
        column = self.plan.ruleset.forms[form].columns.get(name)
        type_: ValueType = column.type if column else self.plan.ruleset.header[name].type
        cell = self._cell(form, name, row, year) if column else int(self.workbook.header[name][self.submission])
        classification = type_.classification or ""
        return (classification, self.plan.norms.classifications[classification].codes[cell]) if cell >= 0 else None

    def _cell(self, form: str, name: str, row: int, year: int) -> int:
        results = self.workbook.results
        held = results.columns.get((form, name)) if results else None
        cells: Cells = self.workbook.tables[form].columns[name] if held is None else held
        return int(np.atleast_2d(cells)[self.plan.years.index(year) if cells.ndim > 1 else 0, row])
