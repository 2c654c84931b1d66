"""`grid`: the form page in a real Chromium without a graphics card, on a real service with the national republic.

An edit's time runs in the browser from the press of Enter to the frame in which the totals that followed from it are
painted. It is made in a submission of about 1,000 rows; the next one follows 0.3 s after it. Frames are measured while
the wheel is turned, by a few rows and by whole pages at a time, over a form of 100,000 rows and some 60 columns; a
frame counts from the one before it. At each frame every row that can be seen must say what it holds: `empty_cells`
counts those that did not. `axe_violations` are of the page as it stands then. The first load is that of the same form
in a browser that has never been here and is signed in: seconds from the navigation to the frame in which its rows are
painted, and all that came by then over the line, compressed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from api.installation import ROOT
from api.sessions import COOKIE
from api.store import Birth, Store
from api.store.database import Database
from api.store.schema import submission
from benchmarks._republic_served import Person, database_of, editors, near, prepared, served, until_ready
from benchmarks._scene import median, percentile
from engine.workbook import Table, Workbook

TAKES = ("size", "database", "folder")
ROWS, LARGE, COLUMNS, EDITS, WARM, TURNS, THINKING = 1_000, 100_000, 50, 120, 20, 150, 300
LOADS = 5
FORM, LARGE_FORM, MONTHS = "pay_civil_employees", "pay_civil_servants", "salary"
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SCREEN = {"width": 1366, "height": 768}

WATCH = """() => {
  window.edits = [];
  let begun = 0, before = '';
  const totals = () => document.querySelector('.sheet .foot').textContent;
  const pressed = (event) => { if (event.key === 'Enter') [begun, before] = [performance.now(), totals()]; };
  const painted = () => requestAnimationFrame(() => { const channel = new MessageChannel();
    channel.port1.onmessage = () => { if (begun) edits.push(performance.now() - begun); begun = 0;
      document.documentElement.dataset.edits = edits.length; };
    channel.port2.postMessage(0); });
  addEventListener('keydown', pressed, true);
  new MutationObserver(() => { if (begun && totals() !== before) painted(); })
    .observe(document.querySelector('.sheet'), {subtree: true, childList: true, characterData: true});
}"""
"""What a message brings that was sent from a frame's callbacks comes when that frame has been laid out and painted."""

LOADED = """new Promise((told) => {
  const row = () => document.querySelector('.sheet .row .cell.in');
  const painted = () => { const channel = new MessageChannel(); channel.port1.onmessage = () => told(performance.now());
    channel.port2.postMessage(0); };
  const look = () => requestAnimationFrame(() => row() ? painted() : look());
  look();
})"""

FRAMES = """() => {
  window.frames_ = []; window.empty = 0; window.turning = true;
  let last = performance.now();
  const frame = (now) => {
    frames_.push(now - last); last = now;
    const box = document.querySelector('.sheet').getBoundingClientRect();
    for (const row of document.querySelectorAll('.sheet .row')) {
      const {top, bottom} = row.getBoundingClientRect();
      if (bottom > box.top + 44 && top < box.bottom - 28 && !row.querySelector('.frozen').textContent) empty++;
    }
    if (turning) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def run(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Milliseconds from Enter to what is painted, milliseconds a frame, and what axe finds."""
    size, folder = asked.get("size", "national"), asked.get("folder")
    edits, rows = asked.get("edits", EDITS), asked.get("rows", LARGE)
    with prepared(size, asked["database"], folder) as settings, database_of(settings) as reached:
        small = near(reached, ROWS, 1)[0]
        large = _large(reached, small, rows)
        person = editors(reached, [small])[0]
        with served(settings, 1) as service, sync_playwright() as playwright:
            until_ready(service)
            found = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
            url = f"http://127.0.0.1:{service.port}"
            form = f"/submissions/{small}/{FORM}"
            told = _loaded(browser, url, person, form)
            told |= _edited(_opened(browser, url, person, form), edits)
            return told | _scrolled(_opened(browser, url, person, f"/submissions/{large}/{LARGE_FORM}"), rows)


def _large(database: Database, small: int, rows: int) -> int:
    """A submission of the same institution with very many rows in one form, which repeat those that it has."""
    store = Store(database)
    with database.engine.begin() as connection:
        held = store.open(connection, small)
        row = connection.execute(submission.select().where(submission.c.id == small)).one()
        assert held is not None, "the small one is there"
        form = next(name for name in (LARGE_FORM, FORM) if held.workbook.tables[name].rows)
        at = np.arange(rows) % held.workbook.tables[form].rows
        shared = {name for name, root in held.plan.roots.items() if root == form}
        tables = {
            name: _repeated(table, at) if name in shared else table for name, table in held.workbook.tables.items()
        }
        birth = Birth(row.cycle, row.ruleset, row.norms, row.organisation, 1)
        return store.create(connection, birth, _without_results(replace(held.workbook, tables=tables)))


def _repeated(table: Table, at: np.ndarray[Any, Any]) -> Table:
    columns = {name: np.ascontiguousarray(cells[..., at]) for name, cells in table.columns.items()}
    return Table(np.array([0, len(at)]), columns)


def _without_results(book: Workbook) -> Workbook:
    return replace(book, results=None)


def _opened(browser: Browser, url: str, person: Person, path: str) -> Page:
    page = _blank(browser, url, person)
    page.goto(path)
    page.wait_for_selector(".sheet .row .cell.in")
    return page


def _blank(browser: Browser, url: str, person: Person) -> Page:
    context = browser.new_context(viewport=SCREEN, locale="ru-RU", base_url=url)  # type: ignore[arg-type]
    context.add_cookies([{"name": COOKIE, "value": person.token, "url": url}])
    page = context.new_page()
    page.set_default_timeout(120_000)
    return page


def _loaded(browser: Browser, url: str, person: Person, path: str) -> dict[str, Any]:
    """The first load of a page whose rows are painted, each time in a browser that has never been here."""
    seconds, kilobytes = [], []
    for _ in range(LOADS):
        page, came = _blank(browser, url, person), list[float]()
        watched = page.context.new_cdp_session(page)
        watched.send("Network.enable")
        watched.on("Network.loadingFinished", lambda one, came=came: came.append(one["encodedDataLength"]))
        page.goto(path, wait_until="commit")
        seconds.append(page.evaluate(LOADED) / 1_000)
        kilobytes.append(sum(came) / 1_000)
        page.context.close()
    return {"first_load_s": median(seconds), "first_load_kb": median(kilobytes)}


def _edited(page: Page, edits: int) -> dict[str, Any]:
    """One input after another gets a number that it did not hold."""
    page.evaluate(WATCH)
    column = _column(page, "2026")
    page.locator(f'.sheet .row[aria-rowindex="3"] [aria-colindex="{column}"]').click()
    rows = int(page.locator(".sheet").get_attribute("aria-rowcount") or 0) - 4
    for i in range(edits):
        held = page.locator(".fbar .fin").input_value()
        page.keyboard.type("2,5" if held != "2,50" else "3")
        page.keyboard.press("Enter")
        page.wait_for_selector(f'html[data-edits="{i + 1}"]')
        page.wait_for_timeout(THINKING)
        if i % rows == rows - 1:
            page.keyboard.press("Control+Home")
            page.locator(f'.sheet .row[aria-rowindex="3"] [aria-colindex="{column}"]').click()
    measured = page.evaluate("edits")[WARM:]
    times = {"edit_to_paint_p50_ms": median(measured), "edit_to_paint_p95_ms": percentile(measured, 0.95)}
    return times | {"edits": len(measured), "rows_of_form": rows}


def _scrolled(page: Page, rows: int) -> dict[str, Any]:
    """The wheel is turned by five rows, and by sixty, at a time."""
    _all_months(page)
    box = page.locator(".sheet").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    told: dict[str, Any] = {"columns": int(page.locator(".sheet").get_attribute("aria-colcount") or 0), "rows": rows}
    frames: list[float] = []
    for name, pixels in (("rows", 120), ("pages", 1_500)):
        page.evaluate(FRAMES)
        for _ in range(TURNS):
            page.mouse.wheel(0, pixels)
        page.wait_for_timeout(300)
        measured = page.evaluate("(turning = false, frames_)")[2:]
        told[f"frame_p95_ms_by_{name}"] = percentile(measured, 0.95)
        told["empty_cells"] = told.get("empty_cells", 0) + page.evaluate("empty")
        frames += measured
    told |= {"frame_p50_ms": median(frames), "frame_p95_ms": percentile(frames, 0.95), "frames": len(frames)}
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    return told | {"axe_violations": len(found), "axe_found": [one["id"] for one in found]}


def _all_months(page: Page) -> None:
    """Open the months of one column, so that there are some 60 columns."""
    page.locator(f'.opener[data-opens="{MONTHS}"]').dispatch_event("pointerdown", {"button": 0, "isPrimary": True})
    while int(page.locator(".sheet").get_attribute("aria-colcount") or 0) < COLUMNS:
        page.wait_for_timeout(100)


def _column(page: Page, year: str) -> int:
    heads = page.locator(".sheet .head:not(.group)").filter(has=page.locator(f"text=/^{year}$/"))
    return int(heads.first.get_attribute("aria-colindex") or 0)
