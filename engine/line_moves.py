"""How budget lines move when some rows of a workbook change: what each line is more or less by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lines import DIMENSIONS
from engine.plan import Key, Plan
from engine.route import columns_of
from engine.ruleset import STATED, Form, LineRule, ValueType
from engine.slots import Moved, amounts, moved
from engine.workbook import Workbook

LineKey = tuple[str, ...]
_Sums = tuple[int, Mapping[str, Any], Sequence[int]]
"""A submission, the cells of its row's own keys, and by how much each year's amount is more."""
_YEAR = DIMENSIONS.index("year")
Rows = NDArray[np.int64]


def line_moves(plan: Plan, workbooks: tuple[Workbook, Workbook], changed: Mapping[Key, Moved]) -> dict[LineKey, int]:
    """Line key → tiyn after minus before, where that is not 0. `changed` are inputs and kept columns; a header that
    keys lines moves every row's."""
    before, after = workbooks
    moves: dict[LineKey, int] = {}
    rules, header = plan.route.rules, before.header is not after.header
    now = _Header(plan, after)
    for at in range(len(rules)) if header else sorted({at for key in changed for at in plan.route.lines.get(key, ())}):
        lines = _RuleLines(*rules[at], now)
        if header or any((lines.form.name, name) in changed for name in lines.own.values()):
            found = _replaced(lines, replace(lines, header=_Header(plan, before)), changed)
        else:
            found = lines.moved(changed[lines.form.name, lines.rule.amount])
        for line, amount in found:
            moves[line] = moves.get(line, 0) + amount
    return {key: amount for key, amount in sorted(moves.items()) if amount}


def _replaced(new: _RuleLines, old: _RuleLines, changed: Mapping[Key, Moved]) -> Iterator[tuple[LineKey, int]]:
    """What rows no longer put in, and what they put in now: for rules whose keys may have changed too."""
    names = [(new.form.name, name) for name in columns_of(new.rule)]
    parts = [changed[key].rows for key in names if key in changed]
    if new.header.workbook.header is not old.header.workbook.header:
        parts += _of_moved_submissions(new, old)
    rows = np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
    for lines, sign in ((old, -1), (new, 1)) if rows.size else ():
        more = sign * amounts(lines.cells(lines.rule.amount)[:, rows])
        yield from lines.moved(moved(lines.offsets, rows, (np.zeros_like(more), more)))


@dataclass(slots=True)
class _Header:
    """What the header of a workbook says of the lines of each submission."""

    plan: Plan
    workbook: Workbook
    _known: dict[int, dict[str, str]] = field(default_factory=dict)

    def codes(self, submission: int) -> dict[str, str]:
        """Dimension → code."""
        if submission not in self._known:
            fields, cells = self.plan.ruleset.header, self.workbook.header
            named = [name for name in DIMENSIONS if name in cells]
            self._known[submission] = {n: self.code(fields[n].type, cells[n][submission]) for n in named}
        return self._known[submission]

    def code(self, of: ValueType, cell: Any) -> str:
        """A cell as a line's key has it."""
        if of.classification is None:
            return cell if isinstance(cell, str) else ""
        return self.plan.norms.classifications[of.classification].codes[int(cell)] if cell >= 0 else ""


@dataclass(frozen=True, slots=True)
class _RuleLines:
    """The lines of one rule in one workbook."""

    form: Form
    rule: LineRule
    header: _Header

    @property
    def own(self) -> dict[str, str]:
        """The dimensions that rows have keys of their own for, and the columns that these are in."""
        return {name: text[1:] for name, text in self.rule.keys.items() if text.startswith("=")}

    @property
    def offsets(self) -> Rows:
        """Where each submission's rows begin."""
        return self.header.workbook.tables[self.header.plan.roots[self.form.name]].offsets

    def moved(self, what: Moved) -> Iterator[tuple[LineKey, int]]:
        """Key and amount in tiyn of what rows whose keys stay the same put in more than before."""
        scale = 10 ** (2 - (self.form.columns[self.rule.amount].digits or 0))
        for submission, own, sums in self._by_rows(what) if self.own else self._by_submission(what):
            if any(sums):
                before, after = self._around_year(submission, own)
                for year, amount in zip(self.header.plan.years, sums, strict=True):
                    if amount:
                        yield (*before, str(year), *after), amount * scale

    def _by_submission(self, what: Moved) -> Iterator[_Sums]:
        for submission, sums in zip(what.submissions.tolist(), what.sums.T.tolist(), strict=True):
            yield submission, {}, sums

    def _by_rows(self, what: Moved) -> Iterator[_Sums]:
        """Row by row; where the keys of a row differ by year, year by year."""
        more = (amounts(what.new) - amounts(what.old)).T.tolist()
        own = {name: self.cells(column)[:, what.rows].T.tolist() for name, column in self.own.items()}
        for at, submission in enumerate((self.offsets.searchsorted(what.rows, "right") - 1).tolist()):
            if all(cells[at].count(cells[at][0]) == len(cells[at]) for cells in own.values()):
                yield submission, {name: cells[at][0] for name, cells in own.items()}, more[at]
                continue
            for year, amount in enumerate(more[at]):
                alone = [amount if i == year else 0 for i in range(len(more[at]))]
                yield submission, {name: cells[at][year] for name, cells in own.items()}, alone

    def _around_year(self, submission: int, own: Mapping[str, Any]) -> tuple[LineKey, LineKey]:
        columns = self.form.columns
        codes = {name: self.header.code(columns[self.rule.keys[name][1:]].type, cell) for name, cell in own.items()}
        said = {**STATED, **self.header.codes(submission), **self.rule.keys, **codes}
        key = tuple(said.get(name, "") for name in DIMENSIONS)
        return key[:_YEAR], key[_YEAR + 1 :]

    def cells(self, name: str) -> NDArray[Any]:
        """(years, rows) of a column."""
        plan, workbook = self.header.plan, self.header.workbook
        root = plan.roots[self.form.name]
        if self.form.columns[name].formula is None:
            cells = workbook.tables[self.form.name].columns[name]
        else:
            assert workbook.results is not None
            cells = workbook.results.columns[self.form.name, name]
        shape = (len(plan.years), workbook.tables[root].rows)
        return cells if cells.shape == shape else np.broadcast_to(cells, shape)


def _of_moved_submissions(new: _RuleLines, old: _RuleLines) -> Iterator[Rows]:
    before, after, offsets = old.header.workbook.header, new.header.workbook.header, new.offsets
    for name in DIMENSIONS:
        if name in after and name not in new.rule.keys and before[name] is not after[name]:
            for submission in np.flatnonzero(before[name] != after[name]):
                yield np.arange(offsets[submission], offsets[submission + 1])
