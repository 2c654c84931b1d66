"""The page of scenarios in the browser: overrides, base and scenario side by side, why they differ, a shared link."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.ui.beside import russian
from tests.ui.conftest import Look, SignedIn, violations

TABLE = ".scenario-table .sheet"


def begun(page: Page) -> None:
    """A scenario begins with the change of one norm."""
    page.get_by_label("Норматив", exact=True).select_option("pay.base")
    page.get_by_label(re.compile("Значение или изменение")).fill("+10 %")
    page.get_by_role("button", name="Создать").click()


def test_a_norm_is_changed_compared_explained_and_shared(signed_in: SignedIn, look: Look) -> None:
    page = russian(signed_in("scenario-analyst"), "/scenarios")
    page.get_by_label("Название").fill("Оклад на десятую больше")
    begun(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Оклад на десятую больше")
    expect(page.locator(".override")).to_contain_text("+10 %")
    expect(page.locator(".bridge h2")).to_contain_text("больше базы на")
    page.get_by_role("button", name="Новая замена").click()
    page.locator(".overrides").get_by_label("Норматив", exact=True).select_option("mci")
    page.locator(".overrides").get_by_label(re.compile("Значение или изменение")).fill("+5 %")
    page.get_by_role("button", name="Добавить").click()
    expect(page.locator(".override")).to_have_count(2)
    page.locator(".bridge").get_by_role("button", name="Таблицей").click()
    expect(page.locator(".bridge table")).to_contain_text("Базовый должностной оклад")
    page.locator(".bridge").get_by_role("button", name="Рисунком").click()
    expect(page.locator(f"{TABLE} .moved").first).to_be_visible()
    look(page, "scenario")
    assert violations(page) == []
    page.get_by_role("button", name="Открыть по ссылке").click()
    expect(page.get_by_role("button", name="Скопировать ссылку")).to_be_visible()
    other = russian(signed_in("curator"), page.url)
    expect(other.locator(".bridge h2")).to_contain_text("больше базы на")
    expect(other.get_by_role("button", name="Новая замена")).to_have_count(0)


def test_what_cannot_be_is_refused_in_its_place(signed_in: SignedIn) -> None:
    page = russian(signed_in("scenario-analyst"), "/scenarios")
    page.get_by_label("Название").fill("Нельзя")
    begun(page)
    page.get_by_role("button", name="Текстом").click()
    page.locator(".body-text").fill("scenario: [")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator(".overrides .found")).to_be_visible()
