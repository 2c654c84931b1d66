"""How budget lines move when some rows of a workbook change: what each line is more or less by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lines import DIMENSIONS
from engine.number import SPECIAL, Cells
from engine.plan import Key, Plan
from engine.ruleset import STATED, Form, LineRule, ValueType
from engine.workbook import Workbook

LineKey = tuple[str, ...]
_YEAR = DIMENSIONS.index("year")
Rows = NDArray[np.int64]


def line_moves(
    plan: Plan,
    workbooks: tuple[Workbook, Workbook],
    changed: Mapping[Key, Rows],
    values: Mapping[Key, tuple[Cells, Cells]],
) -> dict[LineKey, int]:
    """Line key → tiyn after minus before, where that is not 0. `values` are the kept columns' cells before and after in
    the rows that changed; a header that keys lines moves every row's."""
    before, after = workbooks
    moves: dict[LineKey, int] = {}
    for form in plan.ruleset.forms.values():
        for rule in form.lines:
            lines, key = _RuleLines(plan, form, rule, after), (form.name, rule.amount)
            if before.header is after.header and not lines.keyed and form.columns[rule.amount].formula is not None:
                found = lines.moved(changed[key], values[key]) if key in values else iter(())
            else:
                found = _replaced(lines, replace(lines, workbook=before), changed)
            for line, amount in found:
                moves[line] = moves.get(line, 0) + amount
    return {key: amount for key, amount in sorted(moves.items()) if amount}


def _replaced(new: _RuleLines, old: _RuleLines, changed: Mapping[Key, Rows]) -> Iterator[tuple[LineKey, int]]:
    """What rows no longer put in, and what they put in now: for rules whose keys may have changed too."""
    header = new.workbook.header is not old.workbook.header
    rows = _rows(new.plan, (new.form, new.rule), changed, (old.workbook, new.workbook) if header else None)
    for lines, sign in ((old, -1), (new, 1)) if rows.size else ():
        for key, amount in lines.of(rows):
            yield key, sign * amount


@dataclass(frozen=True, slots=True)
class _RuleLines:
    """The lines of one rule in one workbook."""

    plan: Plan
    form: Form
    rule: LineRule
    workbook: Workbook

    @property
    def keyed(self) -> bool:
        """Whether rows have keys of their own."""
        return any(text.startswith("=") for text in self.rule.keys.values())

    def of(self, rows: Rows) -> Iterator[tuple[LineKey, int]]:
        """Key and amount in tiyn of these rows' lines, rows of one submission and key together."""
        scale = 10 ** (2 - (self.form.columns[self.rule.amount].digits or 0))
        amounts = self._cells(self.rule.amount)[:, rows]
        amounts = np.where(amounts < SPECIAL, 0, amounts)
        own = {name: self._cells(text[1:])[:, rows] for name, text in self.rule.keys.items() if text.startswith("=")}
        owners = self.workbook.tables[self.plan.roots[self.form.name]].offsets
        for submission, at in _split(np.searchsorted(owners, rows, side="right") - 1):
            for y, year in enumerate(self.plan.years):
                for places in [[i] for i in at.tolist()] if own else [at]:
                    texts = {name: cells[y, places[0]] for name, cells in own.items()}
                    yield self._key(submission, year, texts), int(_summed(amounts[y, places])) * scale

    def moved(self, rows: Rows, cells: tuple[Cells, Cells]) -> Iterator[tuple[LineKey, int]]:
        """What rows whose keys stay the same put in more than before."""
        scale = 10 ** (2 - (self.form.columns[self.rule.amount].digits or 0))
        old, new = (np.where(part < SPECIAL, 0, part) for part in cells)
        offsets = self.workbook.tables[self.plan.roots[self.form.name]].offsets
        for submission, at in _split(np.searchsorted(offsets, rows, side="right") - 1):
            before, after = self._around_year(submission)
            for year, amount in zip(self.plan.years, _summed((new - old)[:, at]).tolist(), strict=True):
                if amount:
                    yield (*before, str(year), *after), amount * scale

    def _around_year(self, submission: int) -> tuple[LineKey, LineKey]:
        key = self._key(submission, 0, {})
        return key[:_YEAR], key[_YEAR + 1 :]

    def _key(self, submission: int, year: int, own: Mapping[str, Any]) -> LineKey:
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

    def _cells(self, name: str) -> NDArray[Any]:
        root = self.plan.roots[self.form.name]
        if self.form.columns[name].formula is None:
            cells = self.workbook.tables[self.form.name].columns[name]
        else:
            assert self.workbook.results is not None
            cells = self.workbook.results.columns[self.form.name, name]
        shape = (len(self.plan.years), self.workbook.tables[root].rows)
        return cells if cells.shape == shape else np.broadcast_to(cells, shape)


def _rows(
    plan: Plan, of: tuple[Form, LineRule], changed: Mapping[Key, Rows], workbooks: tuple[Workbook, Workbook] | None
) -> Rows:
    """The rows of a form whose line by this rule may have moved; `workbooks` only where their headers differ."""
    form, rule = of
    columns = [rule.amount, *(text[1:] for text in rule.keys.values() if text.startswith("="))]
    parts = [changed[form.name, name] for name in columns if (form.name, name) in changed]
    if workbooks is not None:
        parts += _of_moved_submissions(plan, of, workbooks)
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)


def _of_moved_submissions(
    plan: Plan, of: tuple[Form, LineRule], workbooks: tuple[Workbook, Workbook]
) -> Iterator[Rows]:
    (form, rule), (before, after) = of, workbooks
    offsets = after.tables[plan.roots[form.name]].offsets
    for name in DIMENSIONS:
        if name in after.header and name not in rule.keys and before.header[name] is not after.header[name]:
            for submission in np.flatnonzero(before.header[name] != after.header[name]):
                yield np.arange(offsets[submission], offsets[submission + 1])


def _summed(cells: Cells) -> NDArray[Any]:
    """The exact sums over the last axis of differences of cells, each below 2^54."""
    wide: NDArray[Any] = cells if cells.shape[-1] < 2**9 else cells.astype(object)
    return np.asarray(wide.sum(axis=-1))


def _split(owners: Rows) -> Iterator[tuple[int, Rows]]:
    for submission in dict.fromkeys(owners.tolist()):
        yield submission, np.flatnonzero(owners == submission)
