"""Budget lines as a file for people's own tools: CSV, Parquet or a workbook, by the ending of its name.

Amounts are whole tenge with two decimals, exact: text in CSV, decimals in Parquet, numbers in a workbook. A file is
written beside its place and moved there when it is whole, so an interruption leaves what was there before.
"""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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


def unwritable(path: Path) -> list[Finding]:
    """Why no lines can be written to a file, as far as that is known before there are any."""
    if path.suffix.lower() not in _WRITERS:
        return [finding("file-ending-unknown", got=path.name, known=", ".join(_WRITERS))]
    try:
        if path.exists() and not path.is_file():
            return [finding("file-not-written", file=path, problem=os.strerror(errno.EISDIR))]
        with _beside(path) as part:
            part.touch()
    except OSError as error:
        return [finding("file-not-written", file=path, problem=error.strerror or error)]
    return []


def write_lines(lines: Lines, path: Path) -> list[Finding]:
    """Write all lines; a file that cannot be written so is a finding."""
    write = _WRITERS[path.suffix.lower()]
    if write is _workbook and len(lines) > SHEET_ROWS_MAX:
        return [finding("sheet-too-small", got=len(lines), limit=SHEET_ROWS_MAX)]
    try:
        with _beside(path) as part:
            write(lines, part)
            part.replace(path.resolve())
    except OSError as error:
        return [finding("file-not-written", file=path, problem=error.strerror or error)]
    return []


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file of this run beside the one that is meant; what is left of it is removed."""
    part = path.resolve().with_name(f".esep-{os.getpid()}.part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


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
    sheet.freeze_panes = "A2"
    sheet.append([*lines.dimensions, "amount", "incomplete"])
    for key, amount, left_out in _rows(lines):
        sheet.append([*key, Decimal(amount), left_out])
    book.save(path)


def _rows(lines: Lines) -> Iterator[tuple[tuple[str, ...], str, int]]:
    for i, (amount, left_out) in enumerate(zip(lines.amounts.tolist(), lines.incomplete.tolist(), strict=True)):
        yield lines.key(i), decimal_text(amount, 2), left_out


_WRITERS: Mapping[str, Callable[[Lines, Path], None]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _workbook}
