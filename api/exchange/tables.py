"""Tables for analysts: a form's rows or totals as CSV, Parquet or, totals, a workbook.

Numbers are exact decimals in Parquet and plain decimal text in CSV, dates are dates, a blank is a null. A cell with an
error is a null too, and the column `errors` of its line says what it was. In CSV a text that a spreadsheet would take
for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from openpyxl.worksheet.worksheet import Worksheet

from api.exchange.figures import Failed, Figures, Value
from api.exchange.layout import FIRST_LINE, ROW_NAME, Slot, is_key
from api.exchange.sheets import DANGEROUS, Cell, lay_out, put
from api.exchange.words import word
from engine.lines import Lines
from engine.number import decimal_text
from engine.plan import Plan
from engine.ruleset import Column, Form, HeaderField
from engine.workbook import Workbook

MONEY_DIGITS = 2
PRECISION = 18
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""By it Excel knows that a CSV is UTF-8."""
Titles = Mapping[str, Mapping[str, str]]
"""Dimension → code → title."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which form, with its monthly columns instead of its yearly ones or not, and the numbers of its rows."""

    form: str
    months: bool = False
    numbers: tuple[int, ...] | None = None


def form_file(plan: Plan, workbook: Workbook, wish: Wish, kind: str) -> bytes:
    """A form of one calculated submission, a line for each row and year (and month), as `csv` or `parquet`."""
    return _bytes(_form_table(plan, workbook, wish), kind)


def totals_file(lines: Lines, by: Sequence[str], titles: Titles, told: tuple[str, str]) -> bytes:
    """Totals along some dimensions with their titles; `told` is the kind (csv, parquet, xlsx) and the language."""
    kind, language = told
    keys = [lines.key(i) for i in range(len(lines))]
    columns: dict[str, list[Any]] = {}
    for i, name in enumerate(by):
        columns[name] = [key[i] for key in keys]
        if name in titles:
            columns[f"{name}_title"] = [titles[name].get(code, "") for code in columns[name]]
    amounts = [Decimal(decimal_text(int(amount), MONEY_DIGITS)) for amount in lines.amounts]
    if kind == "xlsx":
        return _totals_book(columns, amounts, language)
    arrays = {name: pa.array(cells, pa.string()) for name, cells in columns.items()}
    # Totals may hold more digits than any one cell.
    arrays |= {"amount": pa.array(amounts, pa.decimal128(38, MONEY_DIGITS))}
    return _bytes(pa.table(arrays | {"incomplete": pa.array(lines.incomplete, pa.int64())}), kind)


def _form_table(plan: Plan, workbook: Workbook, wish: Wish) -> pa.Table:
    form, figures = plan.ruleset.forms[wish.form], Figures(plan, workbook)
    rows = workbook.tables[plan.roots[wish.form]].rows
    moments = [(year, month) for year in plan.years for month in (range(1, 13) if wish.months else (None,))]
    count = rows * len(moments)
    arrays: dict[str, Any] = {}
    for field in plan.ruleset.header.values():
        arrays[field.name] = pa.array([_held(figures.field(field.name))] * count, _type(field))
    arrays[ROW_NAME] = pa.array(list(wish.numbers or range(rows)) * len(moments), pa.int64())
    arrays["year"] = pa.array([year for year, _ in moments for _ in range(rows)], pa.int32())
    if wish.months:
        arrays["month"] = pa.array([month for _, month in moments for _ in range(rows)], pa.int8())
    errors: list[list[str]] = [[] for _ in range(count)]
    for column in _columns(form, wish.months):
        cells = [cell for moment in moments for cell in figures.of(form.name, Slot(column, moment))]
        for at, cell in enumerate(cells):
            if isinstance(cell, Failed):
                errors[at].append(f"{column.name}: {cell.code}")
        arrays[column.name] = pa.array([_held(cell) for cell in cells], _type(column))
    arrays["errors"] = pa.array(["; ".join(told) or None for told in errors], pa.string())
    return pa.table(arrays)


def _columns(form: Form, months: bool) -> Iterator[Column]:
    """With months the keys of the row and its monthly columns, else all others."""
    for column in form.columns.values():
        if column.per_month == months or (months and is_key(form, column)):
            yield column


def _held(cell: Value) -> Decimal | object:
    return None if isinstance(cell, Failed) else cell


def _type(declared: Column | HeaderField) -> Any:
    match declared.type.kind:
        case "number":
            return pa.decimal128(PRECISION, declared.digits or 0)
        case "date":
            return pa.date32()
        case "bool":
            return pa.bool_()
    return pa.string()


def _bytes(table: pa.Table, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "parquet":
        pyarrow.parquet.write_table(table, out)
        return out.getvalue()
    names = [name for name in table.column_names if table.schema.field(name).type == pa.string()]
    for name in names:
        safe = [None if text is None else _harmless(text) for text in table.column(name).to_pylist()]
        table = table.set_column(table.column_names.index(name), name, pa.array(safe, pa.string()))
    pyarrow.csv.write_csv(table, out)
    return BYTE_ORDER_MARK + out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _totals_book(columns: Mapping[str, Sequence[str]], amounts: Sequence[Decimal], language: str) -> bytes:
    """A table with its sum under it as a formula, which follows a filter."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet), "a new workbook has a sheet"
    sheet.title = "Totals"
    names, last = [*columns, "amount"], FIRST_LINE + max(len(amounts), 1) - 1
    lay_out(sheet, names, [*columns, word("amount", language)], last)
    for i, cells in enumerate(columns.values(), 1):
        for at, text in enumerate(cells, FIRST_LINE):
            put(sheet, (at, i), Cell(text))
    for at, amount in enumerate(amounts, FIRST_LINE):
        put(sheet, (at, len(names)), Cell(amount, digits=MONEY_DIGITS))
    put(sheet, (last + 1, 1), Cell(word("total", language)))
    first = sheet.cell(FIRST_LINE, len(names)).coordinate
    end = sheet.cell(last, len(names)).coordinate
    put(sheet, (last + 1, len(names)), Cell(formula=f"=SUBTOTAL(109,{first}:{end})"))
    sheet.cell(last + 1, len(names)).number_format = "#,##0.00"
    book.calculation.fullCalcOnLoad = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
