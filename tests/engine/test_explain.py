"""Stories of figures, kept as texts beside this file in three languages: what anybody can read is what is tested.

`STORIES=write pytest tests/engine/test_explain.py` writes them anew; read them before they are committed.
"""

from __future__ import annotations

import os
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from engine.evaluate import recalculate
from engine.explain import Step, explain
from engine.explain.numbers import exact_text, grouped
from engine.explain.words import sentences
from engine.findings import LANGUAGES, Cell
from engine.inputs import workbook_of
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.plan import compile_plan
from engine.ruleset import Ruleset
from engine.ruleset.loader import load
from engine.workbook import Workbook

HERE = Path(__file__).parent / "stories"
ROWS = [
    {"kind": "white", "since": "2026-03-01", "sacks": ["2.5", "3"]},
    {"kind": "rye", "since": "2025-01-01", "sacks": ["1", "1"]},
    {"kind": "white", "since": "2025-01-01", "sacks": ["4", "4"]},
    {"kind": "white", "since": "", "sacks": ["1", "1"]},
]
SHELVES = [
    {"kind": "white", "cold": "true", "rate": "123456.75", "bakers": "2"},
    {"kind": "rye", "cold": "false", "rate": "1000", "bakers": "1"},
]
CELLS = {
    "months-of-two-prices": Cell(0, "loaves", "cost", 0, 2026),
    "norm-without-a-number": Cell(0, "loaves", "cost", 1, 2026),
    "norm-not-in-force": Cell(0, "loaves", "rent", 0, 2026),
    "one-month": Cell(0, "loaves", "price", 0, 2026, 8),
    "all-months": Cell(0, "loaves", "price", 2, 2026),
    "whole-column": Cell(0, "loaves", "all", 0, 2026),
    "year-before": Cell(0, "loaves", "growth", 2, 2027),
    "approximate": Cell(0, "loaves", "root", 0, 2026),
    "header-and-fixed-rows": Cell(0, "shelves", "pay", 0, 2026),
    "blank-input": Cell(0, "loaves", "cost", 3, 2026),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_stories_are_told_as_they_stand_beside_the_test(language: str) -> None:
    told = "".join(_story(name, cell, language) for name, cell in CELLS.items())
    path = HERE / f"stories.{language}.txt"
    if os.environ.get("STORIES") == "write":
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_what_is_told_of_a_recalculated_workbook_is_the_same(cell: Cell) -> None:
    assert _told(cell, recalculated=True) == _told(cell, recalculated=False)


@pytest.mark.parametrize(("number", "text"), [("1/8", "0.125"), ("-20", "-20"), ("1/3", "≈0.333333333333333")])
def test_numbers_are_written_with_all_their_decimals(number: str, text: str) -> None:
    assert exact_text(Fraction(number)) == text


@pytest.mark.parametrize(
    ("number", "language", "text"),
    [
        ("0", "en", "0"),
        ("-1234.50", "en", "-1_234.50"),
        ("1234567", "ru", "1_234_567"),
        ("123456.75", "kk", "123_456,75"),
        ("≈-1234.5", "ru", "≈-1_234,5"),
        ("≈1E-400", "ru", "≈1E-400"),
        ("input-missing", "ru", "input-missing"),
    ],
)
def test_numbers_for_people_are_in_groups_with_the_sign_of_the_language(number: str, language: str, text: str) -> None:
    assert grouped(number, language) == text.replace("_", "\N{NO-BREAK SPACE}")


def _story(name: str, cell: Cell, language: str) -> str:
    lines = sentences(_told(cell, recalculated=True), *_bakery()[:2], language)
    return f"# {name}\n" + "".join("  " * depth + text + "\n" for depth, text in lines) + "\n"


def _told(cell: Cell, *, recalculated: bool) -> Step:
    ruleset, norms, workbook = _bakery()
    if recalculated:
        plan, _ = compile_plan(ruleset, norms)
        assert plan is not None
        workbook, _ = recalculate(plan, workbook)
    return explain(ruleset, norms, workbook, cell)


@cache
def _bakery() -> tuple[Ruleset, Norms, Workbook]:
    norms, slips = load_norms(HERE / "norms")
    ruleset, wrong = load(HERE / "bakery")
    assert ruleset is not None
    assert [*slips, *wrong] == []
    workbook, unread = workbook_of(
        ruleset, norms, ruleset.years, {"town": "Abay"}, {"loaves": ROWS, "shelves": SHELVES}
    )
    assert unread == []
    return ruleset, norms, workbook
