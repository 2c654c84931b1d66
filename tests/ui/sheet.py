"""The grid of a page as a test sees it: cells by their place, what is chosen, other keyboard layouts, the clipboard."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx2
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.ui.conftest import PASSWORD, Republic

NO_BREAK = "\u00a0"
HEADS = 3
"""Rows of heads, and that people count from one."""


@dataclass
class Sheet:
    """The grid of an open form."""

    page: Page

    @classmethod
    def of(cls, page: Page) -> Sheet:
        """The grid, once its cells are there."""
        expect(page.locator(".sheet .row").first).to_be_visible()
        return cls(page)

    def text(self, row: int, title: str) -> str:
        """What a cell says; rows from 0, columns by their head, `Штатные единицы 2026` in a group."""
        return (self.cell(row, title).text_content() or "").replace(NO_BREAK, " ")

    def cell(self, row: int, title: str) -> Locator:
        """A cell's element."""
        return self.page.locator(f'.sheet .row[aria-rowindex="{row + HEADS}"] [aria-colindex="{self.column(title)}"]')

    def column(self, title: str) -> int:
        """A column's number in the grid."""
        heads = self.page.eval_on_selector_all(
            ".sheet [role=columnheader]",
            """all => all.map(one => ({text: one.querySelector('.words')?.firstChild?.textContent ?? one.textContent,
                 at: Number(one.getAttribute('aria-colindex')),
                 span: Number(one.getAttribute('aria-colspan') ?? 0)}))""",
        )
        group, _, year = title.rpartition(" ")
        for head in heads:
            if head["span"] == 0 and head["text"] == title:
                return int(head["at"])
        for head in heads:
            if head["span"] and head["text"] in {group, title}:
                within = [h for h in heads if not h["span"] and head["at"] <= h["at"] < head["at"] + head["span"]]
                return int(next(h["at"] for h in within if h["text"] == year or head["text"] == title))
        raise AssertionError(f"no column {title}: {[head['text'] for head in heads]}")

    def choose(self, row: int, title: str) -> None:
        """Click a cell."""
        self.cell(row, title).click(position={"x": 12, "y": 10})

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str, then: str = "Enter") -> None:
        """Type over the active cell."""
        self.page.keyboard.type(text)
        self.page.keyboard.press(then)

    def saved(self) -> None:
        """Wait until nothing waits for the service."""
        expect(self.page.locator(".sb [role=status]")).to_have_text(re.compile("Сохранено"))

    def active(self) -> tuple[int, int]:
        """Row from 0, and the column's number, as a screen reader is told them."""
        told = self.page.eval_on_selector(
            ".sheet",
            """grid => { const cell = document.getElementById(grid.getAttribute('aria-activedescendant'));
                 return [cell.parentElement.closest('[role=row]').getAttribute('aria-rowindex'),
                         cell.getAttribute('aria-colindex')]; }""",
        )
        return int(told[0]) - HEADS, int(told[1])

    def status(self, name: str) -> str:
        """A figure of the status bar."""
        return (self.page.locator(f".sb span:has-text('{name}') b").first.text_content() or "").replace(NO_BREAK, " ")

    def copied(self, kind: str) -> str:
        """What is on the clipboard."""
        script = "async kind => (await (await navigator.clipboard.read())[0].getType(kind)).text()"
        return str(self.page.evaluate(script, kind))

    def paste(self, **kinds: str) -> None:
        """Another program's cells on the clipboard, as text and as HTML, and Ctrl+V."""
        script = """async kinds => { const types = {text: 'text/plain', html: 'text/html'};
          await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(Object.entries(kinds)
            .map(([kind, text]) => [types[kind], new Blob([text], {type: types[kind]})])))]); }"""
        self.page.evaluate(script, kinds)
        self.page.keyboard.press("Control+v")

    def lay(self, **kinds: str) -> None:
        """Lay something on the clipboard as it is, like another program; what a page writes is cleaned."""
        script = """kinds => { const types = {text: 'text/plain', html: 'text/html'};
          addEventListener('copy', event => { event.preventDefault(); event.stopImmediatePropagation();
            for (const [kind, text] of Object.entries(kinds)) event.clipboardData.setData(types[kind], text);
          }, {capture: true, once: true});
          return document.execCommand('copy'); }"""
        assert self.page.evaluate(script, kinds)

    def layout_key(self, code: str, key: str, *, shift: bool = False) -> None:
        """Ctrl with a key of another keyboard layout: code KeyZ, key я."""
        session: CDPSession = self.page.context.new_cdp_session(self.page)
        pressed = {"code": code, "key": key, "modifiers": 2 + 8 * shift, "windowsVirtualKeyCode": ord(code[-1])}
        session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **pressed})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})

    def letter(self, code: str, text: str) -> None:
        """A key that bears a letter under another keyboard layout."""
        session: CDPSession = self.page.context.new_cdp_session(self.page)
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", "code": code, "key": text, "text": text})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", "code": code, "key": text})


def submission_of(served: Republic, login: str) -> int:
    """The number of the submission that somebody sees first."""
    with httpx2.Client(base_url=f"{served.url}/api/v1/") as client:
        client.post("session", json={"login": login, "password": PASSWORD})
        return int(client.get("submissions").json()["submissions"][0]["id"])
