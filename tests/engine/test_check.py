"""Rulesets that a methodologist wrote wrongly, each in another way: what is found, in three languages, is golden.

A folder of `wrong/` is a ruleset with its `findings.txt`; rulesets that it may look up are in its `others/`. UPDATE=1
writes the golden files anew; read their difference before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from engine.check import check, dependencies, order
from engine.findings import LANGUAGES, Finding, ordered
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.ruleset import Ruleset
from engine.ruleset.loader import load

HERE = Path(__file__).parent
WRONG = HERE / "wrong"
CASES = sorted(path for path in WRONG.iterdir() if path.name[0].isdigit())


@cache
def norms() -> Norms:
    loaded, found = load_norms(WRONG / "norms")
    assert found == []
    return loaded


def judged(folder: Path) -> tuple[Ruleset | None, list[Finding]]:
    ruleset, found = load(folder)
    others = [other for path in sorted((folder / "others").glob("*")) if (other := load(path)[0])]
    return ruleset, ordered(found + (check(ruleset, norms(), others) if ruleset else []))


def told(found: Sequence[Finding]) -> str:
    lines = []
    for finding in found:
        lines.append(f"{finding.place}: {finding.severity} {finding.code}")
        lines += [f"    {language}: {finding.texts[language]}" for language in LANGUAGES]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_findings_of_wrong_rulesets(folder: Path) -> None:
    got, golden = told(judged(folder)[1]), folder / "findings.txt"
    if os.environ.get("UPDATE") == "1":
        golden.write_text(got, encoding="utf-8")
    assert got == golden.read_text(encoding="utf-8")


def test_every_wrong_ruleset_has_its_own_findings() -> None:
    assert len(CASES) >= 25
    assert [folder.name for folder in CASES if not judged(folder)[1]] == []


def test_rulesets_of_the_house_are_without_errors() -> None:
    root = HERE.parent.parent
    loaded, _ = load_norms(root / "norms")
    read = [load(path) for path in sorted((root / "rulesets").iterdir()) if (path / "ruleset.yaml").is_file()]
    rulesets = [ruleset for ruleset, _ in read if ruleset]
    found = [finding for _, findings in read for finding in findings]
    for ruleset in rulesets:
        found += check(ruleset, loaded, [other for other in rulesets if other is not ruleset])
    assert len(rulesets) == len(read) >= 3
    assert [str(finding) for finding in found if finding.severity == "error"] == []
    assert all(set(order(ruleset)) == set(dependencies(ruleset)) for ruleset in rulesets)
