"""What the laws once found broken, each the smallest case as data: why, the forms, what is given, what must come out.

A file of `regressions` says `why`, `forms` (each with its columns; `rows: added` unless it says otherwise) and what is
`given` and to `expect`, written as the cases of rulesets are. Both evaluators must give what is expected, compiled code
what numpy gives, and an edit of any first row what calculating afresh gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from engine.cases import prepared
from engine.cases.outcome import Outcome, by_kernels, by_oracle
from engine.cases.text import Case, load_cases
from engine.inputs import cell_text
from engine.plan import Plan, planned
from engine.workbook import Edit, Workbook
from tests.properties import laws
from tests.properties.written import norms, read_ruleset

FILES = sorted((Path(__file__).parent / "regressions").glob("*.yaml"))
HEADER = {"pot": {"type": "1", "digits": "2"}, "open": {"type": "bool"}, "rank": {"type": "code grade"}}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_what_was_broken_once(file: Path) -> None:
    text = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    case = case_of(text)
    ruleset = read_ruleset(texts_of(text))
    ready = prepared(case, ruleset, norms())
    assert ready.workbook is not None, ready.found
    plan = planned(ready.ruleset, ready.norms)
    for outcome in (by_oracle(plan, ready.workbook), by_kernels(plan, ready.workbook)):
        assert list(differing(outcome, case)) == [], text["why"]
    assert list(laws.kernels_are_oracle(plan, ready.workbook)) == []
    for edit in edits(plan, ready.workbook):
        assert list(laws.part_is_full(plan, ready.workbook, [edit], compiled=True)) == [], edit


def texts_of(text: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The files of a ruleset."""
    forms = {name: {"form": name, "rows": "added", **form} for name, form in text["forms"].items()}
    head = {"ruleset": "made", "version": "1", "cycle": text["given"]["cycle"], "header": HEADER, "forms": list(forms)}
    return {"ruleset.yaml": head, **{f"forms/{name}.yaml": form for name, form in forms.items()}}


def case_of(text: dict[str, Any]) -> Case:
    """What is given and expected, read as the cases of rulesets are."""
    with TemporaryDirectory() as place:
        (Path(place) / "tests").mkdir()
        written = yaml.safe_dump({"name": text["why"], "given": text["given"], "expect": text["expect"]})
        (Path(place) / "tests" / "case.yaml").write_text(written, encoding="utf-8")
        cases, found = load_cases(Path(place))
    assert [str(each) for each in found] == []
    return cases[0]


def differing(outcome: Outcome, case: Case) -> Iterator[str]:
    """Where cells are not as expected."""
    for year, expected in case.expect.items():
        for form, lines in expected.forms.items():
            for row, line in enumerate(lines):
                for name, words in line.words.items():
                    declared = outcome.plan.column((form, name))
                    cells = outcome.cells((form, name), case.years.index(year))[..., row].reshape(-1).tolist()
                    got = [cell_text(cell, declared.type, declared.digits, outcome.plan.norms) for cell in cells]
                    wanted = [word.text for word in words] * (len(got) // len(words))
                    if got != wanted:
                        yield f"{outcome.evaluator} {year} {form}.{name} row {row + 1}: {got}, should be {wanted}"


def edits(plan: Plan, workbook: Workbook) -> Iterator[Edit]:
    """An edit of each number of a first row."""
    yield Edit(0, None, "pot", 0, 100)
    for name, form in plan.ruleset.forms.items():
        for column in form.columns.values() if workbook.tables[name].rows else ():
            if column.formula is None and column.type.kind == "number":
                yield from (Edit(0, name, column.name, 0, value) for value in (0, 105))
