"""What formulas are before there is any data, as a table: tests/engine/formulas/judged.txt."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.check import check
from engine.check.judge import Judge
from engine.check.review import Review
from engine.findings import Place
from engine.formula import parse
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.ruleset import Formula, Ruleset
from engine.ruleset.loader import load

HERE = Path(__file__).parent
TABLE = HERE / "formulas" / "judged.txt"
ROWS = [line.split(" | ") for line in TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
FORMS = {"social": "social"}


@cache
def right() -> Ruleset:
    ruleset, found = load(HERE / "right")
    assert ruleset is not None
    assert found == []
    return ruleset


@cache
def norms() -> Norms:
    return load_norms(HERE / "wrong" / "norms")[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:2]))
def test_judged(row: list[str]) -> None:
    where, text, expected = row
    review = Review(right(), norms())
    tree, problems = parse(text)
    assert tree is not None, problems
    formula = Formula(text, tree, Place("judged.txt", 1, 1))
    form = right().forms[FORMS.get(where, "pay")]
    value = Judge(review, {}, formula, form, where != "check", where == "month").result()
    said = "free" if value.kind == "number" and value.unit is None else value.words["en"]
    codes = [finding.code for finding in review.found]
    assert " ".join(codes or [said]) == expected


def test_nothing_is_wrong_with_what_is_right() -> None:
    found = check(right(), norms())
    assert [str(finding) for finding in found] == []
