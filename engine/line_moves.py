"""How budget lines move when some rows of a workbook change: what each line is more or less by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lines import DIMENSIONS
from engine.number import BLANK, SPECIAL
from engine.plan import Key, Plan
from engine.route import Rule, columns_of
from engine.ruleset import STATED, Form, ValueType
from engine.slots import Moved, amounts, moved
from engine.workbook import Workbook

LineKey = tuple[str, ...]
Moves = tuple[dict[LineKey, int], dict[LineKey, int]]
"""How lines moved, in tiyn and in rows that are left out."""
Changed = Mapping[Key, tuple[Moved, slice]]
"""Inputs and kept columns that are others now, each with its slots."""
LineKeys = dict[tuple[int, int], list[LineKey]]
_Sums = tuple[Sequence[LineKey], Sequence[int]]
"""Lines of some years, and by how much the amount of each is more."""
_YEAR = DIMENSIONS.index("year")
Rows = NDArray[np.int64]


def line_moves(plan: Plan, workbooks: tuple[Workbook, Workbook], changed: Changed) -> Moves:
    """Line key → after minus before, where that is not 0: tiyn, and rows that are left out because of errors. A header
    that keys lines moves every row's."""
    before, after = workbooks
    moves: dict[LineKey, int] = {}
    left_out: dict[LineKey, int] = {}
    rules, header = plan.route.rules, before.header is not after.header
    now = _Header.of(plan, after)
    for at in range(len(rules)) if header else sorted({at for key in changed for at in plan.route.lines.get(key, ())}):
        lines = _RuleLines(at, rules[at], now)
        if header or not rules[at].keyed_by.isdisjoint(changed):
            then = replace(lines, header=_Header.of(plan, before))
            _add(moves, _replaced(lines, then, changed))
            _add(left_out, _replaced(replace(lines, counts=True), replace(then, counts=True), changed))
        else:
            what, slots = changed[rules[at].amount]
            _add(moves, lines.moved(what, slots))
            if not what.whole:
                _add(left_out, replace(lines, counts=True).moved(lines.failures(what.part(slots))))
    return _ordered(moves), _ordered(left_out)


def _add(to: dict[LineKey, int], found: Iterable[tuple[LineKey, int]]) -> None:
    for line, more in found:
        to[line] = to.get(line, 0) + more


def _ordered(moves: dict[LineKey, int]) -> dict[LineKey, int]:
    return {key: moves[key] for key in sorted(moves) if moves[key]}


def _replaced(new: _RuleLines, old: _RuleLines, changed: Changed) -> Iterator[tuple[LineKey, int]]:
    """What rows no longer put in, and what they put in now: for rules whose keys may have changed too."""
    names = [(new.form.name, name) for name in columns_of(new.of.rule)]
    parts = [changed[key][0].rows for key in names if key in changed]
    if new.header.workbook.header is not old.header.workbook.header:
        parts += _of_moved_submissions(new, old)
    rows = np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
    for lines, sign in ((old, -1), (new, 1)) if rows.size else ():
        more = sign * lines.worth(lines.cells(lines.of.rule.amount)[:, rows])
        yield from lines.moved(moved(lines.offsets, rows, (np.zeros_like(more), more)))


@dataclass(slots=True)
class _Header:
    """What the header of a workbook says of the lines of each submission."""

    plan: Plan
    workbook: Workbook
    years: tuple[str, ...]
    line_keys: LineKeys
    _known: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, workbook: Workbook) -> _Header:
        """That of a workbook."""
        known = {} if workbook.results is None else workbook.results.line_keys
        return cls(plan, workbook, tuple(map(str, plan.years)), known)

    def codes(self, submission: int) -> list[str]:
        """Of all dimensions, where no rule says otherwise."""
        if submission not in self._known:
            fields, cells = self.plan.ruleset.header, self.workbook.header
            named = {n: self.code(fields[n].type, cells[n][submission]) for n in DIMENSIONS if n in cells}
            self._known[submission] = [named.get(name, STATED.get(name, "")) for name in DIMENSIONS]
        return self._known[submission]

    def code(self, of: ValueType, cell: Any) -> str:
        """A cell as a line's key has it."""
        if of.classification is None:
            return cell if isinstance(cell, str) else ""
        return self.plan.norms.classifications[of.classification].codes[int(cell)] if cell >= 0 else ""


@dataclass(frozen=True, slots=True)
class _RuleLines:
    """The lines of one rule in one workbook: what rows put in, or with `counts` how many put in an error."""

    at: int
    """Among the rules."""
    of: Rule
    header: _Header
    counts: bool = False

    @property
    def form(self) -> Form:
        """The form whose rows put something in."""
        return self.of.form

    @property
    def offsets(self) -> Rows:
        """Where each submission's rows begin."""
        return self.header.workbook.tables[self.header.plan.roots[self.form.name]].offsets

    def moved(self, what: Moved, slots: slice = slice(None)) -> Iterator[tuple[LineKey, int]]:
        """Key and amount in tiyn of what rows whose keys stay the same put in more than before."""
        scale, own = 1 if self.counts else self.of.scale, bool(self.of.own)
        for keys, sums in self._by_rows(what.part(slots)) if own else self._by_submission(what, slots):
            for key, amount in zip(keys, sums, strict=True):
                if amount:
                    yield key, amount * scale

    def worth(self, cells: NDArray[Any]) -> NDArray[Any]:
        """What cells of the amount count as."""
        if not self.counts:
            return amounts(cells)
        declared = self.form.columns[self.of.rule.amount]
        failed = cells < SPECIAL
        if declared.formula is None and declared.optional:
            failed &= cells != BLANK
        return failed.astype(np.int64)

    def failures(self, what: Moved) -> Moved:
        """The same rows, 1 where the amount is an error and 0 elsewhere."""
        counting = replace(self, counts=True)
        return moved(self.offsets, what.rows, (counting.worth(what.old), counting.worth(what.new)))

    def _by_submission(self, what: Moved, slots: slice) -> Iterator[_Sums]:
        known = self.header.line_keys
        for submission, sums in zip(what.submissions.tolist(), what.sums[slots].T.tolist(), strict=True):
            if (self.at, submission) not in known:
                known[self.at, submission] = self._keys(submission, {})
            yield known[self.at, submission], sums

    def _by_rows(self, what: Moved) -> Iterator[_Sums]:
        """Row by row; where the keys of a row differ by year, year by year."""
        more = (amounts(what.new) - amounts(what.old)).T.tolist()
        own = {name: self.cells(column)[:, what.rows].T.tolist() for name, column in self.of.own.items()}
        for at, submission in enumerate((self.offsets.searchsorted(what.rows, "right") - 1).tolist()):
            if not any(more[at]):
                continue
            if all(cells[at].count(cells[at][0]) == len(cells[at]) for cells in own.values()):
                yield self._keys(submission, {name: cells[at][0] for name, cells in own.items()}), more[at]
                continue
            for year, amount in enumerate(more[at]):
                keys = self._keys(submission, {name: cells[at][year] for name, cells in own.items()})
                yield keys[year : year + 1], [amount]

    def _keys(self, submission: int, own: Mapping[str, Any]) -> list[LineKey]:
        """The lines of each year."""
        key, columns = self.header.codes(submission).copy(), self.form.columns
        for at, code in self.of.fixed:
            key[at] = code
        for name, cell in own.items():
            key[DIMENSIONS.index(name)] = self.header.code(columns[self.of.own[name]].type, cell)
        return [(*key[:_YEAR], year, *key[_YEAR + 1 :]) for year in self.header.years]

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
        if name in after and name not in new.of.rule.keys and before[name] is not after[name]:
            for submission in np.flatnonzero(before[name] != after[name]):
                yield np.arange(offsets[submission], offsets[submission + 1])
