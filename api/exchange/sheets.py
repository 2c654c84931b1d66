"""Cells and tables of a sheet, as openpyxl writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from api.exchange.figures import Failed
from engine.number import EXCEL_ERRORS
from engine.ruleset import Column

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text may not begin with where a spreadsheet would take it for a formula."""
_TYPED = PatternFill("solid", fgColor="FFF8DC")
_HEADING = Font(bold=True)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Cell:
    """What is to stand in a cell: a value, or a formula of a column."""

    value: Decimal | Fraction | date | bool | str | int | Failed | None = None
    typed: bool = False
    digits: int | None = None
    formula: str | None = None
    array: bool = False
    of: Column | None = None


def put(sheet: Worksheet, at: tuple[int, int], cell: Cell) -> None:
    """Write one cell; a text is a text, whatever it begins with."""
    place = sheet.cell(*at)
    if cell.typed:
        place.fill = _TYPED
    if cell.formula is not None:
        place.value = ArrayFormula(place.coordinate, cell.formula) if cell.array else cell.formula
        place.number_format = _format(cell.of)
        return
    match cell.value:
        case None:
            return
        case str(text):
            place.value = without_controls(text)
            place.data_type = "s"
            if text.startswith(DANGEROUS):
                place.quotePrefix = True
        case Failed(code):
            place.value = code if code in EXCEL_ERRORS else "#N/A"
            place.data_type = "e"
        case Fraction():
            place.value = Decimal(cell.value.numerator) / cell.value.denominator
        case date():
            place.value = cell.value
            place.number_format = "yyyy-mm-dd"
        case bool() | int():
            place.value = cell.value
        case number:
            place.value = number
            place.number_format = number_format(cell.digits)


def lay_out(sheet: Worksheet, names: Sequence[str], headings: Sequence[str], last: int) -> None:
    """The head of a sheet: the hidden line of technical names, the headings, and the table down to its last line."""
    for i, (name, told) in enumerate(zip(names, unique(headings), strict=True), 1):
        put(sheet, (1, i), Cell(name))
        put(sheet, (2, i), Cell(told))
        sheet.cell(2, i).font = _HEADING
        sheet.column_dimensions[get_column_letter(i)].width = _WIDTH
    sheet.row_dimensions[1].hidden = True
    sheet.freeze_panes = "B3"
    made = Table(displayName=f"t_{sheet.title}", ref=f"A2:{get_column_letter(len(names))}{last}")
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(made)


def unique(headings: Sequence[str]) -> list[str]:
    """The same headings, those that occur again with a number, as a table needs them."""
    seen: set[str] = set()
    found: list[str] = []
    for heading in headings:
        told, count = " ".join(heading.split()) or "?", 1
        plain = told
        while told.casefold() in seen:
            count += 1
            told = f"{plain} ({count})"
        seen.add(told.casefold())
        found.append(told)
    return found


def without_controls(text: str) -> str:
    """A text without the signs that no XML may hold."""
    return _CONTROLS.sub("\ufffd", text)


def number_format(digits: int | None) -> str:
    """Thousands apart, and so many decimals."""
    return "#,##0." + "0" * digits if digits else "#,##0"


def _format(column: Column | None) -> str:
    if column is None or column.type.kind not in ("number", "date"):
        return "General"
    return "yyyy-mm-dd" if column.type.kind == "date" else number_format(column.digits)
