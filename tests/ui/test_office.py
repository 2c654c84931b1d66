"""Cells go to LibreOffice and come from it: its own clipboard's bytes are pasted, and it reads what the grid copies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from tests.api.exchange.recalculation import needs_office
from tests.ui.conftest import Republic, SignedIn
from tests.ui.office import Clip, Office
from tests.ui.sheet import NO_BREAK, Sheet, submission_of

STAFF = "Штатные единицы"
POSITION, DAY = "Должность", "Дата начала стажа"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A LibreOffice of these tests' own."""
    needs_office()
    return Office.prepared(tmp_path_factory.mktemp("office"))


@pytest.fixture
def sheet(served: Republic, signed_in: SignedIn, institution: Callable[[], str]) -> Sheet:
    """A form that holds numbers, texts, codes and dates."""
    login = f"executor-{institution()}"
    page = signed_in(login, f"/submissions/{submission_of(served, login)}/pay_civil_employees")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return Sheet.of(page)


def test_what_libreoffice_copies_is_pasted(office: Office, sheet: Sheet) -> None:
    numbers, days, texts, merged = office.copied(_book(), ["A1:C2", "D1:D2", "E1:E3", "F1:G2"])
    assert "LibreOffice" in numbers.html
    paste(sheet, 0, f"{STAFF} 2026", numbers)
    shows(
        sheet, {f"{STAFF} 2026": ["1,50", "0,30"], f"{STAFF} 2027": ["1 000,25", "2,00"], f"{STAFF} 2028": ["3,00", ""]}
    )
    paste(sheet, 0, DAY, days)
    shows(sheet, {DAY: ["31.01.2020", "29.02.2016"]})
    paste(sheet, 0, POSITION, texts)
    shows(sheet, {POSITION: ['Врач "первый"', "две строки", "=1+1"]})
    paste(sheet, 0, f"{STAFF} 2026", merged)
    shows(sheet, {f"{STAFF} 2026": ["4,00", ""], f"{STAFF} 2027": ["5,00", "6,00"]})


def test_what_the_grid_copies_libreoffice_reads(office: Office, sheet: Sheet) -> None:
    sheet.choose(0, POSITION)
    for text in ("0012", "=1+1", "1/2"):
        sheet.type(text)
    sheet.saved()
    sheet.press("Control+a", "Control+c")
    shown = [line.split("\t") for line in sheet.copied("text/plain").removesuffix("\r\n").split("\r\n")]
    read = office.read(sheet.copied("text/html"))
    assert [row[sheet.column(POSITION) - 2] for row in read[:3]] == ["0012", "=1+1", "1/2"]
    assert len(read) == len(shown)
    for line, cells in zip(shown, read, strict=True):
        assert [plain(cell) for cell in cells] == [
            plain(as_it_is_meant(text, cell)) for text, cell in zip(line, cells, strict=True)
        ]
    kinds = {type(cell) for row in read for cell in row}
    assert {str, datetime} <= kinds
    assert kinds & {int, float}


def _book() -> Workbook:
    """Cells that show other than they hold, a formula, dates, texts that look like something else, a merged cell."""
    book = Workbook()
    page: Any = book.active
    for row in (
        (1.5, 1000.25, "=1+2", date(2020, 1, 31), 'Врач "первый"', 4, 5),
        ("=0.1+0.2", 2, None, date(2016, 2, 29)),
    ):
        page.append(row)
    page["E2"], page["E3"], page["G2"] = "две\nстроки", "'=1+1", 6
    page["E3"].value, page["E3"].data_type = "=1+1", "s"
    page["A1"].number_format, page["B1"].number_format = "0", "#,##0.00"
    for cell in ("D1", "D2"):
        page[cell].number_format = "D MMMM YYYY"
    page.merge_cells("F1:F2")
    return book


def paste(sheet: Sheet, row: int, title: str, clip: Clip) -> None:
    """Ctrl+V of another program's cells over a cell."""
    sheet.lay(html=clip.html, text=clip.text)
    sheet.choose(row, title)
    sheet.press("Control+v")


def shows(sheet: Sheet, columns: dict[str, list[str]]) -> None:
    """What the first rows say, once it is there."""
    for title, cells in columns.items():
        for row, text in enumerate(cells):
            expect(sheet.cell(row, title)).to_have_text(text.replace(" ", NO_BREAK) if title != POSITION else text)


def as_it_is_meant(text: str, cell: object) -> object:
    """What a text of the grid says, by the kind that the other program took it for."""
    if isinstance(cell, int | float):
        return Decimal(text.replace(NO_BREAK, "").replace(" ", "").replace("\u2212", "-").replace(",", "."))
    return datetime.strptime(text, "%d.%m.%Y") if isinstance(cell, datetime) else text


def plain(cell: object) -> object:
    if cell is None:
        return ""
    return Decimal(f"{cell:.15g}").normalize() if isinstance(cell, int | float | Decimal) else cell
