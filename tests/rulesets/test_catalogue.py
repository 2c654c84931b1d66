"""The catalogue of checks names what exists and covers every rule; each check of the budget request is seen to fail."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.cases import load_cases
from engine.findings import LANGUAGES
from engine.ruleset import Form, Ruleset
from engine.ruleset.loader import load

ROOT = Path(__file__).parent.parent.parent


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


RULES = read(ROOT / "rulesets" / "checks.yaml")
FINDINGS = read(ROOT / "engine" / "findings.yaml")
PARTS = {"checks", "columns", "engine", "elsewhere"}


@cache
def ruleset_of(name: str) -> Ruleset:
    ruleset, _ = load(ROOT / "rulesets" / name)
    assert ruleset is not None
    return ruleset


def form_of(path: str) -> tuple[Form, str]:
    ruleset, form, name = path.split("/")
    return ruleset_of(ruleset).forms[form], name


def test_every_rule_of_the_catalogue_stands_somewhere() -> None:
    assert list(RULES) == [f"V{n:02d}" for n in range(1, 21)]
    assert [code for code, rule in RULES.items() if not PARTS & set(rule) or set(rule) - PARTS - {"rule"}] == []
    texts = [text for rule in RULES.values() for text in (rule["rule"], rule.get("elsewhere"))]
    assert [text for text in texts if text is not None and not all(text.get(name) for name in LANGUAGES)] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_names_what_exists(rule: dict[str, Any]) -> None:
    checks = [form_of(path) for path in rule.get("checks", ())]
    assert [name for form, name in checks if name not in form.checks] == []
    columns = [form_of(path) for path in rule.get("columns", ())]
    assert [name for form, name in columns if name not in form.columns or form.columns[name].formula is None] == []
    assert [code for code in rule.get("engine", ()) if code not in FINDINGS] == []


def test_each_check_of_the_request_is_seen_to_fail() -> None:
    """In a case of the ruleset's own tests, or planted in the demo republic."""
    cases, _ = load_cases(ROOT / "rulesets" / "budget-request")
    told = {code for case in cases for year in case.expect.values() for code in year.findings or ()}
    told |= {slip["finding"] for slip in read(ROOT / "tests" / "api" / "planted.yaml")}
    checks = [name for form in ruleset_of("budget-request").forms.values() for name in form.checks]
    assert [name for name in checks if name not in told] == []


def test_the_summary_has_a_row_for_what_every_form_names() -> None:
    forms = ruleset_of("budget-request").forms
    listed = {row["specific"] for row in forms["summary"].rows.fixed}
    named = {rule.keys["specific"] for form in forms.values() for rule in form.lines}
    assert {code for code in named if not code.startswith("=")} - listed == set()
