"""The exported workbook, recalculated by another program, gives our numbers, also after somebody has changed it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from api.exchange import Told, workbook_file
from api.exchange.layout import ABOUT, FIRST_LINE, NORMS, Layout
from api.exchange.words import word
from api.store import actions
from api.store.held import Held, performed
from engine.plan import Plan
from tests.api.exchange.conftest import held_of
from tests.api.exchange.recalculation import differences, recalculated
from tests.api.store.conftest import filled

DAY = date(2026, 11, 22)
CHANGES: list[tuple[str, int, str, int | None, str]] = [
    ("pay_civil_employees", 1, "category", None, "B2-1"),
    ("pay_civil_employees", 1, "sector", None, "education"),
    ("pay_civil_employees", 2, "staff", 2027, "0.25"),
    ("pay_civil_employees", 3, "hired", None, "2011-03-02"),
    ("pay_civil_employees", 4, "persons", None, ""),
    ("pay_civil_servants", 1, "category", None, "C-4"),
    ("business_trips", 1, "persons", None, "7"),
    ("header", 0, "kind", None, "new"),
]
"""What somebody types: codes that norms are looked up by, numbers, a date, and a blank where one is needed."""


def file_of(held: Held, language: str = "ru") -> bytes:
    return workbook_file(held.plan, held.workbook, Told(language, DAY, "1"))


def test_libreoffice_computes_what_the_engine_computes(request_of_one: Held, tmp_path: Path) -> None:
    book = recalculated(file_of(request_of_one), tmp_path)
    assert differences(request_of_one.plan, request_of_one.workbook, book) == []


def test_all_of_the_budget_request_is_formulas(request_of_one: Held) -> None:
    sheet = load_workbook(io.BytesIO(file_of(request_of_one)))[ABOUT]
    facts = {line[0]: line[1] for line in sheet.iter_rows(values_only=True)}
    assert facts[word("values", "ru")] == word("none", "ru")


def test_formulas_stay_right_when_somebody_changes_codes_and_numbers(request_of_one: Held, tmp_path: Path) -> None:
    known = [change for change in CHANGES if change[2] != "category" or _knows(request_of_one, change)]
    payload, refused = actions.cells(request_of_one, known)
    assert not refused
    edited, delta = performed(request_of_one, "cells", payload, lambda *_: request_of_one.plan)
    assert len(delta.cells) > 10
    book = load_workbook(io.BytesIO(file_of(request_of_one)))
    for change in known:
        _type_in(book, Layout(request_of_one.plan, request_of_one.workbook), change)
    out = io.BytesIO()
    book.save(out)
    assert differences(edited.plan, edited.workbook, recalculated(out.getvalue(), tmp_path)) == []


def test_the_comparison_sees_a_wrong_norm(request_of_one: Held, tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(file_of(request_of_one)))
    sheet = book[NORMS]
    line = next(cells for cells in sheet.iter_rows(min_row=FIRST_LINE) if cells[0].value == "pay.base")
    line[6].value += 1
    out = io.BytesIO()
    book.save(out)
    wrong = differences(request_of_one.plan, request_of_one.workbook, recalculated(out.getvalue(), tmp_path))
    assert {"pay_civil_employees", "social_tax"} <= {sheet for sheet, _, _, _ in wrong}


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(1)", "\tx", "=1", "<b>&amp;", "\x01"])
def test_a_text_is_never_a_formula(village_plan: Plan, text: str) -> None:
    held = held_of(village_plan, filled(village_plan, [{"name": text, "kind": "paper", "quantity": "1", "price": "1"}]))
    cell = load_workbook(io.BytesIO(file_of(held)))["purchases"][f"B{FIRST_LINE}"]
    assert (cell.data_type, cell.value) == ("s", text.replace("\x01", "\ufffd"))


def test_sheets_are_tables_with_headings_in_the_asked_language(village: Held) -> None:
    for language, heading in {"kk": "Саны 2026", "ru": "Количество 2026", "en": "Quantity 2026"}.items():
        sheet = load_workbook(io.BytesIO(file_of(village, language)))["purchases"]
        (table,) = sheet.tables.values()
        assert table.ref == "A2:J5"
        assert [column.name for column in table.tableColumns][3] == heading
        assert (sheet["D1"].value, sheet.row_dimensions[1].hidden) == ("quantity@2026", True)


def test_a_form_without_rows_and_groups(village_plan: Plan, tmp_path: Path) -> None:
    held = held_of(village_plan, filled(village_plan, []))
    assert differences(held.plan, held.workbook, recalculated(file_of(held), tmp_path)) == []


def test_norms_are_of_the_time_and_as_known(village: Held, tmp_path: Path) -> None:
    book = recalculated(file_of(village), tmp_path)
    assert differences(village.plan, village.workbook, book) == []
    lines = [line[:7] for line in book[NORMS].iter_rows(min_row=FIRST_LINE, values_only=True)]
    assert [(line[0], line[6]) for line in lines] == [("markup", 1.1), ("markup", 1.25)]
    earlier = replace(village.workbook, known=date(2020, 1, 1))
    assert workbook_file(village.plan, earlier, Told("en", DAY))


def _knows(held: Held, change: tuple[str, int, str, int | None, str]) -> bool:
    declared = held.plan.column((change[0], change[2]))
    return change[4] in held.plan.norms.classifications[declared.type.classification or ""].positions


def _type_in(book: Any, layout: Layout, change: tuple[str, int, str, int | None, str]) -> None:
    form, row, column, year, text = change
    if form == "header":
        sheet, at = layout.field(column).split("!")
        book[sheet][at.replace("$", "")].value = text
        return
    sheet, at = layout.cell(form, column, (year, None), str(FIRST_LINE + row - 1)).split("!")
    kind = layout.plan.column((form, column)).type.kind
    typed = date.fromisoformat(text) if kind == "date" else float(text) if kind == "number" and text else text or None
    book[sheet][at].value = typed
