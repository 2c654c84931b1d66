"""Budgets that others printed are read as lines, exactly, and every total that is not the sum of its parts is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from api.budget_folder import Budget, read_budgets, thousands
from engine.lines import roll_up

HERE = Path(__file__).parent
BROKEN = yaml.safe_load((HERE / "broken-budgets" / "cases.yaml").read_text(encoding="utf-8"))


def test_a_law_whose_totals_agree_has_no_differences() -> None:
    law = _budgets()["lowland-2025-budget-law.csv"]
    assert (law.layout.name, law.year, len(law.lines), law.differences()) == ("budget-law", "2025", 4, [])


def test_lines_keep_the_last_decimal_and_roll_up_along_the_path() -> None:
    law = _budgets()["lowland-2025-budget-law.csv"]
    assert roll_up(law.lines, ["stage", "administrator"]).as_dict() == {
        ("law", "Ministry of Mills"): -5_050_000,
        ("law", "Ministry of Tides"): 100_030_000,
    }
    assert law.title(("Ministry of Tides", "001")) == "Dikes"
    assert law.title(("Ministry of Mills", "001")) == "Wind"
    assert law.title(("Ministry of Tides", "001", "11002")) == 'Upkeep, "south"'


def test_every_difference_is_named_and_no_other() -> None:
    execution = _budgets()["lowland-2026-execution.csv"]
    told = [(d.key, d.printed and thousands(d.printed), thousands(d.amount)) for d in execution.differences()]
    assert told == [
        (("specified", "2026", "Ministry of Mills"), "7.1", "-0.1"),
        (("executed", "2026", "Ministry of Mills", "001"), "7.0", "-0.3"),
    ]


def test_a_classification_knows_what_stands_under_what() -> None:
    codes = _budgets()["lowland-2026-execution.csv"].classification
    assert codes.parent("Ministry of Tides/001/11002") == "Ministry of Tides/001"
    assert codes.parent("Ministry of Tides") is None


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["name"])
def test_what_is_no_budget_is_named_with_its_place(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / case["file"]).write_text(case["text"], encoding="utf-8")
    budgets, found = read_budgets(tmp_path)
    assert [f"{f.code} at {f.place.line}:{f.place.column}" for f in found if f.place] == case["findings"]
    assert budgets == []


def test_a_folder_without_budgets_is_named(tmp_path: Path) -> None:
    assert [f.code for f in read_budgets(tmp_path)[1]] == ["folder-without-budgets"]
    assert [f.code for f in read_budgets(tmp_path / "none")[1]] == ["folder-missing"]


@pytest.mark.parametrize(
    ("hundredths", "text"), [(0, "0.0"), (100_000, "1.0"), (-1, "-0.00001"), (123_450_000, "1234.5")]
)
def test_thousands_are_printed_as_they_were_written(hundredths: int, text: str) -> None:
    assert thousands(hundredths) == text


def _budgets() -> dict[str, Budget]:
    budgets, found = read_budgets(HERE / "budgets")
    assert found == []
    return {budget.file: budget for budget in budgets}
