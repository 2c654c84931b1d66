"""The grid as people use it who know Excel: keys, selection, clipboard, filling, undo, rows, columns, others."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.ui.conftest import Look, Republic, SignedIn, until, violations
from tests.ui.sheet import Sheet, submission_of

API = "/api/v1"
FORM = "pay_civil_employees"
STAFF = "Штатные единицы 2026"
Opened = Callable[..., Sheet]


@pytest.fixture
def form(served: Republic, signed_in: SignedIn, institution: Callable[[], str]) -> Opened:
    """Opens a form of an institution of the test's own, or again the same one as somebody else."""
    taken: list[str] = []

    def enter(who: str = "executor", name: str = FORM, **how: object) -> Sheet:
        if not taken:
            taken.append(institution())
        login = f"{who}-{taken[0]}"
        page = signed_in(login, f"/submissions/{submission_of(served, login)}/{name}", **how)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        return Sheet.of(page)

    return enter


def test_the_keys_of_excel_move_select_and_edit(form: Opened) -> None:
    sheet = form()
    sheet.choose(1, STAFF)
    column = sheet.column(STAFF)
    sheet.press("ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft")
    assert sheet.active() == (1, column)
    sheet.press("Tab", "Enter", "Shift+Tab", "Shift+Enter")
    assert sheet.active() == (1, column)
    sheet.press("Control+End")
    last = sheet.active()
    sheet.press("Control+Home", "Control+ArrowRight", "End", "Control+ArrowDown")
    assert sheet.active()[1] == last[1]
    sheet.press("Home", "PageUp", "PageUp", "Control+Home")
    assert sheet.active() == (0, 2)
    expect(sheet.cell(0, STAFF)).to_be_visible()
    sheet.choose(0, STAFF)
    sheet.type("1,5")
    sheet.type("2.25")
    sheet.type("3", "Escape")
    sheet.press("ArrowUp", "ArrowUp", "Shift+ArrowDown")
    sheet.saved()
    assert (sheet.text(0, STAFF), sheet.text(1, STAFF)) == ("1,50", "2,25")
    assert (sheet.status("Сумма"), sheet.status("Среднее"), sheet.status("Количество")) == ("3,75", "1,88", "2")
    sheet.press("F2")
    editor = sheet.page.locator(".sheet-editor")
    expect(editor).to_have_value("1,50")
    sheet.page.keyboard.type("4")
    sheet.press("Control+Enter")
    sheet.saved()
    assert (sheet.text(0, STAFF), sheet.text(1, STAFF)) == ("4,00", "4,00")
    sheet.layout_key("KeyZ", "я")
    expect(sheet.cell(1, STAFF)).to_have_text("2,25")
    sheet.layout_key("KeyZ", "Я", shift=True)
    expect(sheet.cell(1, STAFF)).to_have_text("4,00")
    sheet.press("Delete")
    expect(sheet.cell(1, STAFF)).to_have_text("")
    sheet.press("Control+z")
    expect(sheet.cell(1, STAFF)).to_have_text("4,00")
    sheet.press("Control+y")
    expect(sheet.cell(1, STAFF)).to_have_text("")
    sheet.press("Control+a")
    assert sheet.page.locator('.sheet .row [aria-selected="true"]').count() > 100
    sheet.choose(0, "Должность")
    sheet.letter("Digit2", "ә")
    expect(editor).to_have_value("ә")
    sheet.press("Escape")


def test_cells_go_to_other_programs_and_come_back(form: Opened) -> None:
    sheet = form()
    sheet.choose(0, STAFF)
    sheet.paste(text="1\t1,5\t2\r\n3\t0,25\t1 000,5\r\n")
    sheet.saved()
    assert [sheet.text(1, f"Штатные единицы {year}") for year in (2026, 2027, 2028)] == ["3,00", "0,25", "1 000,50"]
    sheet.press("Shift+ArrowRight", "Shift+ArrowDown")
    sheet.layout_key("KeyC", "с")
    assert sheet.copied("text/plain") == "1,00\t1,50\r\n3,00\t0,25\r\n"
    assert 'x:num="0.25" sdval="0.25"' in sheet.copied("text/html")
    sheet.choose(3, STAFF)
    sheet.press("Control+v")
    expect(sheet.cell(4, "Штатные единицы 2027")).to_have_text("0,25")
    sheet.choose(5, STAFF)
    sheet.paste(
        html='<table><tr><td sdval="0.125" sdnum="1049;">0,13</td><td x:num>7,5</td></tr></table>', text="0,13\t7,5"
    )
    told = sheet.page.get_by_role("dialog")
    expect(told).to_contain_text("0.125")
    expect(told).to_contain_text("Не принимается: 1")
    told.get_by_role("button", name="Вставить принятое").click()
    expect(sheet.cell(5, "Штатные единицы 2027")).to_have_text("7,50")
    sheet.choose(6, STAFF)
    sheet.press("Control+x")
    sheet.choose(7, STAFF)
    sheet.press("Control+v")
    expect(sheet.cell(6, STAFF)).to_have_text("")
    sheet.press("Control+z")
    expect(sheet.cell(6, STAFF)).not_to_have_text("")
    sheet.choose(0, "Дата начала стажа")
    sheet.paste(text="01.02.2020\n2019-03-04\n31 мая 2018\n")
    expect(sheet.cell(2, "Дата начала стажа")).to_have_text("31.05.2018")
    assert sheet.text(0, "Дата начала стажа") == "01.02.2020"


def test_cells_are_filled_from_their_neighbours(form: Opened) -> None:
    sheet = form()
    sheet.choose(0, STAFF)
    sheet.type("1")
    sheet.type("2")
    sheet.press("ArrowUp", "ArrowUp", "Shift+ArrowDown")
    handle, below = sheet.page.locator(".sheet .handle"), sheet.cell(4, STAFF)
    handle.drag_to(below)
    expect(below).to_have_text("5,00")
    sheet.choose(0, STAFF)
    sheet.press("Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    expect(sheet.cell(2, STAFF)).to_have_text("1,00")
    sheet.choose(3, STAFF)
    sheet.press("Shift+ArrowRight", "Shift+ArrowRight", "Control+r")
    expect(sheet.cell(3, "Штатные единицы 2028")).to_have_text("4,00")


def test_rows_are_begun_inserted_copied_moved_and_removed(form: Opened) -> None:
    sheet = form()
    rows = int(sheet.page.locator(".sheet").get_attribute("aria-rowcount") or 0) - HEADS_FOOT
    first, second = sheet.text(0, "Должность"), sheet.text(1, "Должность")
    sheet.choose(0, "Должность")
    sheet.press("Alt+Shift+ArrowDown")
    expect(sheet.cell(1, "Должность")).to_have_text(first)
    assert sheet.text(0, "Должность") == second
    assert sheet.active()[0] == 1
    sheet.press("Control+Equal")
    expect(sheet.cell(1, "Должность")).to_have_text("")
    expect(sheet.cell(2, "Должность")).to_have_text(first)
    assert sheet.active()[0] == 1
    sheet.choose(2, "Должность")
    sheet.press("Control+Shift+D")
    expect(sheet.cell(3, "Должность")).to_have_text(first)
    sheet.press("Control+Minus")
    sheet.press("Control+z")
    sheet.press("Control+End", "Home")
    sheet.type("Новый учитель")
    expect(sheet.page.locator(".foot .name")).to_contain_text(str(rows + 3))
    sheet.page.locator(".sheet .row .name").first.click(button="right")
    sheet.page.get_by_role("button", name="Удалить строку").click()
    expect(sheet.page.locator(".foot .name")).to_contain_text(str(rows + 2))
    sheet.page.get_by_role("button", name=re.compile("Отменить")).click()
    expect(sheet.page.locator(".foot .name")).to_contain_text(str(rows + 3))


def test_what_is_typed_stays_in_its_row_while_others_add_rows(form: Opened) -> None:
    sheet = form()
    page, number = sheet.page, int(re.findall(r"submissions/(\d+)", sheet.page.url)[0])
    names = [sheet.text(row, "Должность") for row in range(4)]
    sheet.choose(2, "Должность")
    page.keyboard.type("Head")
    revision = page.request.get(f"{API}/submissions/{number}").json()["revision"]
    added = {"form": FORM, "place": 0, "rows": [{}], "revision": revision}
    answer = page.request.post(f"{API}/submissions/{number}/rows", data=added)
    assert answer.ok, answer.text()
    page.keyboard.type(" cook")
    page.wait_for_timeout(500)
    assert [sheet.text(row, "Должность") for row in range(2)] == names[:2]
    sheet.press("Enter")
    expect(sheet.cell(3, "Должность")).to_have_text("Head cook")
    assert [sheet.text(row, "Должность") for row in range(5)] == ["", *names[:2], "Head cook", names[3]]
    assert sheet.active()[0] == 4


def test_a_row_is_begun_under_the_last_while_a_slow_service_removes_another(form: Opened) -> None:
    sheet = form()
    page, held = sheet.page, list[Route]()
    rows = int(page.locator(".sheet").get_attribute("aria-rowcount") or 0) - HEADS_FOOT

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/rows/remove", hold)
    sheet.choose(2, "Должность")
    sheet.press("Control+Minus", "Control+z", "Control+End", "Home")
    page.keyboard.type("Head")
    until(page, lambda: bool(held))
    held[0].continue_()
    page.keyboard.type(" cook")
    page.wait_for_timeout(500)
    sheet.press("Enter")
    expect(page.locator(".foot .name")).to_contain_text(str(rows + 1))
    expect(sheet.cell(rows, "Должность")).to_have_text("Head cook")


def test_the_view_changes_and_the_data_does_not(form: Opened) -> None:
    sheet = form()
    page = sheet.page
    sheet.choose(0, "Должность")
    sheet.press("Control+Shift+L")
    page.get_by_role("button", name="По возрастанию").click()
    names = [sheet.text(row, "Должность") for row in range(6)]
    assert names == sorted(names)
    sheet.press("Control+Shift+L")
    page.get_by_role("button", name="Группировать").click()
    heading = sheet.cell(0, "Должность")
    expect(heading).to_contain_text("▾")
    heading.dblclick()
    expect(heading).to_contain_text("▸")
    page.get_by_role("button", name=re.compile("показано строк")).click()
    sheet.press("Control+f")
    page.keyboard.type("директор")
    expect(page.locator(".find [role=status]")).to_have_text(re.compile(r"^\d+ из \d+$"))
    sheet.press("Enter", "Escape")
    assert "директор" in sheet.text(sheet.active()[0], "Должность").lower()
    sheet.choose(0, "Сфера")
    sheet.press("Control+Shift+L")
    page.get_by_role("button", name="Ничего").click()
    page.locator(".popup .values input").first.check()
    sheet.press("Escape")
    shown = page.get_by_role("button", name=re.compile("показано строк"))
    expect(shown).to_be_visible()
    shown.click()
    expect(shown).to_be_hidden()
    grip = page.locator(".head:has-text('Сфера') .grip")
    expect(grip).to_be_visible()
    narrow, box = page.locator(".head:has-text('Сфера')").bounding_box(), grip.bounding_box()
    assert narrow is not None
    assert box is not None
    page.mouse.move(box["x"] + 3, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 53, box["y"] + 10)
    page.mouse.up()
    sheet.choose(0, "Человек")
    sheet.press("Control+Shift+L")
    with page.expect_response(lambda answer: '"hidden":["persons"]' in (answer.request.post_data or "")):
        page.get_by_role("button", name="Скрыть графу").click()
    wide = page.locator(".head:has-text('Сфера')").bounding_box()
    page.reload()
    Sheet.of(page)
    assert page.locator(".head .words", has_text=re.compile("^Человек")).count() == 0
    again = page.locator(".head:has-text('Сфера')").bounding_box()
    assert wide is not None
    assert again is not None
    assert again["width"] == wide["width"] == narrow["width"] + 50
    sheet.press("Tab")
    page.locator(".sheet").focus()
    page.locator(".opener.more").first.click()
    expect(page.locator(".head:has-text('дек 2028')")).to_be_attached()


def test_codes_are_found_by_code_and_in_three_languages(form: Opened) -> None:
    sheet = form()
    sheet.choose(0, "Звено и ступень")
    sheet.press("Alt+ArrowDown")
    options = sheet.page.locator(".sheet-list [role=option]")
    expect(options.nth(3)).to_be_visible()
    sheet.press("Escape")
    for words in ("жоғары білімді", "B2-1", "highest category"):
        sheet.page.keyboard.type(words)
        expect(options.first).to_contain_text("B")
        sheet.press("ArrowDown", "ArrowUp", "Escape")
    sheet.page.keyboard.type("B2-3")
    expect(options.first).to_contain_text("B2-3")
    sheet.press("Enter")
    expect(sheet.cell(0, "Звено и ступень")).to_have_text("B2-3")
    sheet.choose(0, "Дата начала стажа")
    sheet.type("31.02.2020")
    expect(sheet.page.get_by_role("alert")).to_contain_text("31.02.2020")
    sheet.choose(0, "Дата начала стажа")
    sheet.press("Control+Semicolon")
    sheet.saved()


def test_two_people_see_each_other_and_a_lost_connection_heals(form: Opened) -> None:
    mine, head = form(), form("head")
    mine.choose(0, STAFF)
    mine.type("6,5")
    expect(head.cell(0, STAFF)).to_have_text("6,50")
    expect(head.cell(0, STAFF)).to_have_class(re.compile("others"))
    expect(mine.cell(0, STAFF)).to_have_class(re.compile("fresh"))
    assert head.cell(0, STAFF).get_attribute("aria-readonly") == "true"
    context: BrowserContext = mine.page.context
    context.set_offline(True)
    mine.type("7,5")
    expect(mine.page.locator(".sb [role=status]")).to_contain_text("Нет связи")
    expect(mine.cell(1, STAFF)).to_have_text("7.5")
    context.set_offline(False)
    expect(head.cell(1, STAFF)).to_have_text("7,50")
    mine.saved()


def test_the_grid_is_told_to_a_screen_reader(form: Opened, look: Look) -> None:
    sheet = form(color_scheme="dark")
    page: Page = sheet.page
    grid = page.get_by_role("grid")
    assert int(grid.get_attribute("aria-rowcount") or 0) > 10
    assert int(grid.get_attribute("aria-colcount") or 0) > 10
    sheet.choose(0, STAFF)
    sheet.type("1,25")
    expect(page.locator(".sheet-frame [aria-live]")).to_contain_text("Записано")
    look(page, "form-dark")
    assert violations(page) == []
    sheet.press("Control+Shift+L")
    assert violations(page) == []
    sheet.press("Escape", "F2")
    assert violations(page) == []


HEADS_FOOT = 4
"""Two rows of heads, the new row and the totals."""
