"""A workbook that somebody has edited, or made: what of it is taken, what is refused and why, and hostile ones."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from api.exchange import Report, Told, read_changes, workbook_file
from api.exchange.texts import typed_text
from api.store.held import Held
from engine.findings import Finding
from engine.plan import Plan
from tests.api.exchange.conftest import held_of
from tests.api.exchange.recalculation import recalculated
from tests.api.exchange.test_live_formulas import file_of
from tests.api.store.conftest import filled

LANGUAGES = ("kk", "ru", "en")


def edited(held: Held, edit: Callable[[Any], None], language: str = "ru") -> Report:
    """What is read of the exported workbook after an edit."""
    book = load_workbook(io.BytesIO(file_of_numbered(held, language)))
    edit(book)
    return report_of(held, saved(book))


def file_of_numbered(held: Held, language: str = "ru") -> bytes:
    numbers = {form: numbers.order for form, numbers in held.rows.items()}
    return workbook_file(held.plan, held.workbook, Told(language, date(2026, 11, 22), "1", numbers))


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def report_of(held: Held, data: bytes) -> Report:
    report = read_changes(held, data)
    assert isinstance(report, Report), str(report)
    return report


def told(report: Report) -> tuple[list[tuple[Any, ...]], list[tuple[str, str, str]]]:
    changes = [(one.sheet, one.cell, *one.wanted[1:], one.before) for one in report.changes]
    return changes, [(one.sheet, one.cell, one.why.code) for one in report.refused]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_edited_changes_nothing(village: Held, language: str) -> None:
    assert told(report_of(village, file_of_numbered(village, language))) == ([], [])


def test_nor_does_a_whole_request(request_of_one: Held) -> None:
    report = report_of(request_of_one, file_of_numbered(request_of_one))
    assert told(report) == ([], [])
    assert set(report.forms.values()) == {*request_of_one.plan.ruleset.forms, "header"}


def test_nor_when_another_program_has_saved_it(request_of_one: Held, tmp_path: Path) -> None:
    assert recalculated(file_of_numbered(request_of_one), tmp_path)
    data = (tmp_path / "out" / "given-000.xlsx").read_bytes()
    assert told(report_of(request_of_one, data)) == ([], [])


def test_typed_cells_are_taken_by_the_numbers_of_rows(village: Held) -> None:
    def edit(book: Any) -> None:
        sheet = book["purchases"]
        sheet["D3"], sheet["G4"], sheet["C5"], sheet["B3"] = 11, 99.5, "paper", "=not a formula"
        sheet["B3"].data_type = "s"
        sheet["H3"] = 5
        book["Header"]["C5"] = "harvest"

    changes, refused = told(edited(village, edit))
    assert refused == []
    assert sorted(changes) == [
        ("Header", "C5", 0, "reason", None, "harvest", "new school year"),
        ("purchases", "B3", 1, "name", None, "=not a formula", "Paper A4"),
        ("purchases", "C5", 3, "kind", None, "paper", "seed"),
        ("purchases", "D3", 1, "quantity", 2026, "11", "10"),
        ("purchases", "G4", 2, "price", None, "99.5", "205.50"),
    ]


def test_each_cell_that_cannot_be_taken_says_why(village: Held) -> None:
    def edit(book: Any) -> None:
        sheet = book["purchases"]
        sheet["D3"], sheet["G3"], sheet["C3"], sheet["E3"] = 1.5, "a lot", "no such code", "#N/A"
        sheet["A4"], sheet["A5"] = 1, 77
        sheet["B6"] = "new"

    _, refused = told(edited(village, edit))
    assert sorted(refused) == [
        ("purchases", "A4", "import-row-twice"),
        ("purchases", "A5", "row-gone"),
        ("purchases", "A6", "import-row-unnumbered"),
        ("purchases", "C3", "input-unreadable"),
        ("purchases", "D3", "input-unreadable"),
        ("purchases", "E3", "import-cell-error"),
        ("purchases", "G3", "input-unreadable"),
    ]


@pytest.mark.parametrize(
    ("title", "headings"),
    [
        ("Sheet1", ["Row", "Price", "Quantity"]),
        ("Лист1", ["№ строки", "ЦЕНА", "Количество"]),
        ("Сатып алу", ["№ жол", "Бағасы", "Саны"]),
        ("purchases", ["row", "price", "quantity"]),
    ],
)
def test_any_sheet_is_mapped_by_its_headings(village: Held, title: str, headings: list[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(["something else"])
    sheet.append([None, *headings, "a remark"])
    sheet.append([None, 2, "206", 7, "x"])
    changes, refused = told(report_of(village, saved(book)))
    assert refused == []
    assert changes == [
        (title, "C3", 2, "price", None, "206", "205.50"),
        (title, "D3", 2, "quantity", None, "7", "100"),
    ]


def test_sheets_that_are_nothing_are_named(village: Held) -> None:
    report = edited(village, lambda book: book.create_sheet("Notes of mine"))
    assert "Notes of mine" in report.unread


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.1 + 0.2, "number", "0.3"),
        ("1 234,50", "number", "1234.50"),
        (1e20, "number", "100000000000000000000"),
        (float("nan"), "number", "NaN"),
        (111, "code", "111"),
        (" B2-1 ", "code", "B2-1"),
        (45000, "date", "2023-03-15"),
        (datetime(2026, 1, 31), "date", "2026-01-31"),
        ("31.01.2026", "date", "2026-01-31"),
        (1, "bool", "true"),
        ("ЛОЖЬ", "bool", "false"),
        (7, "text", "7"),
        (None, "number", ""),
    ],
)
def test_values_of_a_spreadsheet_are_read_as_their_column_means(value: object, kind: str, text: str) -> None:
    assert typed_text(value, kind) == text


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_text_goes_out_and_comes_back(village_plan: Plan, text: str) -> None:
    held = held_of(village_plan, filled(village_plan, [{"name": text, "kind": "paper", "quantity": "1", "price": "1"}]))
    assert told(report_of(held, file_of_numbered(held))) == ([], [])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_files_are_refused_and_nothing_else(village: Held, data: st.DataObject) -> None:
    whole = file_of(village)
    start = data.draw(st.integers(0, 10**6)) % len(whole)
    damage = data.draw(st.binary(min_size=1, max_size=200))
    found = read_changes(village, whole[:start] + damage + whole[start + len(damage) :])
    assert isinstance(found, Report | Finding)


def test_what_is_no_workbook_is_refused(village: Held) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("word/document.xml", "<a/>")
    for data in (b"%PDF-1.4", b"plain text", b"PK\x03\x04", archive.getvalue()):
        assert code_of(village, data) == "import-no-workbook"
    assert code_of(village, b"") == "attachment-empty"
    assert code_of(village, saved(openpyxl.Workbook())) == "import-nothing-found"


def test_a_bomb_is_not_unpacked(village: Held) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b"0" * 50_000_000)
    assert code_of(village, archive.getvalue()) == "attachment-swells"
    with zipfile.ZipFile(archive, "a") as made:
        made.writestr("xl/worksheets/sheet1.xml", random.Random(1).randbytes(1_000_000))
        made.writestr("xl/worksheets/sheet2.xml", b"0" * 50_000_000, zipfile.ZIP_DEFLATED)
    assert code_of(village, archive.getvalue()) == "attachment-swells"


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet3.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_entities_are_never_resolved(village: Held, declared: str, part: str) -> None:
    def spoil(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        head, rest = content.split(b"?>", 1) if content.startswith(b"<?xml") else (b"<?xml version='1.0'", content)
        return head + b"?>" + declared.encode() + rest

    data = rewritten(file_of(village), spoil)
    assert declared.encode() in zipfile.ZipFile(io.BytesIO(data)).read(part)
    assert code_of(village, data) == "import-no-workbook"


def test_a_cell_at_the_end_of_the_world_costs_nothing(village: Held) -> None:
    def edit(book: Any) -> None:
        book["purchases"]["XFD1048576"] = 1
        book["purchases"]["G3"] = 3

    changes, refused = told(edited(village, edit))
    assert changes == [("purchases", "G3", 1, "price", None, "3", "2.05")]
    assert [code for _, _, code in refused] == ["too-many-rows"]


def rewritten(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given_file, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given_file.namelist():
            made.writestr(name, change(name, given_file.read(name)))
    return out.getvalue()


def code_of(held: Held, data: bytes) -> str:
    found = read_changes(held, data)
    return found.code if isinstance(found, Finding) else "read"
