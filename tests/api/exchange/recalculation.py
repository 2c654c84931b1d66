"""A workbook recalculated by LibreOffice beside what the engine says, cell by cell."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from api.exchange.figures import Failed, Figures, Value
from api.exchange.layout import CHECKS, FIRST_LINE, Layout
from engine.number import ERROR_OF_CELL
from engine.plan import Plan
from engine.workbook import Workbook

WANTED = "LibreOffice Calc is not installed: apt-get install -y --no-install-recommends libreoffice-calc"
SECONDS_MAX = 300


def needs_office() -> None:
    """Where LibreOffice is missing a test is skipped, but never in continuous integration."""
    if shutil.which("soffice") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(WANTED, pytrace=False)
        pytest.skip(WANTED)


def recalculated(data: bytes, folder: Path) -> Any:
    """The same workbook as LibreOffice calculates it, with its values; it stays in `folder` as out/given-000.xlsx."""
    return all_recalculated([data], folder)[0]


def all_recalculated(files: Sequence[bytes], folder: Path) -> list[Any]:
    """Several workbooks, recalculated in one go."""
    needs_office()
    given = [folder / f"given-{i:03d}.xlsx" for i in range(len(files))]
    for path, data in zip(given, files, strict=True):
        path.write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out")]
    subprocess.run([*command, *map(str, given)], check=True, capture_output=True, timeout=SECONDS_MAX)
    return [load_workbook(folder / "out" / path.name, data_only=True) for path in given]


def differences(plan: Plan, workbook: Workbook, book: Any) -> list[tuple[str, str, object, object]]:
    """(sheet, cell, LibreOffice's, the engine's) wherever they are not the same."""
    layout, figures = Layout(plan, workbook), Figures(plan, workbook)
    found = []
    for (form, monthly), slots in layout.slots.items():
        sheet = book[layout.sheets[form, monthly]]
        for i, slot in enumerate(slots, 2):
            for place, expected in enumerate(figures.of(form, slot)):
                cell = sheet.cell(FIRST_LINE + place, i)
                if not same(cell.value, expected):
                    found.append((sheet.title, f"{cell.coordinate} {slot.name}", cell.value, expected))
    return [*found, *check_differences(plan, workbook, book[CHECKS])]


def check_differences(plan: Plan, workbook: Workbook, sheet: Any) -> list[tuple[str, str, object, object]]:
    assert workbook.results is not None
    found = []
    lines = iter(sheet.iter_rows(min_row=FIRST_LINE, values_only=True))
    for form, check, place in asked(plan, workbook):
        line = next(lines)
        cells = workbook.results.checks[form, check][:, place or 0].tolist()
        for given, cell in zip(line[5:], cells, strict=True):
            expected = Failed(ERROR_OF_CELL[cell]) if cell in ERROR_OF_CELL else bool(cell)
            if given is not None and not same(given, expected):
                found.append((sheet.title, f"{form}.{check} {place}", given, expected))
    return found


def asked(plan: Plan, workbook: Workbook) -> Iterator[tuple[str, str, int | None]]:
    """The checks in the order of their lines."""
    for form in plan.ruleset.forms.values():
        rows = workbook.tables[plan.roots[form.name]].rows
        for name, check in form.checks.items():
            for place in range(rows) if check.by_row else (None,):
                yield form.name, name, place


def same(given: object, expected: Value) -> bool:
    match expected:
        case Failed():
            return isinstance(given, str) and given.startswith("#")
        case None:
            return given in (None, "")
        case Decimal():
            return isinstance(given, int | float) and Decimal(f"{given:.15g}") == expected
        case date():
            return isinstance(given, datetime) and given.date() == expected
    return type(given) is type(expected) and given == expected
