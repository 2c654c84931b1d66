"""Texts -> a workbook of one submission, and a cell back -> text.

What people and files hand in is text: numbers with a point, dates as 2026-01-31, codes, `true` and `false`. Each is
typed by its column and becomes a cell; what cannot be read is a finding with its cell and counts as blank. An input
that differs by year may be given as a list of one text a year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.findings import Cell, Finding, finding
from engine.groups import grouped
from engine.norms import Norms
from engine.number import BLANK, CELL_OF_ERROR, ERROR_OF_CELL, decimal_text, from_serial, in_cell, serial
from engine.ruleset import Column, Form, Ruleset, ValueType
from engine.text.nearest import nearest
from engine.workbook import Table, Workbook

Given = str | Sequence[str]
"""One text, or one for each plan year."""
Rows = Sequence[Mapping[str, Given]]
"""The rows of a form, each by column; a column left out is blank."""

_NUMBER = re.compile(r"([+-]?\d{1,18})(?:\.(\d{1,18}))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def workbook_of(
    ruleset: Ruleset, norms: Norms, years: Sequence[int], header: Mapping[str, str], tables: Mapping[str, Rows]
) -> tuple[Workbook, list[Finding]]:
    """The workbook of one submission over these plan years, and what in it could not be read."""
    filling = _Filling(ruleset, norms, tuple(years))
    filling.check_names(header, tables)
    filling.fields = {name: filling.header(name, header) for name in ruleset.header}
    for name in ruleset.forms:
        filling.fill(name, tables)
    return Workbook(filling.years, filling.fields, filling.filled), filling.found


def read_cell(text: str, type_: ValueType, digits: int | None, norms: Norms) -> int | str | None:
    """A text as a cell of this type; blank stays blank (None for a text), and None for all else is: not readable."""
    if type_.kind == "text":
        return text or None
    if not text:
        return BLANK
    if type_.kind == "code":
        return norms.classifications[type_.classification or ""].positions.get(text)
    return _READERS[type_.kind](text, digits or 0)


def cell_text(cell: int | str | None, type_: ValueType, digits: int | None, norms: Norms) -> str:
    """A cell as its plain text, the inverse of `read_cell`; an error is its code."""
    if not isinstance(cell, (int, np.integer)):
        return cell or ""
    held = int(cell)
    if held == BLANK or held in ERROR_OF_CELL:
        return ERROR_OF_CELL.get(held, "")
    if type_.kind == "code":
        return norms.classifications[type_.classification or ""].codes[held] if held >= 0 else ""
    if type_.kind == "date":
        return from_serial(held).isoformat()
    return ("false", "true")[held] if type_.kind == "bool" else decimal_text(held, digits or 0)


@dataclass
class _Filling:
    ruleset: Ruleset
    norms: Norms
    years: tuple[int, ...]
    found: list[Finding] = field(default_factory=list)
    fields: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    filled: dict[str, Table] = field(default_factory=dict)

    def check_names(self, header: Mapping[str, str], tables: Mapping[str, Rows]) -> None:
        for name in header:
            self._known(name, tuple(self.ruleset.header), Cell(0, "header", name))
        for name in tables:
            self._known(name, tuple(self.ruleset.forms), Cell(0, name))

    def header(self, name: str, header: Mapping[str, str]) -> NDArray[np.int64]:
        declared = self.ruleset.header[name]
        text = header.get(name) or declared.default or ""
        return _array([self._cell(text, declared.type, declared.digits, Cell(0, "header", name))], declared.type)

    def fill(self, name: str, tables: Mapping[str, Rows]) -> None:
        """Fill a form, after those that its rows come from."""
        form = self.ruleset.forms[name]
        for source in () if name in self.filled else form.rows.forms:
            self.fill(source, tables)
        if name not in self.filled:
            keys = self._keys(form) if form.rows.kind == "group" else None
            self.filled[name] = self._table(form, tables.get(name, ()), keys)

    def _keys(self, form: Form) -> Table:
        return grouped(self.ruleset, self.norms, Workbook(self.years, self.fields, self.filled), form)

    def _table(self, form: Form, given: Rows, keys: Table | None) -> Table:
        held = keys.columns if keys else {}
        inputs = {c.name: c for c in form.columns.values() if c.formula is None and c.name not in held}
        for i, row in enumerate(given):
            for name in row:
                self._known(name, tuple(inputs), Cell(0, form.name, name, i))
        rows = given if form.rows.kind == "added" else self._derived(form, given, keys)
        columns = {name: self._column(form, column, rows) for name, column in inputs.items()}
        return Table(np.array([0, len(rows)], dtype=np.int64), {**held, **columns})

    def _derived(self, form: Form, given: Rows, keys: Table | None) -> Rows:
        """Rows that the ruleset lists, or one for each row or group of others; what is given fills them by position."""
        source = keys or (self.filled[form.rows.forms[0]] if form.rows.kind == "each" else None)
        start: Rows = form.rows.fixed if source is None else ({},) * source.rows
        if len(given) > len(start):
            self.found.append(finding("input-rows-too-many", Cell(0, form.name), got=len(given), expected=len(start)))
        return [{**(given[i] if i < len(given) else {}), **row} for i, row in enumerate(start)]

    def _column(self, form: Form, column: Column, rows: Rows) -> NDArray[np.int64]:
        cells = [self._by_year(form, column, row.get(column.name, ""), i) for i, row in enumerate(rows)]
        if column.by_year:
            return np.array(cells, dtype=_dtype(column.type)).reshape(len(rows), len(self.years)).T.copy()
        return _array([row[0] for row in cells], column.type)

    def _by_year(self, form: Form, column: Column, given: Given, row: int) -> list[int | str | None]:
        texts = [given] * (len(self.years) if column.by_year else 1) if isinstance(given, str) else list(given)
        at = [Cell(0, form.name, column.name, row, year if column.by_year else None) for year in self.years]
        expected = len(self.years) if column.by_year else 1
        if len(texts) != expected:
            self.found.append(finding("input-years-uneven", at[0], got=len(texts), expected=expected))
            texts = [*texts, *("",) * expected][:expected]
        return [self._cell(text, column.type, column.digits, cell) for text, cell in zip(texts, at, strict=False)]

    def _cell(self, text: str, type_: ValueType, digits: int | None, at: Cell) -> int | str | None:
        cell = read_cell(text, type_, digits, self.norms)
        if cell is not None or type_.kind == "text":
            return cell
        if type_.kind == "code":
            codes = self.norms.classifications[type_.classification or ""]
            told = {"got": text, "classification": codes.name, "nearest": nearest(text, codes.codes)}
            self.found.append(finding("input-code-unknown", at, **told))
            return CELL_OF_ERROR["code-unknown"]
        self.found.append(finding("input-unreadable", at, got=text, kind=type_.kind, digits=digits or 0))
        return BLANK

    def _known(self, name: str, names: Sequence[str], at: Cell) -> None:
        if name not in names:
            self.found.append(finding("input-name-unknown", at, got=name, nearest=nearest(name, names)))


def _array(cells: Sequence[int | str | None], type_: ValueType) -> NDArray[np.int64]:
    return np.array(cells, dtype=_dtype(type_))


def _dtype(type_: ValueType) -> type:
    return object if type_.kind == "text" else np.int64


def _number(text: str, digits: int) -> int | None:
    match = _NUMBER.fullmatch(text)
    decimals = "" if match is None else (match[2] or "").rstrip("0")
    if match is None or len(decimals) > digits:
        return None
    return in_cell(int(match[1] + decimals.ljust(digits, "0")))


def _date(text: str, digits: int) -> int | None:
    try:
        return serial(date.fromisoformat(text)) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _bool(text: str, digits: int) -> int | None:
    return {"true": 1, "false": 0}.get(text.lower())


_READERS = {"number": _number, "date": _date, "bool": _bool}
