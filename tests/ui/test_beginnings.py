"""Beginning a request from the home page: it is offered where there is none, and what the service refuses is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.ui.beside import API
from tests.ui.conftest import Look, SignedIn, violations
from tests.ui.sheet import Sheet

ORGANISATION = (
    "kind;code;parent;title_kk;title_ru;title_en;from\ninstitution;9049999;904;Мұражай;Музей;Museum;2026-01-01\n"
)
STAFF = "login,name,role,organisation,language,password\nasel,Әсел,executor,9049999,ru,secret-word\n"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def newcomer(signed_in: SignedIn, opened: Callable[..., Page]) -> Page:
    """The executor of an institution that has just been taken in, signed in by hand."""
    keeper = signed_in("system-administrator")
    for kind, rows in (("organisations", ORGANISATION), ("staff", STAFF)):
        answer = keeper.request.post(f"{API}/imports/{kind}?dry=false", data=rows, headers=CSV)
        assert answer.ok, answer.text()
    page = opened("/")
    page.get_by_label("Логин").fill("asel")
    page.get_by_label("Пароль").fill("secret-word")
    page.keyboard.press("Enter")
    return page


def test_who_has_no_request_is_offered_one(newcomer: Page, look: Look) -> None:
    """The norms get to know the new institution with its first request."""
    offer = newcomer.get_by_role("region", name="Начать: Бюджетная заявка, Музей, 2026–2028")
    expect(newcomer.locator("h1")).to_contain_text("Заявки учреждений")
    look(newcomer, "home-begin")
    assert violations(newcomer) == []
    begin(offer, "904-001", "011")
    newcomer.wait_for_url("**/submissions/*")
    assert header_of(newcomer)["institution"] == "9049999"


def test_what_the_service_refuses_is_told(signed_in: SignedIn, institution: Callable[[], str]) -> None:
    """There is a request for that already."""
    code = institution()
    page = signed_in(f"executor-{code}", "/institutions")
    (mine,) = [one for one in listed(page, "submissions", "submissions") if one["cycle"] == "2026-2028"]
    header = {one["name"]: one["value"] for one in page.request.get(f"{API}/submissions/{mine['id']}").json()["header"]}
    offered(page, code, header["programme"])
    page.goto("/")
    offer = page.get_by_role("region", name="Начать: Бюджетная заявка, Новая")
    begin(offer, header["programme"], header["subprogramme"])
    expect(offer.get_by_role("alert")).to_contain_text("уже начата")
    assert violations(page) == []


def test_a_request_begins_by_keyboard_and_opens(signed_in: SignedIn, institution: Callable[[], str]) -> None:
    """This institution has a request already, so the offer is put in; what it leads to is the service's."""
    code = institution()
    page = signed_in(f"executor-{code}", "/institutions")
    programme = others(page)
    offered(page, code, programme)
    page.goto("/")
    begin(page.get_by_role("region", name="Начать: Бюджетная заявка, Новая"), programme, "011")
    page.wait_for_url("**/submissions/*")
    expect(page.get_by_role("navigation").filter(has_text="01-111").first).to_be_visible()
    header = header_of(page)
    assert (header["programme"], header["institution"]) == (programme, code)


def test_a_request_begins_from_the_last_cycles(signed_in: SignedIn, look: Look) -> None:
    """One institution of the demo has a request of the last cycle and none of this one; its executor goes on."""
    curator = signed_in("curator")
    begun = {one["institution"] for one in listed(curator, "submissions", "submissions") if one["cycle"] == "2026-2028"}
    last = [one for one in listed(curator, "submissions", "submissions") if one["cycle"] != "2026-2028"]
    (origin,) = [one for one in last if one["institution"] not in begun]
    page = signed_in(f"executor-{origin['institution']}")
    offer = page.get_by_role("region", name=f"Начать: Бюджетная заявка, {origin['title']['ru']}, 2026–2028")
    offer.get_by_role("button", name=re.compile("Начать: .*2025–2027")).focus()
    look(page, "home-begin-last")
    page.keyboard.press("Enter")
    page.wait_for_url("**/submissions/*/*")
    sheet = Sheet.of(page)
    number = int(page.url.split("/submissions/")[1].split("/")[0])
    before, now = (page.request.get(f"{API}/submissions/{one}").json() for one in (origin["id"], number))
    assert (now["cycle"], now["state"], now["may_edit"]) == ("2026-2028", "draft", True)
    rows = [{form["name"]: form["rows"] for form in one["forms"]}["pay_civil_employees"] for one in (before, now)]
    assert rows[0] == rows[1] > 0
    sheet.choose(0, "Штатные единицы 2026")
    sheet.type("4,5")
    sheet.saved()
    page.goto("/")
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_role("region", name=re.compile("^Начать: "))).to_have_count(0)


def test_an_administrator_begins_its_staff_schedule(signed_in: SignedIn, look: Look) -> None:
    """One administrator of the demo has none yet; it chooses nothing, and then is offered it no more."""
    page = signed_in("analyst-102")
    offer = page.get_by_role("region", name=re.compile("^Начать: Прогноз штатного расписания, .*, 2026–2028"))
    button = offer.get_by_role("button", name="Начать: С пустых форм")
    expect(button).to_be_visible()
    expect(offer.get_by_role("combobox")).to_have_count(0)
    look(page, "home-begin-schedule")
    assert violations(page) == []
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/submissions/*/positions")
    assert header_of(page)["administrator"] == "102"
    expect(page.get_by_role("navigation").filter(has_text="staff-schedule").first).to_be_visible()
    look(page, "schedule-begun")
    page.goto("/")
    expect(page.get_by_role("heading", name=re.compile("Заполнить: Прогноз штатного расписания"))).to_be_visible()
    expect(offer).to_have_count(0)
    beginnings = page.request.get(f"{API}/start").json()["beginnings"]
    assert "staff-schedule" not in {one["ruleset"] for one in beginnings}


def listed(page: Page, path: str, of: str) -> list[Any]:
    return list(page.request.get(f"{API}/{path}?count=1000").json()[of])


def begin(offer: Any, programme: str, subprogramme: str) -> None:
    """Choose and send, without the mouse."""
    first, second = offer.get_by_role("combobox").first, offer.get_by_role("combobox").last
    expect(first.get_by_role("option", name=programme)).to_have_count(1)
    first.select_option(programme)
    second.select_option(subprogramme)
    offer.get_by_role("button", name="Начать: С пустых форм").focus()
    offer.page.keyboard.press("Enter")


def others(page: Page) -> str:
    """A programme of one's administrator under which one asks for nothing yet."""
    mine = {row[0] for row in page.request.get(f"{API}/totals?by=programme").json()["rows"]}
    administrator = min(mine)[:4]
    codes = page.request.get(f"{API}/classifications/programme?like={administrator}&count=1000").json()["codes"]
    return next(one["code"] for one in codes if one["code"].startswith(administrator) and one["code"] not in mine)


def header_of(page: Page) -> dict[str, Any]:
    """Of the draft that stands open."""
    number = page.url.split("/submissions/")[1].split("/")[0]
    told = page.request.get(f"{API}/submissions/{number}").json()
    assert told["state"] == "draft"
    return {field["name"]: field["value"] for field in told["header"]}


def offered(page: Page, code: str, programme: str) -> None:
    """From now on the page is told that the institution has no request."""
    offer: dict[str, Any] = {
        "institution": code,
        "title": {"ru": "Новая"},
        "administrator": programme[:3],
        "cycle": "2026-2028",
    }
    offer |= {"ruleset": "budget-request", "ruleset_title": {"ru": "Бюджетная заявка"}}
    offer["asks"] = ["programme", "subprogramme"]
    page.route("**/api/v1/start", lambda route: put_in(route, offer | {"origins": []}))


def put_in(route: Route, offer: dict[str, Any]) -> None:
    told = route.fetch().json()
    route.fulfill(body=json.dumps(told | {"beginnings": [offer], "unbegun": 1}), content_type="application/json")
