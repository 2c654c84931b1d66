"""Budget lines as columns of arrays, and what can be added up from them exactly.

A line says that an institution, programme, specific, year, … has an amount, in hundredths of the currency unit (tiyn).
`Lines` keeps each dimension as positions in a list of codes and the amounts as int64; where a sum could pass int64 the
amounts are Python's own integers, so that no total ever wraps. A cell that holds an error is no amount: it is left out
and counted, and the count goes up with the total ("incomplete").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.norms import Norms
from engine.number import BLANK, SPECIAL
from engine.ruleset import STATED, Form, LineRule, Ruleset, ValueType
from engine.workbook import Workbook

DIMENSIONS = (
    "institution", "administrator", "programme", "subprogramme", "specific", "kind", "year", "stage", "budget", "side",
)  # fmt: skip
"""What a line is keyed by, in the order in which keys are written."""

SUBMISSION = "submission"
"""The dimension of `lines_apart`."""

INT64_MAX = 2**63 - 1

Positions = NDArray[np.int64]
_Codes = tuple[tuple[str, ...], Positions]
"""A list of codes and positions in it."""
Amounts = NDArray[np.int64]
"""int64, or dtype object holding ints where int64 could not hold the sums."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A table of lines: `keys[d][i]` is line i's position in `labels[d]`; both have the same dimensions."""

    labels: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, Positions]
    amounts: Amounts
    incomplete: NDArray[np.int64]
    """Rows whose amount is an error and that are left out, for each line."""

    def __len__(self) -> int:
        return len(self.amounts)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that these lines have, in the order of their keys."""
        return tuple(self.keys)

    def key(self, line: int) -> tuple[str, ...]:
        """The codes of one line."""
        return tuple(self.labels[name][positions[line]] for name, positions in self.keys.items())

    def as_dict(self) -> dict[tuple[str, ...], int]:
        """Codes → amount of lines whose keys are distinct, such as a roll-up's."""
        return {self.key(i): int(self.amounts[i]) for i in range(len(self))}

    def left_out(self) -> dict[tuple[str, ...], int]:
        """Codes → rows that are left out, where there are any, of lines whose keys are distinct."""
        return {self.key(i): int(self.incomplete[i]) for i in np.flatnonzero(self.incomplete).tolist()}


@dataclass(frozen=True, slots=True)
class Difference:
    """A printed total that is not the sum of its parts; a side that does not exist at all is None."""

    level: tuple[str, ...]
    key: tuple[str, ...]
    printed: int | None
    summed: int | None

    @property
    def amount(self) -> int:
        """Sum of the parts minus the printed total."""
        return (self.summed or 0) - (self.printed or 0)


def lines_from(dimensions: Sequence[str], rows: Sequence[tuple[tuple[str, ...], int]]) -> Lines:
    """Lines of plain (codes, amount) rows, for whoever reads them from a file."""
    labels: dict[str, tuple[str, ...]] = {}
    keys: dict[str, Positions] = {}
    for i, name in enumerate(dimensions):
        codes = sorted({key[i] for key, _ in rows})
        at = {code: position for position, code in enumerate(codes)}
        labels[name], keys[name] = tuple(codes), np.array([at[key[i]] for key, _ in rows], np.int64)
    return Lines(labels, keys, _amounts([amount for _, amount in rows]), np.zeros(len(rows), np.int64))


def lines_of(ruleset: Ruleset, norms: Norms, workbook: Workbook) -> Lines:
    """The lines that all submissions of a recalculated workbook put in the budget, one for each distinct key."""
    return _all_lines(_source(ruleset, norms, workbook), DIMENSIONS)


def lines_apart(ruleset: Ruleset, norms: Norms, workbook: Workbook) -> Lines:
    """The same, not added up over submissions: the first dimension is the submission's number in the workbook."""
    source = _source(ruleset, norms, workbook)
    numbers = tuple(str(number) for number in range(workbook.submissions))
    header = {SUBMISSION: (numbers, np.arange(workbook.submissions)), **source.header}
    return _all_lines(replace(source, header=header), (SUBMISSION, *DIMENSIONS))


def keyed_rows(ruleset: Ruleset, norms: Norms, workbook: Workbook, rule: tuple[Form, LineRule]) -> Lines:
    """The key of each row's line by one rule of a form, year after year, before anything is added up; no amounts."""
    form, of = rule
    header = {name: _header_codes(ruleset, norms, workbook, name) for name in DIMENSIONS if name in workbook.header}
    source = _Source(ruleset, norms, workbook, header)
    offsets, years = _offsets(source, form), range(len(workbook.years))
    rows = int(offsets[-1])
    submission = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    own = {name: _row_codes(source, form, text[1:]) for name, text in of.keys.items() if text.startswith("=")}
    cut = [{name: (codes, _of_year(cells, y)) for name, (codes, cells) in own.items()} for y in years]
    each = [_Grouping(None, np.arange(rows), submission, keys) for keys in cut]
    keyed = {name: _line_codes(name, of, source, each) for name in DIMENSIONS}
    none = np.zeros(rows * len(years), np.int64)
    labels = {name: codes for name, (codes, _) in keyed.items()}
    return Lines(labels, {name: positions for name, (_, positions) in keyed.items()}, none, none)


def roll_up(lines: Lines, by: Sequence[str]) -> Lines:
    """The sums along any combination of dimensions, one line for each combination that occurs, in code order."""
    ranked = {name: _in_code_order(lines.labels[name], lines.keys[name]) for name in by}
    labels = {name: codes for name, (codes, _) in ranked.items()}
    order, starts = _groups([(positions, len(codes)) for codes, positions in ranked.values()], len(lines))
    first = order[starts]
    keys = {name: positions[first] for name, (_, positions) in ranked.items()}
    amounts = _widened(lines.amounts, len(lines))
    return Lines(labels, keys, _sum(amounts[order], starts), _sum(lines.incomplete[order], starts))


def joined(parts: Sequence[Lines]) -> Lines:
    """Several tables with the same dimensions as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return lines_from(DIMENSIONS, [])
    labels: dict[str, tuple[str, ...]] = {}
    keys: dict[str, Positions] = {}
    for name in parts[0].dimensions:
        labels[name], keys[name] = _united([(part.labels[name], part.keys[name]) for part in parts])
    amounts = np.concatenate([part.amounts for part in parts])
    incomplete = np.concatenate([part.incomplete for part in parts])
    return Lines(labels, keys, amounts, incomplete)


def delta(before: Lines, after: Lines) -> Lines:
    """What moved: for each key the amount (and the incomplete rows) after minus before, where either is not 0."""
    away = Lines(before.labels, before.keys, -before.amounts, -before.incomplete)
    moved = roll_up(joined([after, away]), after.dimensions)
    return _only(moved, np.flatnonzero((moved.amounts != 0) | (moved.incomplete != 0)))


def differences(parts: Lines, printed: Sequence[Lines]) -> list[Difference]:
    """Where printed totals disagree with their parts, level by level.

    `printed` goes from the top level down; the parts of a level are the next level's printed totals, the last one's are
    `parts`. Levels are keyed by paths (administrator, then administrator and programme): one programme code under two
    administrators is two programmes.
    """
    found: list[Difference] = []
    for level, below in zip(printed, [*printed[1:], parts], strict=True):
        total, summed = level.as_dict(), roll_up(below, level.dimensions).as_dict()
        unequal = [key for key in sorted(total.keys() | summed.keys()) if total.get(key) != summed.get(key)]
        found += [Difference(level.dimensions, key, total.get(key), summed.get(key)) for key in unequal]
    return found


@dataclass(frozen=True, slots=True)
class _Source:
    ruleset: Ruleset
    norms: Norms
    workbook: Workbook
    header: Mapping[str, _Codes]


def _source(ruleset: Ruleset, norms: Norms, workbook: Workbook) -> _Source:
    header = {name: _header_codes(ruleset, norms, workbook, name) for name in DIMENSIONS if name in workbook.header}
    return _Source(ruleset, norms, workbook, header)


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Rows of one form brought together by submission and by the keys that rows have themselves."""

    order: Positions | None
    """None: rows stand in order already, group after group."""
    starts: Positions
    submission: Positions
    """(groups,)"""
    keys: Mapping[str, _Codes]
    """(groups,) for each key of the rows"""


def _all_lines(source: _Source, dimensions: Sequence[str]) -> Lines:
    rules = [(rule, form) for form in source.ruleset.forms.values() for rule in form.lines]
    parts = [_rule_lines(rule, form, source, dimensions) for rule, form in rules]
    return roll_up(joined(parts) if parts else lines_from(dimensions, []), dimensions)


def _rule_lines(rule: LineRule, form: Form, source: _Source, dimensions: Sequence[str]) -> Lines:
    scale = 10 ** (2 - (form.columns[rule.amount].digits or 0))
    values, failed, largest = _amount_cells(source, form, rule.amount)
    if largest * values.shape[1] * scale > INT64_MAX:
        values = values.astype(object)
    own = {name: _row_codes(source, form, text[1:]) for name, text in rule.keys.items() if text.startswith("=")}
    groupings = _groupings(_offsets(source, form), own, len(values))
    keys = {name: _line_codes(name, rule, source, groupings) for name in dimensions}
    amounts = _sums(values, groupings) * scale
    return Lines(
        {name: codes for name, (codes, _) in keys.items()},
        {name: positions for name, (_, positions) in keys.items()},
        amounts,
        np.zeros(len(amounts), np.int64) if failed is None else _sums(failed, groupings),
    )


def _groupings(offsets: Positions, own: Mapping[str, _Codes], years: int) -> list[_Grouping]:
    """One grouping for each year; it is the same one unless a key differs by year."""
    if not own:
        full = np.flatnonzero(offsets[1:] > offsets[:-1])
        return [_Grouping(None, offsets[full], full, {})] * years
    if all(positions.ndim == 1 for _, positions in own.values()):
        return [_grouping(offsets, own)] * years
    cut = [{name: (codes, _of_year(cells, y)) for name, (codes, cells) in own.items()} for y in range(years)]
    return [_grouping(offsets, keys) for keys in cut]


def _grouping(offsets: Positions, own: Mapping[str, _Codes]) -> _Grouping:
    rows = int(offsets[-1])
    submission = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    packed = [(submission, len(offsets) - 1), *((positions, len(codes)) for codes, positions in own.values())]
    order, starts = _groups(packed, rows)
    first = order[starts]
    return _Grouping(order, starts, submission[first], {name: (codes, at[first]) for name, (codes, at) in own.items()})


def _sums(values: Amounts, groupings: Sequence[_Grouping]) -> Amounts:
    """The sums of all groups, year after year."""
    ordered = [row if of.order is None else row[of.order] for row, of in zip(values, groupings, strict=True)]
    return np.concatenate([_sum(row, of.starts) for row, of in zip(ordered, groupings, strict=True)])


def _line_codes(name: str, rule: LineRule, source: _Source, groupings: Sequence[_Grouping]) -> _Codes:
    """The codes of all the rule's lines, year after year, along one dimension."""
    counts = [len(grouping.starts) for grouping in groupings]
    if name == "year":
        return tuple(str(year) for year in source.workbook.years), np.repeat(np.arange(len(counts)), counts)
    if name in groupings[0].keys:
        return groupings[0].keys[name][0], np.concatenate([grouping.keys[name][1] for grouping in groupings])
    if name in source.header and name not in rule.keys:
        codes, positions = source.header[name]
        return codes, positions[np.concatenate([grouping.submission for grouping in groupings])]
    return (rule.keys.get(name, STATED.get(name, "")),), np.zeros(sum(counts), np.int64)


def _amount_cells(source: _Source, form: Form, name: str) -> tuple[Amounts, NDArray[np.int64] | None, int]:
    """The amounts for each year with 0 for those left out, 1 where one was (None if none was), and the largest."""
    column, held = form.columns[name], _cells(source, form, name)
    cells = np.broadcast_to(held, (len(source.workbook.years), held.shape[-1]))
    low = int(held.min()) if held.size else 0
    if low >= SPECIAL:
        return cells, None, max(-low, int(held.max())) if held.size else 0
    failed = cells < SPECIAL
    amounts = np.where(failed, 0, cells)
    if column.formula is None and column.optional:
        failed &= cells != BLANK
    return amounts, failed.astype(np.int64), _largest(amounts)


def _cells(source: _Source, form: Form, name: str) -> NDArray[Any]:
    if form.columns[name].formula is None:
        return source.workbook.tables[form.name].columns[name]
    results = source.workbook.results
    assert results is not None, "lines are of a recalculated workbook"
    return results.columns[form.name, name]


def _row_codes(source: _Source, form: Form, name: str) -> _Codes:
    return _codes(form.columns[name].type, source.norms, _cells(source, form, name))


def _header_codes(ruleset: Ruleset, norms: Norms, workbook: Workbook, name: str) -> _Codes:
    return _codes(ruleset.header[name].type, norms, workbook.header[name])


def _codes(of: ValueType, norms: Norms, cells: NDArray[Any]) -> _Codes:
    """Cells as positions in a list of codes; a blank or an error is the empty code."""
    if of.classification is None:
        texts = [cell if isinstance(cell, str) else "" for cell in cells.ravel()]
        codes = sorted(set(texts))
        at = {code: i for i, code in enumerate(codes)}
        return tuple(codes), np.array([at[text] for text in texts], np.int64).reshape(cells.shape)
    listed = norms.classifications[of.classification].codes
    return (*listed, ""), np.where(cells < 0, len(listed), cells)


def _offsets(source: _Source, form: Form) -> Positions:
    """Where each submission's rows begin; derived rows stand as those that they are derived from."""
    tables = source.workbook.tables
    while form.name not in tables and form.rows.kind == "each":
        form = source.ruleset.forms[form.rows.forms[0]]
    return tables[form.name].offsets


def _of_year(cells: Positions, year: int) -> Positions:
    return cells if cells.ndim == 1 else cells[year]


def _amounts(values: Sequence[int]) -> Amounts:
    fits = all(-INT64_MAX <= value <= INT64_MAX for value in values)
    return np.array(values, np.int64 if fits else object)


def _largest(amounts: Amounts) -> int:
    return max(-int(amounts.min()), int(amounts.max())) if amounts.size else 0


def _widened(amounts: Amounts, times: int) -> Amounts:
    """The amounts, as Python ints where the sum of so many of them could leave int64."""
    if amounts.dtype == object or not amounts.size:
        return amounts
    return amounts if _largest(amounts) * times <= INT64_MAX else amounts.astype(object)


def _sum(values: Amounts, starts: Positions) -> Amounts:
    return np.add.reduceat(values, starts) if len(starts) else values[:0]


def _in_code_order(codes: tuple[str, ...], positions: Positions) -> tuple[tuple[str, ...], Positions]:
    """The same codes sorted (those that occur, if lines are few), and the positions in them."""
    if len(codes) == 1:
        return codes, positions
    used = list(dict.fromkeys(positions.tolist())) if len(positions) < len(codes) else range(len(codes))
    in_order = sorted({codes[i] for i in used})
    at = {code: i for i, code in enumerate(in_order)}
    place = np.zeros(len(codes), np.int64)
    place[used] = [at[codes[i]] for i in used]
    return tuple(in_order), place[positions]


def _groups(keys: Sequence[tuple[Positions, int]], rows: int) -> tuple[Positions, Positions]:
    """An order that brings equal keys together, and where each group starts in it."""
    packed = np.zeros(rows, np.int64)
    room = 1
    for positions, count in keys:
        if room * max(count, 1) > INT64_MAX:
            packed, room = _dense(packed)
        packed, room = packed * count + positions, room * max(count, 1)
    order = np.argsort(packed, kind="stable")
    ordered = packed[order]
    new = np.ones(rows, bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return order, np.flatnonzero(new)


def _dense(packed: Positions) -> tuple[Positions, int]:
    """The same order of keys as numbers without gaps."""
    distinct, dense = np.unique(packed, return_inverse=True)
    return dense.astype(np.int64), len(distinct)


def _united(parts: Sequence[tuple[tuple[str, ...], Positions]]) -> tuple[tuple[str, ...], Positions]:
    """One list of codes for several, and all positions in it."""
    if all(codes is parts[0][0] or codes == parts[0][0] for codes, _ in parts):
        return parts[0][0], np.concatenate([positions for _, positions in parts])
    at: dict[str, int] = {}
    moved = []
    for codes, positions in parts:
        place = np.array([at.setdefault(code, len(at)) for code in codes], np.int64)
        moved.append(place[positions] if len(positions) else positions)
    return tuple(at), np.concatenate(moved)


def _only(lines: Lines, chosen: Positions) -> Lines:
    keys = {name: positions[chosen] for name, positions in lines.keys.items()}
    return Lines(lines.labels, keys, lines.amounts[chosen], lines.incomplete[chosen])


Totals = dict[tuple[str, str, str], int]
"""(administrator, specific, year) → tiyn; an empty administrator is the republic, an empty specific all of them."""


def totals_of(lines: Lines) -> Totals:
    """The totals that people look at, at every level from the administrator's specific up to the republic's year."""
    totals: Totals = {}
    advanced(totals, roll_up(lines, DIMENSIONS).as_dict())
    return totals


def advanced(totals: Totals, moved: Mapping[tuple[str, ...], int]) -> None:
    """Add lines, or how lines moved, to the totals above them, in place."""
    for key, amount in moved.items():
        administrator, specific, year = key[_ADMINISTRATOR], key[_SPECIFIC], key[_YEAR]
        for above in ((administrator, specific, year), (administrator, "", year), ("", specific, year), ("", "", year)):
            totals[above] = totals.get(above, 0) + amount


_ADMINISTRATOR, _SPECIFIC, _YEAR = (DIMENSIONS.index(name) for name in ("administrator", "specific", "year"))
