"""Norms that were kept wrongly, each folder in another way: what lint says of them, in three languages, is golden.

A folder of `lint/` holds what it has beside the usual units, codes and ruleset (`lint/usual/`); its own `ruleset/`
stands in place of the usual one, and `training/` is laid over. UPDATE=1 writes the golden files anew; read their
difference before you commit it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from engine.findings import LANGUAGES, Finding
from engine.lint import KINDS, Thresholds, kind_of, lint, with_loader
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.ruleset import Ruleset
from engine.ruleset.loader import load

HERE = Path(__file__).parent / "lint"
CASES = sorted(path for path in HERE.iterdir() if path.name[0].isdigit())
TODAY = date(2026, 11, 22)


def linted(case: Path, folder: Path) -> tuple[Finding, ...]:
    norms, told = loaded(case, folder)
    return with_loader(told, lint(norms, [asking(case)], TODAY))


def loaded(case: Path, folder: Path) -> tuple[Norms, list[Finding]]:
    shutil.copytree(HERE / "usual" / "norms", folder / "norms")
    shutil.copytree(case, folder / "norms", dirs_exist_ok=True)
    shutil.rmtree(folder / "norms" / "ruleset", ignore_errors=True)
    training = folder / "norms" / "training"
    return load_norms(folder / "norms", [training] if training.is_dir() else [])


def asking(case: Path) -> Ruleset:
    own = case / "ruleset"
    ruleset, found = load(own if own.is_dir() else HERE / "usual" / "ruleset")
    assert ruleset is not None, found
    return ruleset


def told(found: Sequence[Finding]) -> str:
    lines = []
    for finding in found:
        lines.append(f"{finding.place}: {finding.severity} {finding.code} ({kind_of(finding.code)})")
        lines += [f"    {language}: {finding.texts[language]}" for language in LANGUAGES]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_findings_of_norms_kept_wrongly(case: Path, tmp_path: Path) -> None:
    got, golden = told(linted(case, tmp_path)), case / "findings.txt"
    if os.environ.get("UPDATE") == "1":
        golden.write_text(got, encoding="utf-8")
    assert got == golden.read_text(encoding="utf-8")


def test_every_kind_is_found_somewhere(tmp_path: Path) -> None:
    found = [one for case in CASES for one in linted(case, tmp_path / case.name)]
    assert {kind_of(one.code) for one in found} == {*KINDS}
    assert {code for codes in KINDS.values() for code in codes} <= {one.code for one in found}


def test_a_jump_is_what_the_caller_says(tmp_path: Path) -> None:
    norms, _ = loaded(HERE / "09-jump", tmp_path)
    jumps = {}
    for times in (Fraction(3, 2), Fraction(8), Fraction(10), Fraction(49, 40)):
        found = lint(norms, [asking(HERE / "09-jump")], TODAY, Thresholds(times))
        jumps[times] = [one.args["start"] for one in found if one.code == "norm-jump" and one.args["norm"] == "mci"]
    assert jumps[Fraction(3, 2)] == ["2024-01-01", "2025-01-01"]
    assert jumps[Fraction(8)] == ["2024-01-01"]
    assert jumps[Fraction(10)] == []
    assert jumps[Fraction(49, 40)] == ["2023-01-01", "2024-01-01", "2025-01-01"]


def test_a_day_later_a_review_is_due(tmp_path: Path) -> None:
    norms, _ = loaded(HERE / "12-review-due", tmp_path)
    due = {}
    for day in (date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)):
        found = lint(norms, [asking(HERE / "12-review-due")], day)
        due[day.day] = [
            f"{one.args['norm']} {one.args['keys']}".strip() for one in found if kind_of(one.code) == "review"
        ]
    assert due == {
        21: ["allowance education", "allowance health", "per-diem"],
        22: ["allowance health", "mci", "per-diem"],
        23: ["mci", "per-diem", "per-diem"],
    }


def test_a_wrong_formula_is_not_blamed_on_a_norm_that_others_use_rightly(tmp_path: Path) -> None:
    """With another unit of the norm the wrong formula would be right, and the right one wrong."""
    norms, _ = loaded(HERE / "06-unit-unlike-use", tmp_path)
    ruleset = asking(HERE / "06-unit-unlike-use")
    pay = ruleset.forms["pay"]
    halved = {**pay.columns, "half": replace(pay.columns["half"], type=pay.columns["staff"].type)}
    base = norms.norms["pay.base"]
    right = replace(norms, norms={"pay.base": replace(base, unit=pay.columns["salary"].type.unit)})
    wrong_formula = replace(ruleset, forms={"pay": replace(pay, columns=halved)}, publishes={})
    assert [one for one in lint(right, [wrong_formula], TODAY) if kind_of(one.code) == "unit"] == []


def test_norms_of_the_house_have_no_errors_under_lint() -> None:
    root = Path(__file__).parent.parent.parent
    norms, found = load_norms(root / "norms")
    rulesets = [load(path.parent)[0] for path in sorted((root / "rulesets").glob("*/ruleset.yaml"))]
    said = with_loader(found, lint(norms, [ruleset for ruleset in rulesets if ruleset], TODAY))
    assert [str(one) for one in said if one.severity == "error"] == []
    assert {kind_of(one.code) for one in said} <= {"gap", "jump", "unused", "unverified", "review"}
