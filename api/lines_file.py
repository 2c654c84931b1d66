"""Budget lines as a file for people's own tools: CSV, Parquet or a workbook, by the ending of its name.

Amounts are whole tenge with two decimals, exact: text in CSV, decimals in Parquet, numbers in a workbook.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
from openpyxl import Workbook

from engine.findings import Finding, finding
from engine.lines import Lines
from engine.number import decimal_text

SHEET_ROWS_MAX = 1_048_575
"""Of a sheet of a workbook, below the row of headings."""
PRECISION = 38


def write_lines(lines: Lines, path: Path) -> list[Finding]:
    """Write all lines; a file that cannot be written so is a finding."""
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        return [finding("file-ending-unknown", got=path.name, known=", ".join(_WRITERS))]
    if write is _workbook and len(lines) > SHEET_ROWS_MAX:
        return [finding("sheet-too-small", got=len(lines), limit=SHEET_ROWS_MAX)]
    try:
        write(lines, path)
    except OSError as error:
        return [finding("file-not-written", file=path, problem=error.strerror or error)]
    return []


def _csv(lines: Lines, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*lines.dimensions, "amount", "incomplete"])
        writer.writerows([*key, amount, left_out] for key, amount, left_out in _rows(lines))


def _parquet(lines: Lines, path: Path) -> None:
    columns: dict[str, pyarrow.Array] = {
        name: pyarrow.DictionaryArray.from_arrays(
            pyarrow.array(positions, pyarrow.int32()), pyarrow.array(lines.labels[name], pyarrow.string())
        )
        for name, positions in lines.keys.items()
    }
    amounts = [Decimal(amount) for _, amount, _ in _rows(lines)]
    columns["amount"] = pyarrow.array(amounts, pyarrow.decimal128(PRECISION, 2))
    columns["incomplete"] = pyarrow.array(lines.incomplete)
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


def _workbook(lines: Lines, path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("lines")
    sheet.append([*lines.dimensions, "amount", "incomplete"])
    for key, amount, left_out in _rows(lines):
        sheet.append([*key, Decimal(amount), left_out])
    book.save(path)


def _rows(lines: Lines) -> Iterator[tuple[tuple[str, ...], str, int]]:
    for i, (amount, left_out) in enumerate(zip(lines.amounts.tolist(), lines.incomplete.tolist(), strict=True)):
        yield lines.key(i), decimal_text(amount, 2), left_out


_WRITERS: Mapping[str, Callable[[Lines, Path], None]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _workbook}
