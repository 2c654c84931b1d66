"""How budget lines move when some rows of a workbook change: what each line is more or less by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lines import DIMENSIONS
from engine.number import Cells
from engine.plan import Key, Plan
from engine.route import columns_of
from engine.ruleset import STATED, Form, LineRule, ValueType
from engine.slots import Moved, amounts
from engine.workbook import Workbook

LineKey = tuple[str, ...]
_YEAR = DIMENSIONS.index("year")
Rows = NDArray[np.int64]


def line_moves(plan: Plan, workbooks: tuple[Workbook, Workbook], changed: Mapping[Key, Moved]) -> dict[LineKey, int]:
    """Line key → tiyn after minus before, where that is not 0. `changed` are inputs and kept columns; a header that
    keys lines moves every row's."""
    before, after = workbooks
    moves: dict[LineKey, int] = {}
    rules, header = plan.route.rules, before.header is not after.header
    for at in range(len(rules)) if header else sorted({at for key in changed for at in plan.route.lines.get(key, ())}):
        lines = _RuleLines(plan, *rules[at], after)
        if header or any((lines.form.name, name) in changed for name in lines.own.values()):
            found = _replaced(lines, replace(lines, workbook=before), changed)
        else:
            found = lines.moved(changed[lines.form.name, lines.rule.amount])
        for line, amount in found:
            moves[line] = moves.get(line, 0) + amount
    return {key: amount for key, amount in sorted(moves.items()) if amount}


def _replaced(new: _RuleLines, old: _RuleLines, changed: Mapping[Key, Moved]) -> Iterator[tuple[LineKey, int]]:
    """What rows no longer put in, and what they put in now: for rules whose keys may have changed too."""
    names = [(new.form.name, name) for name in columns_of(new.rule)]
    parts = [changed[key].rows for key in names if key in changed]
    if new.workbook.header is not old.workbook.header:
        parts += _of_moved_submissions(new, old)
    rows = np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
    for lines, sign in ((old, -1), (new, 1)) if rows.size else ():
        yield from lines.of(rows, sign * amounts(lines.cells(lines.rule.amount)[:, rows]))


@dataclass(frozen=True, slots=True)
class _RuleLines:
    """The lines of one rule in one workbook."""

    plan: Plan
    form: Form
    rule: LineRule
    workbook: Workbook

    @property
    def own(self) -> dict[str, str]:
        """The dimensions that rows have keys of their own for, and the columns that these are in."""
        return {name: text[1:] for name, text in self.rule.keys.items() if text.startswith("=")}

    @property
    def scale(self) -> int:
        """How many tiyn the amount's last digit is."""
        return int(10 ** (2 - (self.form.columns[self.rule.amount].digits or 0)))

    def moved(self, what: Moved) -> Iterator[tuple[LineKey, int]]:
        """What rows whose keys stay the same put in more than before."""
        if self.own:
            yield from self.of(what.rows, amounts(what.new) - amounts(what.old))
            return
        for submission, sums in zip(what.submissions.tolist(), what.sums.T.tolist(), strict=True):
            key, scale = self._key(submission, {}, 0), self.scale
            for year, amount in zip(self.plan.years, sums, strict=True):
                if amount:
                    yield (*key[:_YEAR], str(year), *key[_YEAR + 1 :]), amount * scale

    def of(self, rows: Rows, more: Cells) -> Iterator[tuple[LineKey, int]]:
        """Key and amount in tiyn of these rows' lines, where they put in (years, rows) more."""
        own = {name: self.cells(column)[:, rows] for name, column in self.own.items()}
        offsets, scale = self.workbook.tables[self.plan.roots[self.form.name]].offsets, self.scale
        owners = offsets.searchsorted(rows, "right") - 1
        for at, submission in enumerate(owners.tolist()):
            for year, amount in enumerate(more[:, at].tolist()):
                if amount:
                    codes = {name: cells[year, at] for name, cells in own.items()}
                    yield self._key(submission, codes, self.plan.years[year]), amount * scale

    def _key(self, submission: int, own: Mapping[str, Any], year: int) -> LineKey:
        return tuple(str(year) if name == "year" else self._part(name, submission, own) for name in DIMENSIONS)

    def _part(self, name: str, submission: int, own: Mapping[str, Any]) -> str:
        if name in own:
            return self._code(self.form.columns[self.rule.keys[name][1:]].type, own[name])
        if name in self.workbook.header and name not in self.rule.keys:
            return self._code(self.plan.ruleset.header[name].type, self.workbook.header[name][submission])
        return self.rule.keys.get(name, STATED.get(name, ""))

    def _code(self, of: ValueType, cell: Any) -> str:
        if of.classification is None:
            return cell if isinstance(cell, str) else ""
        return self.plan.norms.classifications[of.classification].codes[int(cell)] if cell >= 0 else ""

    def cells(self, name: str) -> NDArray[Any]:
        """(years, rows) of a column."""
        root = self.plan.roots[self.form.name]
        if self.form.columns[name].formula is None:
            cells = self.workbook.tables[self.form.name].columns[name]
        else:
            assert self.workbook.results is not None
            cells = self.workbook.results.columns[self.form.name, name]
        shape = (len(self.plan.years), self.workbook.tables[root].rows)
        return cells if cells.shape == shape else np.broadcast_to(cells, shape)


def _of_moved_submissions(new: _RuleLines, old: _RuleLines) -> Iterator[Rows]:
    offsets = new.workbook.tables[new.plan.roots[new.form.name]].offsets
    before, after = old.workbook.header, new.workbook.header
    for name in DIMENSIONS:
        if name in after and name not in new.rule.keys and before[name] is not after[name]:
            for submission in np.flatnonzero(before[name] != after[name]):
                yield np.arange(offsets[submission], offsets[submission + 1])
