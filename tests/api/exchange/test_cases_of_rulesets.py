"""The cases of the rulesets, written by methodologists, as workbooks that LibreOffice recalculates all at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from api.exchange import Told, workbook_file
from api.installation import installed_norms, load_ruleset
from engine.cases import prepared
from engine.cases.text import load_cases
from engine.evaluate import recalculate
from engine.plan import Plan, compile_plan
from engine.workbook import Workbook
from tests.api.exchange.recalculation import all_recalculated, differences

RULESETS = Path(__file__).parents[3] / "rulesets"


@pytest.mark.parametrize("name", ["transfer-formula", "budget-law"])
def test_cases_recalculate_to_the_engines_figures(name: str, tmp_path: Path) -> None:
    submissions = calculated(name)
    assert submissions
    files = [workbook_file(plan, workbook, Told("kk", date(2026, 11, 22))) for plan, workbook in submissions]
    books = all_recalculated(files, tmp_path)
    assert [differences(*each, book) for each, book in zip(submissions, books, strict=True)] == [[]] * len(files)


def calculated(name: str) -> list[tuple[Plan, Workbook]]:
    """The submissions of a ruleset's cases."""
    norms, _ = installed_norms(training=False)
    ruleset, found = load_ruleset(name)
    assert ruleset is not None, found
    ready = [prepared(case, ruleset, norms) for case in load_cases(RULESETS / name)[0]]
    submissions = []
    for one in ready:
        plan, found = compile_plan(one.ruleset, one.norms)
        assert plan is not None, found
        assert one.workbook is not None, one.found
        submissions.append((plan, recalculate(plan, one.workbook, compiled=False)[0]))
    return submissions
