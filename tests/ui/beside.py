"""What the tests of the panels and of totals share: a submission of one's own, and edits by somebody else's hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import APIRequestContext, Page

API = "/api/v1"
PAY = "pay_civil_employees"


@dataclass(frozen=True)
class Mine:
    """A submission, and somebody who may edit it."""

    number: int
    asking: APIRequestContext

    def get(self, path: str) -> Any:
        answer = self.asking.get(f"{API}/submissions/{self.number}{path}")
        assert answer.ok, answer.text()
        return answer.json()

    def edit(self, value: str, column: str = "staff", year: int | None = 2026, row: int = 1) -> Any:
        """Change a cell of the pay form, not through the page."""
        cell = {"form": PAY, "row": row, "column": column, "value": value} | ({"year": year} if year else {})
        answer = self.asking.patch(f"{API}/submissions/{self.number}/cells", data={"cells": [cell]})
        assert answer.ok, answer.text()
        return answer.json()

    def cell(self, column: str = "fund", row: int = 1, beside: str = "why") -> str:
        """The address of a cell of the pay form."""
        return f"/submissions/{self.number}/{PAY}?row={row}&column={column}&year=2026&beside={beside}"


def submission_of(page: Page, code: str) -> Mine:
    """The submission of an institution, for whoever is signed in in a window."""
    (found,) = page.request.get(f"{API}/submissions?institution={code}").json()["submissions"]
    return Mine(found["id"], page.request)


def russian(page: Page, path: str) -> Page:
    """Go somewhere in Russian, whatever language somebody prefers."""
    page.evaluate("localStorage.setItem('esep.language', 'ru')")
    page.goto(path)
    return page


def digits(text: str | None) -> str:
    """A figure without its spaces."""
    return "".join(mark for mark in text or "" if mark.isdigit() or mark in "−,")
