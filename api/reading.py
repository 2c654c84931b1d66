"""What is read of a submission: what it is, what a form holds, why a figure is so, what happened to a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api import wire
from api.columns import added_up, amounts_by_form, by_year_of, cells_of, is_doubtful, norms_of, sums_of
from api.problems import Problem
from api.store.held import Held, Payload
from api.stories import story
from engine.explain import explain
from engine.explain.words import sentences
from engine.findings import LANGUAGES, Cell, finding
from engine.formula import print_formula
from engine.ruleset import Column, Form, ValueType
from engine.text.nearest import nearest

_COLUMNS: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
_HELP: dict[tuple[str, str, str], dict[str, Any]] = {}


def submission_of(held: Held) -> dict[str, Any]:
    """The header with its values, the forms with their columns and how many rows each has, and the names of units."""
    ruleset, norms = held.plan.ruleset, held.plan.norms
    header = [
        {"name": name, "title": field.title, "type": _type(field.type), "digits": field.digits}
        | {"value": wire.value(held.workbook.header[name][0], field.type, norms)}
        for name, field in ruleset.header.items()
    ]
    amounts = amounts_by_form(held)
    forms = [
        _form(held, form) | {"amounts": by_year_of(held, amounts[form.name]) if form.name in amounts else {}}
        for form in ruleset.forms.values()
    ]
    whose = {"name": ruleset.name, "version": ruleset.version, "title": ruleset.title, "digest": ruleset.digest}
    return {
        "ruleset": whose,
        "years": list(held.plan.years),
        "header": header,
        "forms": forms,
        "whole": added_up(held, amounts),
        "units": {name: dict(title) for name, title in norms.units.items()},
    }


def form_of(held: Held, name: str, rows: tuple[int, int], months: Sequence[str]) -> dict[str, Any]:
    """Some rows (first, count) of a form: their numbers and, column by column, their values."""
    form, root = held.plan.ruleset.forms[name], held.plan.roots[name]
    total = held.workbook.tables[root].rows
    places = range(min(rows[0], total), min(rows[0] + rows[1], total))
    at = np.arange(places.start, places.stop)
    unknown = [column for column in months if column not in form.columns]
    if unknown:
        raise Problem(
            [finding("column-unknown", Cell(0, name), got=unknown[0], expected=nearest(unknown[0], form.columns))]
        )
    shown = [c for c in form.columns.values() if not c.per_month or c.name in months]
    return {
        "form": name,
        "revision": held.revision,
        "rows": held.numbers(name, places),
        "total_rows": total,
        "columns": {column.name: _values(held, name, column, at) for column in shown},
        "totals": {column.name: sums_of(held, name, column) for column in shown if column.total},
    }


def help_of(held: Held, name: str) -> dict[str, Any]:
    """What a form and its columns mean: their help, their formulas in each language, the norms read and their acts."""
    form = held.plan.ruleset.forms[name]
    key = _made_by(held, form)
    if key not in _HELP:
        columns = [_column_help(held, column) for column in form.columns.values()]
        _HELP[key] = {"form": name, "help": form.help, "basis": form.basis, "columns": columns}
    return _HELP[key]


def explained(held: Held, form: str, column: str, row: int, when: tuple[int, int | None]) -> dict[str, Any]:
    """The story of a cell, as parts and in words."""
    columns, place, (year, month) = held.plan.ruleset.forms[form].columns, held.place(form, row), when
    if column not in columns:
        raise Problem([finding("column-unknown", Cell(0, form), got=column, expected=nearest(column, columns))])
    if place is None:
        raise Problem([finding("row-gone", Cell(0, form, column), row=row)])
    if year not in held.plan.years or (month is not None and not (1 <= month <= 12 and columns[column].per_month)):
        raise Problem([finding("cell-not-monthly", Cell(0, form, column), column=column)])
    ruleset, norms = held.plan.ruleset, held.plan.norms
    step = explain(ruleset, norms, held.workbook, Cell(0, form, column, place, year, month))
    told = {language: sentences(step, ruleset, norms, language) for language in LANGUAGES}
    return {"revision": held.revision, "cell": story(step, held.number), "text": told}


def concerning(action: str, payload: Payload, cell: tuple[str | None, int | None, str | None]) -> Payload | None:
    """What of an action concerns a form, a row of it or a cell (None: whichever); None where nothing does."""
    form, row, column = cell
    if action not in ("cells", "before"):
        concerned = form is None or (payload.get("form") == form and (row is None or row in payload.get("rows", ())))
        return payload if concerned and column is None else None
    wanted = (form, row, column)
    found = [
        one
        for one in payload["cells"]
        if all(part is None or part == of for part, of in zip(wanted, one[:3], strict=True))
    ]
    return {**payload, "cells": found} if found else None


def _form(held: Held, form: Form) -> dict[str, Any]:
    return {
        "name": form.name,
        "code": form.code,
        "title": form.title,
        "rows": held.workbook.tables[held.plan.roots[form.name]].rows,
        "kind": form.rows.kind,
        "columns": _columns(held, form),
    }


def _columns(held: Held, form: Form) -> list[dict[str, Any]]:
    """What a ruleset and norms that are published say of a form's columns never changes: it is made once."""
    key = _made_by(held, form)
    if key not in _COLUMNS:
        _COLUMNS[key] = [_column(held, column, form) for column in form.columns.values()]
    return _COLUMNS[key]


def _column(held: Held, column: Column, form: Form) -> dict[str, Any]:
    return {
        "name": column.name,
        "title": column.title,
        "type": _type(column.type),
        "digits": column.digits,
        "by_year": column.by_year,
        "per_month": column.per_month,
        "optional": column.optional,
        "input": column.formula is None and column.name not in form.rows.by,
        "total": column.total,
        "doubtful": column.formula is not None and is_doubtful(held, column.formula),
    }


def _column_help(held: Held, column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "help": column.help,
        "formula": column.formula.text if column.formula else None,
        "formulas": _formulas(column),
        "norms": norms_of(held, column.formula) if column.formula else [],
    }


def _made_by(held: Held, form: Form) -> tuple[str, str, str]:
    """What decides all that is told of a form but its cells."""
    return held.plan.ruleset.digest, held.plan.norms.digest, form.name


def _formulas(column: Column) -> dict[str, str] | None:
    """A formula as it is written in each language."""
    if column.formula is None:
        return None
    return {language: print_formula(column.formula.tree, language) for language in LANGUAGES}


def _type(type_: ValueType) -> dict[str, Any]:
    unit = type_.unit.declared if type_.kind == "number" else None
    return {"kind": type_.kind, "classification": type_.classification, "unit": unit}


def _values(held: Held, form: str, column: Column, at: NDArray[np.int64]) -> Any:
    """A list a row; by year, {year: list}; by month, {year: [list a month]}."""
    cells = cells_of(held, form, column)
    norms, type_ = held.plan.norms, column.type
    if cells.ndim == 1:
        return wire.values(cells[at], type_, norms)
    if cells.ndim == 2:
        return {str(year): wire.values(cells[i, at], type_, norms) for i, year in enumerate(held.plan.years)}
    return {
        str(year): [wire.values(month[at], type_, norms) for month in cells[i]]
        for i, year in enumerate(held.plan.years)
    }
