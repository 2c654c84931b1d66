"""Which requests a ceiling breaks, by how much and in which year.

A ceiling is a norm looked up by a field of the header: a check asked once of a form compares with it what the form adds
up to. So a new limit needs a norm and a check, and nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import Evaluation
from engine.explain.numbers import NORMS
from engine.formula import Binary, Call, Column, Expr, Name, Text, print_formula, walk
from engine.functions.values import ExcelError, Scalar
from engine.kernel.space import Space
from engine.kernel.typed import SUBMISSION, Number, Op
from engine.plan import Key, Plan
from engine.ruleset import Check, Formula
from engine.scenario.state import State, speakers
from engine.units import Unit

_UPTO = {"<=": ("left", "right"), "<": ("left", "right"), ">=": ("right", "left"), ">": ("right", "left")}
"""On which side of a comparison the figure stands, and on which the ceiling."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A check that compares a figure with a norm of whose request it is."""

    key: Key
    """(form, check)"""
    norm: str
    figure: Formula
    limit: Formula


@dataclass(frozen=True, slots=True)
class Breach:
    """A request above its ceiling in a year; `unit` is that of both numbers."""

    ceiling: Ceiling
    submission: int
    speaker: str
    year: int
    figure: Fraction
    limit: Fraction
    unit: Unit

    @property
    def excess(self) -> Fraction:
        """By how much it is above."""
        return self.figure - self.limit


def ceilings_of(plan: Plan) -> list[Ceiling]:
    """The ceilings of a ruleset, in the order of its forms."""
    found: list[Ceiling] = []
    for form in plan.ruleset.forms.values():
        for check in form.checks.values():
            sides = None if check.by_row else _sides(check, frozenset(plan.ruleset.header))
            if sides is not None:
                found.append(Ceiling((form.name, check.name), *sides))
    return found


def breaches(state: State) -> list[Breach]:
    """What is above its ceiling: ceiling by ceiling, the largest excess first."""
    asking = _Asking(state)
    found = [(i, breach) for i, ceiling in enumerate(ceilings_of(state.plan)) for breach in asking.breaches(ceiling)]
    return [breach for _, breach in sorted(found, key=lambda each: (each[0], -each[1].excess, each[1].speaker))]


def _sides(check: Check, header: frozenset[str]) -> tuple[str, Formula, Formula] | None:
    """The norm, the figure and the ceiling of the first comparison that has them."""
    for node in walk(check.asserts.tree):
        if isinstance(node, Binary) and node.op in _UPTO:
            figure, limit = (getattr(node, side) for side in _UPTO[node.op])
            norm = _norm(limit, header)
            if norm and not _norm(figure, header) and any(isinstance(part, Column) for part in walk(figure)):
                return norm, _formula(figure, check), _formula(limit, check)
    return None


def _norm(side: Expr, header: frozenset[str]) -> str:
    """The norm that a side looks up by a field of the header."""
    for node in walk(side):
        if isinstance(node, Call) and node.name in NORMS:
            at = NORMS[node.name]
            name, keys = node.args[at], node.args[at + 1 :]
            if isinstance(name, Text) and any(isinstance(key, Name) and key.name in header for key in keys):
                return name.value
    return ""


def _formula(tree: Expr, check: Check) -> Formula:
    return Formula(print_formula(tree), tree, check.asserts.place)


class _Asking:
    def __init__(self, state: State) -> None:
        assert state.workbook.results is not None, "limits are asked of a recalculated workbook"
        self.state, self.evaluation = state, Evaluation(state.plan, state.workbook, compiled=False)
        self.evaluation.stored = dict(state.workbook.results.columns)
        self.failed = state.workbook.results.checks
        self.speakers = speakers(state.plan, state.workbook)

    def breaches(self, ceiling: Ceiling) -> Iterator[Breach]:
        """The submissions whose check of this ceiling does not hold."""
        unit = self.state.norms.norms[ceiling.norm].unit
        for y, year in enumerate(self.state.plan.years):
            at = np.flatnonzero(self.failed[ceiling.key][y] == 0)
            figures, limits = (self._values(ceiling.key[0], part, at, y) for part in (ceiling.figure, ceiling.limit))
            for submission, figure, limit in zip(at.tolist(), figures, limits, strict=True):
                if figure is not None and limit is not None and figure > limit:
                    yield Breach(ceiling, submission, self.speakers[submission], year, figure, limit, unit)

    def _values(self, form: str, formula: Formula, at: NDArray[np.int64], year: int) -> list[Fraction | None]:
        """What a formula gives in some submissions; None where that is an error."""
        if not at.size:
            return []
        typed = self.state.plan.lowered(form, formula)
        if isinstance(typed, Number):
            return self._lanes(typed, at, year)
        answers = (self._asked(formula, form, int(submission), year) for submission in at)
        return [None if isinstance(value, ExcelError | str | None) else Fraction(value) for value in answers]

    def _lanes(self, number: Number, at: NDArray[np.int64], year: int) -> list[Fraction | None]:
        space = Space(self.evaluation, SUBMISSION, at)

        def lane(op: Op) -> tuple[list[int], list[bool]]:
            found = space.value(op, year)
            errors = np.zeros(1, bool) if found.errors is None else found.errors != 0
            values, wrong = (np.broadcast_to(part, at.shape) for part in (found.values, errors))
            return values.tolist(), wrong.tolist()

        (tops, wrong), bottoms = lane(number.top), lane(number.bottom)[0] if number.bottom else [1] * at.size
        parts = zip(tops, wrong, bottoms, strict=True)
        return [None if bad else number.unit * Fraction(top, bottom) for top, bad, bottom in parts]

    def _asked(self, formula: Formula, form: str, submission: int, year: int) -> Scalar:
        return self.evaluation.slow.oracle.answer(formula, submission, form, 0, self.state.plan.years[year])
