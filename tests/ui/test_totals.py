"""The page of totals in the browser: the pivot, its dimensions by mouse and keys, comparison, drill-down, live."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.ui.beside import API, digits, russian, submission_of
from tests.ui.conftest import Look, SignedIn, until, violations

TABLE = ".totals-table .sheet"


@pytest.fixture
def totals(signed_in: SignedIn) -> Page:
    """The curator before the totals of the republic."""
    page = russian(signed_in("curator"), "/totals")
    expect(page.locator(TABLE)).to_be_focused()
    return page


def foot(page: Page) -> list[str]:
    return [digits(text) for text in page.locator(f"{TABLE} .foot .cell").all_text_contents()]


def test_the_republic_is_what_the_service_says(totals: Page, look: Look) -> None:
    told = totals.request.get(f"{API}/totals?by=year").json()["rows"]
    shown = foot(totals)
    for _, amount, _ in told:
        assert str((int(amount) + 50) // 100) in shown
    expect(totals.locator(".totals-side .say")).to_contain_text("лимит 2026")
    expect(totals.locator(".totals-side svg").first).to_be_visible()
    assert violations(totals) == []
    look(totals, "totals")


def test_rows_open_and_close_by_keys(totals: Page, look: Look) -> None:
    expect(totals.locator(TABLE).get_by_text("Оплата труда")).to_have_count(0)
    totals.keyboard.press("Enter")
    expect(totals.locator(TABLE).get_by_text("Оплата труда")).to_be_visible()
    totals.keyboard.press("ArrowDown")
    expect(totals.locator(".totals-side .h").first).to_contain_text("111")
    look(totals, "totals-open")
    totals.keyboard.press("Backspace")
    expect(totals.locator(TABLE).get_by_text("Оплата труда")).to_have_count(0)


def test_dimensions_go_by_mouse_and_by_keys(totals: Page, look: Look) -> None:
    totals.locator("#chip-programme").drag_to(totals.locator("[data-zone=rows]"))
    expect(totals.locator("[data-zone=rows] #chip-programme")).to_be_visible()
    totals.locator("#chip-programme").press("Alt+ArrowLeft")
    expect(totals).to_have_url(re.compile("rows=administrator&rows=programme&rows=specific|rows=programme&rows"))
    totals.locator("#chip-programme").press("Delete")
    expect(totals.locator("[data-zone=idle] #chip-programme")).to_be_focused()
    totals.locator("#chip-specific").press("Alt+ArrowDown")
    expect(totals.locator("[data-zone=columns] #chip-specific")).to_be_focused()
    totals.locator("#chip-specific").press("Alt+ArrowDown")
    expect(totals.locator("[data-zone=where] #chip-specific")).to_be_visible()
    totals.locator("#chip-specific").select_option("111")
    expect(totals).to_have_url(re.compile("where=specific%3A111"))
    told = totals.request.get(f"{API}/totals?by=year&where=specific:111&where=year:2026").json()["rows"]
    expect(totals.locator(f"{TABLE} .foot")).to_be_visible()
    until(totals, lambda: str((int(told[0][1]) + 50) // 100) in foot(totals))
    assert violations(totals) == []
    look(totals, "totals-filter")


def test_down_to_the_cell_and_back(signed_in: SignedIn, look: Look) -> None:
    page = russian(signed_in("curator"), "/totals?rows=administrator&columns=stage&columns=year")
    expect(page.locator(TABLE)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("rows=institution"))
    expect(page.locator(".totals-side a").first).to_be_visible()
    look(page, "totals-cells")
    assert violations(page) == []
    page.keyboard.press("Backspace")
    expect(page).to_have_url(re.compile("rows=administrator"))
    expect(page.locator(".totals-side")).to_contain_text("Enter ведёт к учреждениям")
    expect(page.locator(TABLE)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".totals-side a").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/submissions/\d+/\w+\?row="))
    expect(page.locator(".why .big")).to_be_visible()
    page.go_back()
    expect(page.locator(f"{TABLE} .cell").first).to_be_visible()


def test_stages_and_years_are_compared(totals: Page) -> None:
    totals.get_by_label("с чем").select_option(label="Заявка 2027")
    expect(totals.locator(".totals-side .say")).to_contain_text("Заявка 2026 против «Заявка 2027»")
    one, other = (
        totals.request.get(f"{API}/totals?by=year&where=year:{year}").json()["rows"][0][1] for year in (2026, 2027)
    )
    difference = (int(one) - int(other)) // 100
    assert digits(f"−{abs(difference)}" if difference < 0 else str(difference)) in foot(totals)


def test_totals_move_as_somebody_edits(totals: Page, signed_in: SignedIn, institution: Callable[[], str]) -> None:
    before = foot(totals)
    code = institution()
    mine = submission_of(signed_in(f"executor-{code}"), code)
    mine.edit("7.5")
    until(totals, lambda: foot(totals) not in ([], before))
    with totals.expect_download() as told:
        totals.get_by_role("link", name="Excel").click()
    assert told.value.suggested_filename.endswith(".xlsx")


def test_an_administrator_sees_its_own(signed_in: SignedIn, look: Look) -> None:
    page = russian(signed_in("analyst-102", color_scheme="dark"), "/totals")
    expect(page.locator(f"{TABLE} .cell").first).to_be_visible()
    expect(page.locator(f"{TABLE} .foot")).to_contain_text("Итого, строк 1")
    assert violations(page) == []
    look(page, "totals-dark")
