"""A ruleset read again after a change of one file is, with what is known of it before, what it is without: the same
findings, the same plan, the same figures. Changes are good and bad ones, and such that other forms notice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from engine.cases import prepared
from engine.cases.text import load_cases
from engine.evaluate import calculated
from engine.findings import Finding, has_errors
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.plan import Plan, compile_plan
from engine.ruleset import Ruleset
from engine.ruleset.loader import load
from engine.scenario.refitting import refitted
from engine.scenario.state import State, moved_to, state_of
from engine.snapshot import column_bytes, digest
from engine.workbook import Results

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NORMS = load_norms(ROOT / "norms")[0]
FOLDERS = [*sorted(path.parent for path in ROOT.glob("rulesets/*/ruleset.yaml")), HERE / "own-lines", HERE / "tally"]
CHANCES = {"budget-request": 12}
"""Random changes of a ruleset; of another, 16."""
PAY = "forms/pay-civil-employees.yaml"
KNOWN = [
    (PAY, "=IF([@rural], [@salary]", "=IF([@rural], 2 * [@salary]", "good"),
    (PAY, "=IF([@rural], [@salary]", "=IF([@rural], [@salry]", "bad"),
    (PAY, "  rural:\n", "  country:\n", "bad"),
    (PAY, "  salary:\n    type: KZT/FTE/month", "  salary:\n    type: KZT/month", "bad"),
    (PAY, "month\n    digits: 2\n    per: month", "month\n    digits: 3\n    per: month", "good"),
    ("forms/social-tax.yaml", "form:", "# a line more\nform:", "good"),
    ("ruleset.yaml", "  - social-tax\n", "", "good"),
    ("ruleset.yaml", "  - pay-civil-employees\n", "", "bad"),
]  # fmt: skip
"""File, what stands there, what will, and whether a plan comes of it."""


@dataclass
class Opened:
    """A ruleset that somebody has open: its folder, its last state, and what of it was read last."""

    folder: Path
    norms: Norms
    state: State
    read: Ruleset

    def again(self) -> str:
        """Read, check, plan and calculate again, with and without what is known; how it ended."""
        cold, slips = load(self.folder)
        warm, told = load(self.folder, self.read)
        same_ruleset((cold, slips), (warm, told))
        if cold is None or warm is None or has_errors(slips):
            self.read = warm or self.read
            return "bad"
        self.read = warm
        cold, warm = (replace(each, years=self.state.plan.years) for each in (cold, warm))
        (plan, found), (like, again) = compile_plan(cold, self.norms), compile_plan(warm, self.norms, self.state.plan)
        assert again == found
        if plan is None or like is None:
            assert plan is like
            return "bad"
        same_plan(plan, like)
        book = refitted(self.state.workbook, self.state.ruleset, cold, self.norms)
        after = moved_to(self.state, like, book, checks=True)
        assert after.workbook.results is not None
        assert figures(calculated(plan, after.workbook, compiled=0)) == figures(after.workbook.results)
        self.state = after
        return "good"


@pytest.fixture(params=FOLDERS, ids=lambda folder: str(folder.name))
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    return open_(request.param, tmp_path)


def test_a_changed_file_gives_what_reading_everything_gives(opened: Opened) -> None:
    chance, ends = Random(opened.folder.name), []
    for _ in range(CHANCES.get(opened.folder.name, 16)):
        path = chance.choice(sorted(opened.folder.glob("forms/*.yaml")) + [opened.folder / "ruleset.yaml"] * 2)
        text = path.read_text(encoding="utf-8")
        path.write_text(chance.choice(CHANGES)(text, chance), encoding="utf-8")
        ends.append(opened.again())
        if ends[-1] == "bad" or chance.random() < 0.3:
            path.write_text(text, encoding="utf-8")
    assert set(ends) == {"good", "bad"}


def test_changes_that_others_notice_and_changes_that_they_do_not(tmp_path: Path) -> None:
    opened = open_(ROOT / "rulesets" / "budget-request", tmp_path)
    for file, old, new, end in KNOWN:
        path = opened.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert opened.again() == end, (old, new)
        path.write_text(text, encoding="utf-8")


def test_what_did_not_change_is_taken_as_it_was(tmp_path: Path) -> None:
    opened = open_(ROOT / "rulesets" / "budget-request", tmp_path)
    before, (file, old, new, _) = opened.state, KNOWN[0]
    path = opened.folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert opened.again() == "good"
    after = opened.state
    others = {key for key in before.plan.columns if key != ("pay_civil_employees", "increase")}
    assert {key for key in others if after.plan.columns[key] is before.plan.columns[key]} == others
    assert all(page is before.ruleset.pages[name] for name, page in after.ruleset.pages.items() if file not in name)


def open_(folder: Path, place: Path) -> Opened:
    shutil.copytree(folder, place / folder.name)
    ruleset, found = load(place / folder.name)
    assert ruleset is not None, found
    ready = prepared(load_cases(folder)[0][0], ruleset, NORMS)
    assert ready.workbook is not None, ready.found
    plan, found = compile_plan(ready.ruleset, ready.norms)
    assert plan is not None, found
    return Opened(place / folder.name, ready.norms, state_of(plan, ready.workbook), ruleset)


def same_ruleset(cold: tuple[Ruleset | None, list[Finding]], warm: tuple[Ruleset | None, list[Finding]]) -> None:
    """To the last place in the text."""
    assert warm[1] == cold[1]
    assert repr(warm[0]) == repr(cold[0])
    if warm[0] is not None and cold[0] is not None:
        assert list(warm[0].places.items()) == list(cold[0].places.items())
        assert warm[0].pages == cold[0].pages


def same_plan(cold: Plan, warm: Plan) -> None:
    assert list(warm.columns.items()) == list(cold.columns.items())
    assert list(warm.checks.items()) == list(cold.checks.items())
    assert [each.uses for each in warm.columns.values()] == [each.uses for each in cold.columns.values()]
    assert (warm.groups, warm.sound) == (cold.groups, cold.sound)


def figures(results: Results) -> str:
    return digest([*column_bytes(results.columns), *column_bytes(results.checks)])


def _nudged(text: str, chance: Random) -> str:
    """A formula that gives the same, or more."""
    return _replaced(text, chance, r"formula: *['\"]?=", lambda found: found + chance.choice(["0 + ", "2 * ", "-"]))


def _misspelled(text: str, chance: Random) -> str:
    return _replaced(text, chance, r"\w{4,}", lambda word: word[:-1])


def _renumbered(text: str, chance: Random) -> str:
    return _replaced(text, chance, r"\b\d\b", lambda digit: str(int(digit) + 1))


def _unquoted(text: str, chance: Random) -> str:
    return _replaced(text, chance, r"['\"{}\[\],:]", lambda _: "")


def _line_less(text: str, chance: Random) -> str:
    return _replaced(text, chance, r"\n[^\n]+", lambda _: "")


def _line_twice(text: str, chance: Random) -> str:
    return _replaced(text, chance, r"\n[^\n]+", lambda line: line * 2)


def _lower_down(text: str, chance: Random) -> str:
    return "# a line more\n" + text


def _replaced(text: str, chance: Random, pattern: str, put: Callable[[str], str]) -> str:
    places = list(re.finditer(pattern, text))
    if not places:
        return text
    found = chance.choice(places)
    return text[: found.start()] + put(found[0]) + text[found.end() :]


CHANGES = (_nudged, _nudged, _misspelled, _renumbered, _unquoted, _line_less, _line_twice, _lower_down)
