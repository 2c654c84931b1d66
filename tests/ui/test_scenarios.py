"""The page of scenarios in the browser: overrides, base and scenario side by side, why they differ, a shared link."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.ui.beside import API, PAY, russian
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


def test_a_limit_and_a_cell_are_overridden_and_a_second_scenario_stands_beside(signed_in: SignedIn, look: Look) -> None:
    page = russian(signed_in("scenario-analyst"), "/scenarios")
    other = made(page, "Оклад ниже", "scenario: lower\nnorms: {pay.base: -10 %}\n")
    mine = made(page, "Лимит и ячейка", '{"scenario": "both", "norms": {"mci": [{"change": "+0 %"}]}}')
    page.goto(f"/scenarios/{mine}")
    add(page, "limit", {"Лимит": "limit.base", "Код администратора": "102", "Значение или изменение": "-90 %"})
    expect(page.locator(".override")).to_contain_text(["+0", "102"])
    expect(page.get_by_text(re.compile(r"Превышений лимитов: в базе \d+, в сценарии \d+"))).to_have_class("bad")
    cell = {"Код учреждения": "1020001", "Форма": PAY, "Строка": "1", "Графа": "staff", "Новое значение": "100"}
    add(page, "cell", cell)
    expect(page.locator(".override")).to_contain_text(["+0", "102", "1020001"])
    expect(page.locator(".bridge h2")).to_contain_text("Почему «Лимит и ячейка» больше базы на")
    page.locator(".bridge").get_by_role("button", name="Таблицей").click()
    expect(page.locator(".bridge table")).to_contain_text("объём: Штатные единицы, ")
    expect(page.locator(".bridge table")).not_to_contain_text(PAY)
    page.locator(".bridge").get_by_role("button", name="Рисунком").click()
    page.get_by_label("Сравнить ещё с").select_option(other)
    expect(page).to_have_url(re.compile(f"with={other}"))
    heads = page.locator(f"{TABLE} [role=columnheader]")
    expect(heads.filter(has_text="Лимит и ячейка").first).to_be_visible()
    expect(heads.filter(has_text="Оклад ниже").first).to_be_visible()
    look(page, "scenarios-two")
    assert violations(page) == []
    page.get_by_role("button", name="Убрать: 1020001").click()
    expect(page.locator(".override")).to_have_count(2)
    expect(page.locator(".bridge h2")).to_contain_text("не отличается от базы")


def made(page: Page, title: str, body: str) -> str:
    """A scenario of the one who is signed in, not made through the page: its link."""
    answer = page.request.post(f"{API}/scenarios", data={"title": title, "body": body})
    assert answer.ok, answer.text()
    return str(answer.json()["link"])


def add(page: Page, kind: str, facts: dict[str, str]) -> None:
    """Fill the form of a new override: a choice by its value, anything else by its words."""
    page.get_by_role("button", name="Новая замена").click()
    form = page.locator(".overrides form.new")
    form.get_by_label("Что изменить").select_option(kind)
    for label, value in facts.items():
        field = form.get_by_label(re.compile(f"^{label}"))
        if value.startswith("limit."):
            field.select_option(value)
        else:
            field.fill(value)
    form.get_by_role("button", name="Добавить").click()
