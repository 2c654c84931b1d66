"""The budget as pandas tables, for notebooks: exact figures in, exact figures out.

Every number is a `decimal.Decimal` at its column's digits (money of lines in tenge with two), kept as objects: sums,
differences and products stay exact, and whoever mixes one with a float is told so by Python. A blank is None, a cell
that holds an error is the error's name as text, so that nobody adds it up unawares. Codes are texts; `titles` gives
their names in a language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.commands.calculate import prepared
from api.commands.scenario import ruleset_of
from api.terminal import Terminal
from engine.evaluation import Evaluation
from engine.findings import LANGUAGES, Finding
from engine.groups import owners_of
from engine.lines import Lines, roll_up
from engine.number import BLANK, ERROR_OF_CELL, decimal_text, from_serial
from engine.ruleset import Column, Form, HeaderField
from engine.scenario import State, applied, explained, read_scenario, state_of

Titles = Mapping[str, Mapping[str, str]]
"""Dimension or classification → code → title."""
MONEY_DIGITS = 2


def load(size: str = "demo", ruleset: str = "budget-request", known: date | None = None) -> State:
    """A calculated republic, as `esep calculate` makes it."""
    plan, workbook, found = prepared(Terminal(), size, ruleset)
    if plan is None or workbook is None:
        raise ValueError(_told(found))
    return state_of(plan, replace(workbook, known=known))


def what_if(base: State, path: str | Path) -> tuple[State, Lines]:
    """A scenario of a file over a base: the state under it, and what moved as lines with `cause` and `subject`."""
    scenario, found = read_scenario(Path(path))
    if scenario is None:
        raise ValueError(_told(found))
    ruleset, found = ruleset_of(Path(path), scenario, base.ruleset.name)
    if scenario.has_ruleset and ruleset is None:
        raise ValueError(_told(found))
    state, found = applied(base, scenario, ruleset)
    if state is None:
        raise ValueError(_told(found))
    return state, why(base, state)


def why(before: State, after: State) -> Lines:
    """What moved between any two states, as lines with the further dimensions `cause` and `subject`."""
    explanation, found = explained(before, after)
    if explanation is None:
        raise ValueError(_told(found))
    return explanation.table()


def frame(state: State, form: str, months: bool = False) -> pd.DataFrame:
    """A form's rows of all submissions, a line for each row and plan year, or with `months` for each month with the
    monthly columns. Before the form's columns stand the header's fields, `row` from 1, and `year`."""
    declared = state.ruleset.forms[form]
    table, years = state.workbook.tables[state.plan.roots[form]], state.plan.years
    owners = owners_of(table)
    row = np.arange(table.rows) - table.offsets[:-1][owners] + 1
    moments = len(years) * (12 if months else 1)
    columns: dict[str, Any] = {}
    for field in state.ruleset.header.values():
        columns[field.name] = np.tile(_cells(state, field, state.workbook.header[field.name])[owners], moments)
    columns["row"] = np.tile(row, moments)
    columns["year"] = np.repeat(np.array(years), table.rows * (moments // len(years)))
    if months:
        columns["month"] = np.tile(np.repeat(np.arange(1, 13), table.rows), len(years))
    for column, cells in _of_form(state, declared, months):
        columns[column.name] = _cells(state, column, cells).reshape(-1)
    return pd.DataFrame(columns)


def pivot(
    lines: Lines,
    index: str | Sequence[str],
    columns: str | Sequence[str] = (),
    values: str = "amount",
    titles: Titles | None = None,
) -> pd.DataFrame:
    """Sums of lines along any of their dimensions: `values` is `amount`, in tenge, or `incomplete`, rows left out. With
    titles each code of the index is followed by its title. What does not occur is 0."""
    down, across = _names(index), _names(columns)
    rolled = roll_up(lines, [*down, *across])
    cells = (
        [Decimal(decimal_text(int(a), MONEY_DIGITS)) for a in rolled.amounts]
        if values == "amount"
        else rolled.incomplete
    )
    keys = [rolled.key(i) for i in range(len(rolled))]
    rows, heads = (list(dict.fromkeys(sorted(key[part] for key in keys))) for part in _parts(down))
    held = dict(zip(keys, cells, strict=True))
    zero: Any = Decimal(decimal_text(0, MONEY_DIGITS)) if values == "amount" else 0
    body = [[held.get((*row, *head), zero) for head in heads] for row in rows]
    told = [_with_titles(row, down, titles) for row in rows]
    names = [name for dimension in down for name in _with_title_name(dimension, titles)]
    made = pd.DataFrame(body, index=_index(told, names), dtype=object)
    made.columns = _index([tuple(head) for head in heads], across) if across else pd.Index([values])
    return made


def titles(state: State, language: str = "en") -> Titles:
    """The titles of all codes in a language, or in the first that has one."""
    order = (language, *LANGUAGES)
    return {
        name: {
            code: next((title[each] for each in order if title.get(each)), "")
            for code, title in zip(listed.codes, listed.titles, strict=True)
        }
        for name, listed in state.norms.classifications.items()
    }


def _of_form(state: State, form: Form, months: bool) -> Iterator[tuple[Column, NDArray[Any]]]:
    """Columns with their cells, (years, rows) or (years × 12, rows)."""
    results, years = state.workbook.results, len(state.plan.years)
    assert results is not None, "frames are of a calculated state"
    table = state.workbook.tables[state.plan.roots[form.name]]
    for column in form.columns.values():
        key = form.name, column.name
        if column.per_month != months:
            continue
        if column.formula is None:
            cells = state.workbook.tables[form.name].columns[column.name]
            yield column, np.broadcast_to(cells, (years, table.rows))
        elif months:
            evaluation = Evaluation(state.plan, state.workbook)
            evaluation.stored = dict(results.columns)
            yield column, evaluation.months(key, np.arange(table.rows)).reshape(years * 12, table.rows)
        else:
            yield column, results.columns[key]


def _cells(state: State, declared: Column | HeaderField, cells: NDArray[Any]) -> NDArray[Any]:
    """Cells as Python's own values, each distinct one made once."""
    if cells.dtype == object:
        return cells
    distinct, places = np.unique(cells, return_inverse=True)
    made = np.empty(distinct.size, dtype=object)
    made[:] = [_value(state, declared, cell) for cell in distinct.tolist()]
    values: NDArray[Any] = made[places.reshape(cells.shape)]
    return values


def _value(state: State, declared: Column | HeaderField, cell: int) -> object:
    if cell == BLANK or cell in ERROR_OF_CELL:
        return ERROR_OF_CELL.get(cell)
    match declared.type.kind:
        case "code":
            codes = state.norms.classifications[declared.type.classification or ""].codes
            return codes[cell] if cell >= 0 else None
        case "date":
            return from_serial(cell)
        case "bool":
            return bool(cell)
    return Decimal(decimal_text(cell, declared.digits or 0))


def _names(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _parts(down: Sequence[str]) -> tuple[slice, slice]:
    return slice(0, len(down)), slice(len(down), None)


def _with_titles(row: Sequence[str], down: Sequence[str], told: Titles | None) -> tuple[str, ...]:
    pairs = zip(row, down, strict=True)
    return tuple(word for code, name in pairs for word in _named(code, told.get(name) if told else None))


def _named(code: str, known: Mapping[str, str] | None) -> tuple[str, ...]:
    return (code,) if known is None else (code, known.get(code, ""))


def _with_title_name(dimension: str, told: Titles | None) -> tuple[str, ...]:
    return (dimension, f"{dimension}_title") if told and dimension in told else (dimension,)


def _index(keys: Sequence[tuple[str, ...]], names: Sequence[str]) -> pd.Index:
    if len(names) == 1:
        return pd.Index([key[0] for key in keys], name=names[0])
    return pd.MultiIndex.from_tuples(keys, names=list(names))


def _told(found: Sequence[Finding]) -> str:
    return "\n".join(str(one) for one in found)
