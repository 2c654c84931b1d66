"""The columns of a submission that is held, and their sums: what a form, a delta and the page's rail of forms tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.store.held import Held
from engine.check.norms import norms_read
from engine.evaluation import Evaluation
from engine.norms import Norms, NormValue, current
from engine.number import BLANK, SPECIAL
from engine.ruleset import Column, Formula
from engine.workbook import Results

TIYN_DIGITS = 2
_INT64_SAFE = 2**62
_ACTS_TOLD = 3
"""A norm keyed by hundreds of codes may have as many sources."""
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
    low, high = int(by_year.min(initial=0)), int(by_year.max(initial=0))
    if low >= SPECIAL:
        sums, left_out = _added(by_year, max(high, -low)), [0] * len(by_year)
    else:
        failed = by_year < SPECIAL
        wrong = failed & (by_year != BLANK) if column.formula is None and column.optional else failed
        fine = np.where(failed, 0, by_year)
        sums, left_out = _added(fine, max(high, -int(fine.min()))), wrong.sum(axis=1).tolist()
    told = [{"sum": str(one), "incomplete": left} for one, left in zip(sums, left_out, strict=True)]
    return {str(year): told[i if len(told) > 1 else 0] for i, year in enumerate(years)}


def amounts_of_form(held: Held, form: str) -> dict[str, str]:
    """year → what a form puts in the budget, in tiyn as text; nothing where it puts nothing."""
    declared = held.plan.ruleset.forms[form]
    amounts = [declared.columns[line.amount] for line in declared.lines]
    if not amounts:
        return {}
    sums = [(sums_of(held, form, column), 10 ** (TIYN_DIGITS - (column.digits or 0))) for column in amounts]
    return {str(year): str(sum(int(of[str(year)]["sum"]) * scale for of, scale in sums)) for year in held.plan.years}


def amounts_by_form(held: Held) -> dict[str, dict[str, str]]:
    """form → year → what it puts in the budget, in tiyn as text."""
    for form in held.plan.ruleset.forms:
        if form not in held.amounts:
            held.amounts[form] = amounts_of_form(held, form)
    return {form: held.amounts[form] for form in held.plan.ruleset.forms if held.amounts[form]}


def added_up(held: Held, forms: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """year → what all forms together put in the budget, in tiyn as text."""
    return {str(year): str(sum(int(one[str(year)]) for one in forms.values())) for year in held.plan.years}


def moved_sums(held: Held, keys: Iterable[tuple[str, str]], reshaped: Iterable[str]) -> dict[str, Any]:
    """The sums of the columns that an action reached and that have any, and what the forms put in the budget now."""
    forms, whole = held.plan.ruleset.forms, set(reshaped)
    columns = {key for key in keys if key[0] in forms}
    columns |= {(name, column) for name in whole for column in forms[name].columns}
    sums = [
        {"form": form, "column": column, "years": sums_of(held, form, forms[form].columns[column])}
        for form, column in sorted(columns)
        if forms[form].columns[column].total
    ]
    reached = sorted({form for form, column in columns if column in {line.amount for line in forms[form].lines}})
    all_forms = amounts_by_form(held)
    amounts = [{"form": form, "years": all_forms[form]} for form in reached]
    return {"sums": sums, "amounts": amounts, "whole": added_up(held, all_forms)}


def _added(cells: NDArray[Any], largest: int) -> list[int]:
    """The exact sum of each line of cells, none greater than that, by the processor where no sum on the way could pass
    what it holds."""
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
