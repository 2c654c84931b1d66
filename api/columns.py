"""The columns of a submission that is held, and their sums: what a form, a delta and the page's rail of forms tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.store.held import Held
from engine.check.norms import norms_read
from engine.evaluation import Evaluation
from engine.norms import Norms, NormValue, current
from engine.number import BLANK, SPECIAL
from engine.ruleset import Column, Formula
from engine.slots import Cut
from engine.workbook import Results

TIYN_DIGITS = 2
_INT64_SAFE = 2**62
_ACTS_TOLD = 3
"""A norm keyed by hundreds of codes may have as many sources."""
Sums = Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]]
"""Form and column → what `sums_of` tells of it."""
_UNCHECKED: dict[tuple[str, str, tuple[int, ...]], bool] = {}
"""By digest of the norms, name and years; norms that were published never change."""


def cells_of(held: Held, form: str, column: Column) -> NDArray[Any]:
    """A column's cells: (rows,) or (years, rows) or (years, 12, rows)."""
    key = (form, column.name)
    if column.formula is None or column.name in held.plan.ruleset.forms[form].rows.by:
        return _inputs(held, form, column)
    results = held.workbook.results
    assert isinstance(results, Results), "a submission that is held has been recalculated"
    if key in results.columns:
        return results.columns[key]
    evaluation = Evaluation(held.plan, held.workbook)
    evaluation.stored = dict(results.columns)
    rows = held.workbook.tables[held.plan.roots[form]].rows
    return evaluation.months(key, np.arange(rows))


def _inputs(held: Held, form: str, column: Column) -> NDArray[Any]:
    table = held.workbook.tables[form]
    if column.name in table.columns:
        return table.columns[column.name]
    text = column.type.kind == "text"
    return np.full(
        held.workbook.tables[held.plan.roots[form]].rows, None if text else BLANK, object if text else np.int64
    )


def is_doubtful(held: Held, formula: Formula) -> bool:
    """Whether a formula looks up norms of which some value of the plan years was not checked against its act."""
    norms, years = held.plan.norms, held.plan.years
    return any(_unchecked(norms, name, years) for name in _names(norms, formula))


def norms_of(held: Held, formula: Formula) -> list[dict[str, Any]]:
    """The norms that a formula looks up, each with the acts that its values of the plan years name."""
    norms, years = held.plan.norms, held.plan.years
    told = []
    for name in _names(norms, formula):
        acts = dict.fromkeys(value.source for value in _in_force(norms, name, years) if value.source)
        told.append({"norm": name, "title": norms.norms[name].title, "acts": list(acts)[:_ACTS_TOLD]})
    return told


def sums_of(held: Held, form: str, column: Column) -> dict[str, Any]:
    """year → the sum of a column's numbers as text, and how many rows are left out because they are errors."""
    years, cells = held.plan.years, cells_of(held, form, column)
    by_year = cells.reshape(len(cells) if cells.ndim > 1 else 1, -1)
    failed, left_out = by_year < SPECIAL, [0] * len(by_year)
    sums = _sums_kept(held, form, column)
    if np.count_nonzero(failed):
        wrong = failed & (by_year != BLANK) if column.formula is None and column.optional else failed
        left_out = np.count_nonzero(wrong, axis=1).tolist()
        by_year = by_year if sums else np.where(failed, 0, by_year)
    sums = sums or _added(by_year)
    told = [{"sum": str(one), "incomplete": left} for one, left in zip(sums, left_out, strict=True)]
    return {str(year): told[i if len(told) > 1 else 0] for i, year in enumerate(years)}


def amounts_by_form(held: Held, known: Sums = MappingProxyType({})) -> dict[str, Sequence[int]]:
    """form → what it puts in the budget in each year, in tiyn; what sums are `known` already is not added up again."""
    for form in held.plan.ruleset.forms:
        if form not in held.amounts:
            held.amounts[form] = _amounts_of_form(held, form, known)
    return {form: held.amounts[form] for form in held.plan.ruleset.forms if held.amounts[form]}


def added_up(held: Held, forms: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """year → what all forms together put in the budget, in tiyn as text."""
    return by_year_of(held, [sum(year) for year in zip(*forms.values(), strict=True)] or [0] * len(held.plan.years))


def by_year_of(held: Held, amounts: Sequence[int]) -> dict[str, str]:
    """year → an amount as text."""
    return {str(year): str(amount) for year, amount in zip(held.plan.years, amounts, strict=True)}


def _amounts_of_form(held: Held, form: str, known: Sums) -> list[int]:
    """What a form puts in the budget in each year, in tiyn; nothing where it puts nothing."""
    declared, total = held.plan.ruleset.forms[form], [0] * len(held.plan.years)
    for column in (declared.columns[line.amount] for line in declared.lines):
        sums, scale = known.get((form, column.name)), 10 ** (TIYN_DIGITS - (column.digits or 0))
        sums = sums_of(held, form, column) if sums is None else sums
        total = [one + int(of["sum"]) * scale for one, of in zip(total, sums.values(), strict=True)]
    return total if declared.lines else []


def moved_sums(held: Held, keys: Iterable[tuple[str, str]], reshaped: Iterable[str]) -> dict[str, Any]:
    """The sums of the columns that an action reached and that have any, and what the forms put in the budget now."""
    forms, whole = held.plan.ruleset.forms, set(reshaped)
    columns = {key for key in keys if key[0] in forms}
    columns |= {(name, column) for name in whole for column in forms[name].columns}
    sums = {
        (form, column): sums_of(held, form, forms[form].columns[column])
        for form, column in sorted(columns)
        if forms[form].columns[column].total
    }
    reached = sorted({form for form, column in columns if column in {line.amount for line in forms[form].lines}})
    all_forms = amounts_by_form(held, sums)
    return {
        "sums": [{"form": form, "column": column, "years": years} for (form, column), years in sums.items()],
        "amounts": [{"form": form, "years": by_year_of(held, all_forms[form])} for form in reached],
        "whole": added_up(held, all_forms),
    }


def _sums_kept(held: Held, form: str, column: Column) -> list[int] | None:
    """The sum of a computed column in each year, an error counting as 0, where an edit left it behind."""
    columns = held.workbook.results.columns if held.workbook.results is not None else None
    return columns.sums((form, column.name)) if isinstance(columns, Cut) and column.formula is not None else None


def _added(cells: NDArray[Any]) -> list[int]:
    """The exact sum of each line of cells, by the processor where no sum on the way could pass what it holds."""
    largest = max(int(cells.max(initial=0)), -int(cells.min(initial=0)))
    alone = largest * cells.shape[1] < _INT64_SAFE
    return cells.sum(axis=1).tolist() if alone else [sum(line) for line in cells.tolist()]


def _names(norms: Norms, formula: Formula) -> list[str]:
    """The norms that a formula looks up, in its order; one that is not published yet is left out."""
    return list(dict.fromkeys(name for name, _ in norms_read(formula) if name in norms.norms))


def _unchecked(norms: Norms, name: str, years: tuple[int, ...]) -> bool:
    known = _UNCHECKED.get((norms.digest, name, years))
    if known is None:
        known = any(value.verified != "published" for value in _in_force(norms, name, years))
        _UNCHECKED[norms.digest, name, years] = known
    return known


def _in_force(norms: Norms, name: str, years: tuple[int, ...]) -> Iterator[NormValue]:
    """The values of a norm, whatever their keys, on the first day of each year."""
    alike: dict[tuple[object, ...], list[NormValue]] = {}
    for value in norms.norms[name].values:
        alike.setdefault(value.keys, []).append(value)
    for values in alike.values():
        for year in years:
            yield from current(values, date(year, 1, 1), None)[:1]
