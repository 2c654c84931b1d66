"""What approved submissions publish reaches the requests of other rulesets, from the day of approval on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.cases import prepared, run_case
from engine.cases.text import Case, load_cases
from engine.evaluate import recalculate
from engine.norms import Norms, history
from engine.norms.loader import load_norms
from engine.plan import compile_plan
from engine.publishing import published, with_published
from engine.ruleset import Ruleset
from engine.ruleset.loader import load

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
STORIES = yaml.load((HERE / "approvals.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["name"])
def test_a_request_knows_what_was_approved_before(story: dict[str, Any], tmp_path: Path) -> None:
    norms = after_approvals(story, tmp_path)
    asked = story["request"]
    for day, expect in story["known"].items():
        case = case_of(tmp_path, {**asked["given"], "known": day}, expect)
        assert [str(each) for each in run_case(case, ruleset_of(asked["ruleset"]), norms)] == [], day


def test_what_was_published_stays_and_says_where_it_comes_from(tmp_path: Path) -> None:
    (story,) = STORIES
    values = history(after_approvals(story, tmp_path), "staff.limit")
    told = [
        (str(each.start), str(each.known), *each.keys, str(each.value)) for each in values if each.keys == ("0001",)
    ]
    assert told == [
        ("2026-01-01", "2025-10-15", "0001", "1"), ("2026-01-01", "2026-03-01", "0001", "2"),
        ("2027-01-01", "2025-10-15", "0001", "3/2"), ("2027-01-01", "2026-03-01", "0001", "2"),
        ("2028-01-01", "2025-10-15", "0001", "3/2"), ("2028-01-01", "2026-03-01", "0001", "2"),
    ]  # fmt: skip
    assert {each.source for each in values} == {"staff-schedule 2026.1"}
    assert {each.verified for each in values} == {"training"}, "the institutions are invented"


def after_approvals(story: Mapping[str, Any], place: Path) -> Norms:
    """The norms of the house with what each submission published, one after the other."""
    norms = load_norms(ROOT / "norms")[0]
    for approved in story["approved"]:
        ready = prepared(case_of(place, approved["given"], {}), ruleset_of(approved["ruleset"]), norms)
        assert ready.workbook is not None, ready.found
        plan, found = compile_plan(ready.ruleset, ready.norms)
        assert plan is not None, found
        after, _ = recalculate(plan, ready.workbook)
        norms = with_published(norms, published(plan, after, 0, date.fromisoformat(approved["on"])))
    return norms


def ruleset_of(name: str) -> Ruleset:
    """A ruleset of the house."""
    ruleset, _ = load(ROOT / "rulesets" / name)
    assert ruleset is not None
    return ruleset


def case_of(place: Path, given: Mapping[str, Any], expect: Mapping[str, Any]) -> Case:
    """A case of these texts."""
    (place / "tests").mkdir(exist_ok=True)
    text = yaml.safe_dump({"name": "story", "given": given, "expect": expect or {"2026": {}}}, sort_keys=False)
    (place / "tests" / "story.yaml").write_text(text, encoding="utf-8")
    (case,), found = load_cases(place)
    assert [str(each) for each in found] == []
    return case
