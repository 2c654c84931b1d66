"""A table that somebody sends: CSV or a workbook's first sheet as bytes, its columns named in the first line.

Every value is text without spaces around it; a number of a workbook is its shortest text. What cannot be read at all is
a `Finding`; what is wrong with a row is found later, row by row.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl

from api.attachments import media_type
from api.exchange.reading import UNPACKED_MAX, XLSX
from api.store.held import UNWRITABLE
from engine.findings import Finding, finding

ROWS_MAX = 200_000
COLUMNS_MAX = 50
Row = tuple[int, dict[str, str]]
"""The line in the file, from 1, and column → text."""


def read_table(data: bytes) -> list[Row] | Finding:
    """The rows of a file; blank ones are no rows."""
    found = media_type(data)
    if isinstance(found, Finding):
        return found if found.code != "attachment-type-refused" else finding("import-no-workbook")
    if found == XLSX:
        return _workbook(data)
    try:
        text = data.decode("utf-8-sig")
        dialect = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        return _rows(csv.reader(io.StringIO(text, newline=""), delimiter=dialect, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return finding("import-no-workbook")


def rows_of(given: Iterable[dict[str, str]]) -> list[Row] | Finding:
    """Rows of a call as rows of a file: the first is line 2."""
    listed = list(given)
    names = list(dict.fromkeys(name for row in listed for name in row))
    return _rows([names, *([row.get(name, "") for name in names] for row in listed)])


def _workbook(data: bytes) -> list[Row] | Finding:
    size = sum(member.file_size for member in zipfile.ZipFile(io.BytesIO(data)).infolist())
    if size > UNPACKED_MAX:
        return finding("attachment-swells", None, size=size, limit=UNPACKED_MAX)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        return _rows(sheet.iter_rows(max_row=ROWS_MAX + 2, max_col=COLUMNS_MAX, values_only=True))
    except Exception:  # a hostile file may make any part of the reader fail, and all of it means the same
        return finding("import-no-workbook")


def _rows(lines: Iterable[Sequence[Any]]) -> list[Row] | Finding:
    rows: list[Row] = []
    names: list[str] | None = None
    for at, line in enumerate(lines, 1):
        cells = [_text(cell) for cell in line[:COLUMNS_MAX]]
        if any(UNWRITABLE.search(cell) for cell in cells):
            return finding("text-unusable")
        if names is None:
            names = [cell.casefold() for cell in cells]
        elif any(cells):
            rows.append((at, dict(zip(names, cells, strict=False))))
        if len(rows) > ROWS_MAX:
            return finding("too-many-rows", None, count=len(rows), limit=ROWS_MAX)
    return rows if rows else finding("import-nothing-found")


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()
