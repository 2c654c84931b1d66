"""The frame: language, unit and theme at any moment, the way by keyboard, small screens, paper, lost lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import SMALL, TABLET, Look, Republic, SignedIn, until, violations
from tests.ui.sheet import submission_of

NO_BREAK = "\u00a0"
ALL_LOADED = """document.readyState === 'complete' && document.fonts.status === 'loaded'
    && performance.getEntriesByType('resource').some(one => one.name.includes('/checking-'))"""
"""Says that the page has all its files, the one that comes last included: a line that is cut then cuts none of them."""


def test_language_changes_at_any_moment_and_numbers_and_dates_with_it(signed_in: SignedIn, look: Look) -> None:
    page = signed_in("executor-1020001")
    heading, amount = page.locator("h1"), page.locator(".years dd").first
    expect(heading).to_contain_text("Заявки учреждений")
    expect(amount).to_contain_text(NO_BREAK)
    page.get_by_role("button", name="Eng").click()
    expect(heading).to_contain_text("Requests of institutions: until")
    expect(amount).to_contain_text(",")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Қаз").click()
    expect(heading).to_contain_text("Мекемелердің өтінімдері")
    look(page, "home-kk")
    page.reload()
    expect(heading).to_contain_text("Мекемелердің өтінімдері")


def test_money_in_tenge_thousands_and_millions(signed_in: SignedIn) -> None:
    page = signed_in("executor-1020001")
    amount = page.locator(".years dd").first
    expect(amount).to_contain_text(NO_BREAK)
    tenge = _digits(amount.inner_text())
    page.get_by_role("button", name="тыс.").click()
    expect(page.get_by_text("тыс. тенге").first).to_be_visible()
    assert abs(_digits(amount.inner_text()) * 1000 - tenge) <= 500
    page.get_by_role("button", name="млн").click()
    expect(amount).to_contain_text(",")
    assert abs(_digits(amount.inner_text()) * 100_000 - tenge) <= 50_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_hard_to_reach_or_read(scheme: str, signed_in: SignedIn, look: Look) -> None:
    """The system chooses the theme, and the user may choose the other; in both axe finds nothing."""
    page = signed_in("executor-1020001", color_scheme=scheme)
    expect(page.get_by_role("heading", name="Тренировка")).to_be_visible()
    assert page.locator("html").get_attribute("data-theme") == scheme
    look(page, f"home-{scheme}")
    assert violations(page) == []
    page.get_by_role("button", name="тема").click()
    assert page.locator("html").get_attribute("data-theme") != scheme


@pytest.mark.parametrize("login", ["head-1020001", "analyst-102", "administrator-head-102", "curator", "auditor"])
def test_each_role_has_a_home(login: str, signed_in: SignedIn, look: Look) -> None:
    page = signed_in(login)
    expect(page.locator(".years dd").first).to_be_visible()
    look(page, f"home-{login}")
    assert violations(page) == []


def test_the_list_leads_to_a_request(signed_in: SignedIn, look: Look) -> None:
    page = signed_in("curator", "/institutions")
    expect(page.get_by_role("link", name="1020002")).to_be_visible()
    look(page, "institutions")
    assert violations(page) == []
    page.get_by_label("Код или название").fill("1020002")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="1020002").click()
    page.wait_for_url("**/submissions/*")


def test_one_finds_ones_way_by_keyboard_alone(signed_in: SignedIn) -> None:
    page = signed_in("executor-1020001")
    expect(page.locator("h1")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="К содержанию")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("топлив")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/submissions/*/fuel*")
    picker = page.get_by_role("button", name="Программа")
    picker.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(picker).to_be_focused()


def test_help_tells_the_keyboard_and_the_open_form(signed_in: SignedIn, look: Look) -> None:
    page = signed_in("executor-1020001")
    expect(page.locator("h1")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("топлив")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/submissions/*/fuel*")
    expect(page.get_by_role("grid").first).to_be_visible()
    page.keyboard.press("F1")
    sheet = page.get_by_role("dialog")
    form = sheet.get_by_role("region", name="Эта форма: Топливо")
    expect(form).to_contain_text("Строка на машину")
    expect(form).to_contain_text("Километров в год на одну машину")
    expect(form).to_contain_text("приказ МФ № 185")
    expect(sheet).to_contain_text("Ctrl+K")
    look(page, "help")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_help_begins_with_the_column_of_the_cell_and_names_the_act_of_its_norm(
    signed_in: SignedIn, served: Republic, look: Look
) -> None:
    form = f"/submissions/{submission_of(served, 'executor-1020001')}/pay_civil_employees"
    page = signed_in("executor-1020001", f"{form}?row=1&column=salary&year=2026")
    expect(page.get_by_role("grid").first).to_be_visible()
    page.keyboard.press("F1")
    column = page.get_by_role("dialog").get_by_role("region", name="Эта графа: Должностной оклад")
    expect(column).to_contain_text("БДО × коэффициент")
    expect(column).to_contain_text("Government Resolution No. 1193 of 2015-12-31")
    look(page, "help-column")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("F1")
    expect(page.get_by_role("dialog").get_by_role("region", name="Эта графа: ")).not_to_contain_text("оклад")


@pytest.mark.parametrize("size", [SMALL, {"width": 1024, "height": 768}, TABLET], ids=lambda size: f"{size['width']}")
def test_nothing_is_cut_off_on_a_small_screen(size: dict[str, int], signed_in: SignedIn, look: Look) -> None:
    page = signed_in("executor-1020001", viewport=size)
    expect(page.get_by_role("heading", name="Тренировка")).to_be_visible()
    look(page, f"home-{size['width']}")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.evaluate("document.querySelector('.page').scrollWidth") <= size["width"]


def test_on_paper_there_are_words_and_no_buttons(signed_in: SignedIn, look: Look) -> None:
    page = signed_in("executor-1020001")
    expect(page.get_by_role("heading", name="Тренировка")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Поиск")).to_be_hidden()
    expect(page.locator(".env")).to_be_visible()
    expect(page.get_by_role("link", name="Продолжить")).to_be_hidden()
    look(page, "print")


def test_a_lost_line_says_so_and_heals(signed_in: SignedIn) -> None:
    page = signed_in("executor-1020001")
    expect(page.locator("h1")).to_be_visible()
    until(page, lambda: bool(page.evaluate(ALL_LOADED)))
    page.context.set_offline(True)
    expect(page.get_by_text("Связь потеряна")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Связь потеряна")).to_be_hidden()
    expect(page.get_by_text("догоняем")).to_be_hidden()


def test_an_address_that_is_no_page_says_so(signed_in: SignedIn) -> None:
    page = signed_in("executor-1020001", "/elsewhere")
    page.get_by_role("link", name="На главную").click()
    expect(page.get_by_text("Что сделать")).to_be_visible()


def test_the_training_base_is_told_from_the_real_one(opened: Callable[..., Page]) -> None:
    expect(opened("/").get_by_text("данные вымышлены")).to_be_visible()


def _digits(text: str) -> int:
    return int("".join(letter for letter in text if letter.isdigit()))
