"""How much is loaded first and how long it takes; files come compressed, and stay for good."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, Response, expect

from tests.ui.conftest import PASSWORD, Republic, SignedIn
from tests.ui.sheet import Sheet, submission_of

FIRST_LOAD_MAX = 300_000
"""Bytes as they travel, up to the first page of somebody who has just signed in: document, scripts, styles, fonts."""


def test_the_first_load_is_small(opened: Callable[..., Page]) -> None:
    page = opened("about:blank")
    came: list[Response] = []

    def keep(one: Response) -> None:
        came.append(one)

    page.on("response", keep)
    page.goto("/")
    page.get_by_label("Логин").fill("executor-1020001")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Тренировка")).to_be_visible()
    sizes = {one.url: one.request.sizes()["responseBodySize"] for one in came if "/api/" not in one.url}
    assert sum(sizes.values()) < FIRST_LOAD_MAX, sizes
    assert all(one.headers.get("content-encoding") for one in came if one.url.endswith((".js", ".css")))


def test_the_first_load_of_a_form_with_its_data_is_small(signed_in: SignedIn, served: Republic) -> None:
    """Whoever has never been here and follows a link to a form; charts come when they are looked at."""
    page = signed_in("executor-1020001", "about:blank")
    came, asked = list[float](), list[str]()
    watched = page.context.new_cdp_session(page)
    watched.send("Network.enable")
    watched.on("Network.loadingFinished", lambda one: came.append(one["encodedDataLength"]))
    page.on("request", lambda one: asked.append(one.url.removeprefix(served.url)))
    page.goto(f"/submissions/{submission_of(served, 'executor-1020001')}/pay_civil_employees")
    Sheet.of(page)
    page.wait_for_load_state("load")
    expect(page.locator(".side")).not_to_contain_text("Загру")
    assert sum(came) < FIRST_LOAD_MAX, asked
    assert sorted(set(asked)) == sorted(asked), "nothing is asked for twice"
    assert not any("chart-" in one for one in asked)


def test_files_come_compressed_if_the_browser_can(served: Republic) -> None:
    document = httpx2.get(served.url).text
    name = document.split('src="')[1].split('"')[0]
    plain = httpx2.get(served.url + name, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for coding in ("br", "gzip"):
        answer = httpx2.get(served.url + name, headers={"Accept-Encoding": coding})
        assert answer.headers["content-encoding"] == coding
        assert "javascript" in answer.headers["content-type"]
        assert answer.headers["cache-control"].endswith("immutable")
        assert int(answer.headers["content-length"]) < len(plain.content) / 2
