"""The main ways through the page in one go, in a form of a thousand rows: an edit, its limits and totals, why, others.

It costs a few seconds in the demo republic; `ESEP_UI_SIZE=national` goes the same ways in the nation's.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.ui.beside import API, PAY, Mine, digits, russian, submission_of
from tests.ui.conftest import PASSWORD, Look, SignedIn, until
from tests.ui.sheet import Sheet

ROWS = 1_000
STAFF = "Штатные единицы 2026"


def test_an_edit_among_a_thousand_rows_is_seen_everywhere(
    opened: Callable[..., Page], signed_in: SignedIn, institution: Callable[[], str], look: Look
) -> None:
    code = institution()
    page = opened("/")
    page.get_by_label("Логин").fill(f"executor-{code}")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".initials")).to_be_visible()
    mine = submission_of(page, code)
    grown(mine)
    page.goto(f"/submissions/{mine.number}/{PAY}")
    sheet = Sheet.of(page)
    head = Sheet.of(signed_in(f"head-{code}", f"/submissions/{mine.number}/{PAY}"))
    totals = russian(signed_in("curator"), "/totals")
    expect(totals.locator(".totals-table .foot")).to_be_visible()
    republic = foot(totals)

    sheet.choose(0, STAFF)
    sheet.press("Control+ArrowDown")
    expect(sheet.cell(ROWS - 1, STAFF)).not_to_have_text("")
    sheet.press("Control+ArrowUp")
    strip, sum_of_fund = page.locator(".lims").first, page.locator(".sheet .foot").first
    limits, sums = strip.inner_text(), sum_of_fund.inner_text()
    sheet.choose(0, STAFF)
    sheet.type("7,25")
    expect(sum_of_fund).not_to_have_text(sums, use_inner_text=True)
    expect(strip).not_to_have_text(limits, use_inner_text=True)
    sheet.saved()
    expect(head.cell(0, STAFF)).to_have_text("7,25")
    expect(head.cell(0, STAFF)).to_have_class(re.compile("others"))
    until(totals, lambda: foot(totals) != republic)
    told = totals.request.get(f"{API}/totals?by=year").json()["rows"]
    until(totals, lambda: all(str((int(row[1]) + 50) // 100) in foot(totals) for row in told))
    look(totals, "main-totals")

    sheet.choose(0, STAFF)
    sheet.press("End", "Alt+KeyE")
    why = page.get_by_role("tabpanel")
    expect(why).to_contain_text("Годовой фонд 2028")
    expect(why).to_contain_text("Базовый должностной оклад")
    look(page, "main-ways")
    sheet.choose(0, "Должность")
    sheet.press("Home", "Control+z")
    expect(sheet.cell(0, STAFF)).not_to_have_text("7,25")
    expect(head.cell(0, STAFF)).not_to_have_text("7,25")


def grown(mine: Mine) -> None:
    """The pay form grows to a thousand rows, copies of those that it has."""
    rows = mine.get(f"/forms/{PAY}")["rows"]
    copies = [rows[i % len(rows)] for i in range(ROWS - len(rows))]
    answer = mine.asking.post(f"{API}/submissions/{mine.number}/rows", data={"form": PAY, "copies": copies})
    assert answer.ok, answer.text()
    assert mine.get(f"/forms/{PAY}")["total_rows"] == ROWS


def foot(page: Page) -> list[str]:
    return [digits(text) for text in page.locator(".totals-table .foot .cell").all_text_contents()]
