"""Signing in and out."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.ui.conftest import PASSWORD, Look, SignedIn, violations


def test_somebody_signs_in_and_out(opened: Callable[..., Page], look: Look) -> None:
    page = opened("/")
    look(page, "sign-in")
    assert violations(page) == []
    page.keyboard.type("executor-1020001")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("banner")).to_be_visible()


def test_a_wrong_password_is_told(opened: Callable[..., Page]) -> None:
    page = opened("/")
    page.get_by_label("Логин").fill("nobody")
    page.get_by_label("Пароль").fill("wrong")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_session_lasts(signed_in: SignedIn) -> None:
    page = signed_in("executor-1020001")
    page.reload()
    expect(page.get_by_role("banner")).to_be_visible()
