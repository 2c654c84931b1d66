"""Beside the grid, in the browser: why, limits, findings, history and time travel, remarks, files, charts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.ui.beside import PAY, Mine, digits, russian, submission_of
from tests.ui.conftest import Look, SignedIn, violations

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
Opened = tuple[Page, Mine, str]


@pytest.fixture
def desk(signed_in: SignedIn, institution: Callable[[], str]) -> Opened:
    """An executor before the pay form of a submission that nobody else changes."""
    code = institution()
    page = signed_in(f"executor-{code}")
    mine = submission_of(page, code)
    russian(page, mine.cell())
    expect(page.locator(".why .big")).to_be_visible()
    return page, mine, code


def panel(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}").click()


def test_a_figure_says_why(desk: Opened, look: Look) -> None:
    page, mine, _ = desk
    told = mine.get(f"/explain?form={PAY}&column=fund&row=1&year=2026")
    assert digits(page.locator(".why .big").text_content()).startswith(digits(told["cell"]["value"]))
    expect(page.locator(".why .say")).to_contain_text("Годовой фонд:")
    norms = page.locator(".why .norms")
    expect(norms).to_contain_text("Базовый должностной оклад")
    expect(norms).to_contain_text("Выдумано для обучения")
    expect(page.locator(".why .sums").last).to_contain_text("Республика")
    assert violations(page) == []
    look(page, "why")
    page.keyboard.press("Control+BracketLeft")
    expect(page.locator(".why > p").first).to_contain_text("Месячный фонд")
    page.keyboard.press("Control+BracketRight")
    expect(page.locator(".why > p").first).not_to_contain_text("Месячный фонд")
    page.go_back()
    page.locator(".ways").get_by_role("button", name="Годовой фонд").click()
    expect(page.locator(".why > p").first).to_contain_text("Годовой фонд")
    page.get_by_role("button", name="Фонд окладов категории Дополнительные").click()
    expect(page).to_have_url(re.compile(r"/additional_payments\?"))
    page.go_back()
    expect(page.locator(".why > p").first).to_contain_text("Годовой фонд")


def test_an_input_says_who_typed_it(desk: Opened) -> None:
    page, mine, _ = desk
    page.goto(mine.cell("staff"))
    expect(page.locator(".why .say")).to_contain_text("заявка начата")
    mine.edit("1.25")
    expect(page.locator(".why .say")).to_contain_text("Ввод:")
    expect(page.locator(".why .big")).to_contain_text("1,25")


def test_limits_move_as_somebody_types(desk: Opened, look: Look) -> None:
    page, mine, _ = desk
    page.keyboard.press("Alt+KeyL")
    bars = page.locator(".side .bars")
    for level in ("Учреждение", "Администратор", "Республика"):
        expect(bars).to_contain_text(level)
    before = bars.locator(".limit").first.text_content()
    mine.edit("2.15")
    expect(bars.locator(".limit").first).not_to_have_text(before or "")
    mine.edit("900")
    expect(bars.locator(".limit b.bad").first).to_contain_text("больше на")
    assert violations(page) == []
    look(page, "limits")


def test_findings_lead_to_their_cells(desk: Opened, look: Look) -> None:
    page, mine, _ = desk
    mine.edit("", "hired", None)
    panel(page, "findings")
    finding = page.locator(".note-line.error").first
    expect(finding).to_be_visible()
    expect(page.locator("#tab-findings .count")).to_be_visible()
    look(page, "findings")
    assert violations(page) == []
    finding.get_by_role("button", name="К ячейке").click()
    expect(page).to_have_url(re.compile("row=1"))
    mine.edit("2015-09-01", "hired", None)
    expect(page.locator(".note-line.error")).to_have_count(0)


def test_history_of_a_cell_and_travel_in_time(desk: Opened, look: Look) -> None:
    page, mine, _ = desk
    page.goto(mine.cell("staff"))
    was = mine.get(f"/explain?form={PAY}&column=staff&row=1&year=2026")["cell"]["value"]
    mine.edit("3.35")
    mine.edit("4.35")
    expect(page.locator(".why .big")).to_contain_text("4,35")
    page.keyboard.press("Alt+KeyH")
    events = page.locator(".side .events li")
    expect(events).to_have_count(2)
    expect(events.first).to_contain_text("4,35")
    page.get_by_role("button", name="Заявка", exact=True).click()
    expect(events).to_have_count(3)
    events.last.get_by_role("button", name="Как было тогда").click()
    expect(page.locator(".moment-bar")).to_contain_text("редакция 1")
    expect(page.locator(".sheet")).to_contain_text(was.replace(".", ","))
    look(page, "moment")
    assert violations(page) == []
    page.get_by_role("button", name="Вернуться к текущей").click()
    expect(page.locator(".moment-bar")).to_have_count(0)
    expect(page.locator(".sheet")).to_contain_text("4,35")


def test_remarks_are_pinned_answered_and_closed(desk: Opened, signed_in: SignedIn, look: Look) -> None:
    page, mine, code = desk
    page.keyboard.press("Control+Alt+KeyM")
    page.locator("#new-remark").fill("Почему так много?")
    page.get_by_role("button", name="Написать").click()
    expect(page.locator(".note-line .body")).to_have_text("Почему так много?")
    expect(page.locator("#tab-remarks .count")).to_have_text("1")
    expect(page.locator(".note-line .link.micro")).to_contain_text("Годовой фонд")
    analyst = russian(signed_in(f"analyst-{code[:3]}"), mine.cell(beside="remarks"))
    analyst.get_by_role("button", name="Ответить").click()
    analyst.get_by_label("Текст ответа").fill("<b>Так</b> посчитано")
    analyst.get_by_role("button", name="Отправить", exact=True).click()
    expect(page.locator(".reply .body")).to_have_text("<b>Так</b> посчитано")
    look(page, "remarks")
    assert violations(page) == []
    analyst.get_by_role("button", name="Решено, закрыть").click()
    expect(page.locator("#tab-remarks .count")).to_have_count(0)
    expect(page.get_by_text("Закрыто: 1")).to_be_visible()


def test_files_are_attached_looked_at_and_refused(desk: Opened, look: Look) -> None:
    page, *_ = desk
    panel(page, "files")
    chosen = page.locator(".drop input[type=file]")
    chosen.set_input_files([{"name": "prices.txt", "mimeType": "text/plain", "buffer": b"5,15 x 10 200"}])
    page.locator(".note-line .name", has_text="prices.txt").click()
    expect(page.locator(".preview pre")).to_have_text("5,15 x 10 200")
    drop = "(zone, bytes) => { const to = new DataTransfer();"
    drop += "to.items.add(new File([new Uint8Array(bytes)], 'photo.png'));"
    drop += "zone.dispatchEvent(new DragEvent('drop', {dataTransfer: to, bubbles: true})); }"
    page.locator(".drop").evaluate(drop, list(PNG))
    page.locator(".note-line .name", has_text="photo.png").click()
    expect(page.locator(".preview img")).to_be_visible()
    expect(page.locator("#tab-files .count")).to_have_text("2")
    look(page, "files")
    assert violations(page) == []
    chosen.set_input_files([{"name": "run.pdf", "mimeType": "application/pdf", "buffer": b"\x7fELF\x02\x01"}])
    expect(page.locator(".drop .found")).to_be_visible()
    with page.expect_download() as told:
        page.get_by_role("link", name="Скачать").first.click()
    assert told.value.suggested_filename == "prices.txt"
    page.get_by_role("button", name="Убрать").first.click()
    expect(page.locator("#tab-files .count")).to_have_text("1")


def test_a_pdf_is_looked_at_within_the_policy(desk: Opened) -> None:
    page, mine, _ = desk
    path = f"/api/v1/submissions/{mine.number}/attachments?name=offer.pdf"
    assert page.request.post(path, data=b"%PDF-1.4\n%%EOF", headers={"Content-Type": "application/octet-stream"}).ok
    panel(page, "files")
    page.locator(".note-line .name", has_text="offer.pdf").click()
    expect(page.locator(".preview iframe")).to_have_attribute("src", re.compile("preview=true"))


def test_charts_have_tables_and_show_before_and_after(desk: Opened, look: Look) -> None:
    page, mine, _ = desk
    panel(page, "charts")
    expect(page.locator(".chart .canvas svg").first).to_be_visible()
    expect(page.get_by_text("Суммы не изменились.")).to_be_visible()
    mine.edit("5.15")
    expect(page.locator(".chart .canvas svg")).to_have_count(2)
    look(page, "charts")
    assert violations(page) == []
    page.get_by_role("button", name="Таблицей").first.click()
    rows = mine.get("/lines?by=year")["rows"]
    shown = [digits(cell) for cell in page.locator(".chart table td").all_text_contents()]
    assert shown == [str((int(amount) + 50) // 100) for _, amount, *_ in rows]


def test_panels_in_kazakh_and_in_the_dark(signed_in: SignedIn, institution: Callable[[], str], look: Look) -> None:
    code = institution()
    page = signed_in(f"executor-{code}", color_scheme="dark")
    page.evaluate("localStorage.setItem('esep.language', 'kk')")
    page.goto(submission_of(page, code).cell())
    expect(page.locator("#tab-why")).to_have_text("Неге")
    expect(page.locator(".why .norms")).to_be_visible()
    assert violations(page) == []
    look(page, "why-kk-dark")
