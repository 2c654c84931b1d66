"""A newcomer, given only what `esep demo` prints: signs in, corrects an error, sees the republic move, asks why."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.ui.conftest import PASSWORD, Look, SignedIn
from tests.ui.sheet import Sheet


def test_a_newcomer_corrects_a_planted_error_and_finds_out_why(
    opened: Callable[..., Page], signed_in: SignedIn, look: Look
) -> None:
    centre = signed_in("curator")
    republic = centre.locator(".years dd").first
    expect(republic).not_to_be_empty()
    before = _digits(republic.inner_text())

    page = opened("/")
    page.get_by_label("Логин").fill("executor-1020001")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    planted = page.locator(".practice li", has_text="10 штатных единиц на 1 человек")
    expect(page.get_by_text("Исправлено: 0")).to_be_visible()
    planted.get_by_role("link").click()

    sheet = Sheet.of(page)
    for year in (2026, 2027, 2028):
        sheet.choose(1, f"Штатные единицы {year}")
        sheet.type("1")
    sheet.saved()
    page.keyboard.press("Alt+KeyL")
    expect(page.get_by_role("tabpanel")).to_contain_text("Республика")
    look(page, "journey-limits")

    sheet.choose(1, "Штатные единицы 2026")
    sheet.press("End", "Alt+KeyE")
    why = page.get_by_role("tabpanel")
    expect(why).to_contain_text("Годовой фонд 2028")
    expect(why).to_contain_text("Расчёт")
    expect(why).to_contain_text("Базовый должностной оклад")
    look(page, "journey-why")

    page.get_by_role("link", name="Есеп").click()
    expect(page.get_by_text("Исправлено: 1")).to_be_visible()
    centre.reload()
    expect(republic).not_to_be_empty()
    assert _digits(republic.inner_text()) < before - 10_000_000


def _digits(text: str) -> int:
    return int("".join(letter for letter in text if letter.isdigit()))
