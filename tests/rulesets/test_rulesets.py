"""Every ruleset of the house is free of errors and keeps its own tests; the runner of tests sees what is wrong."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from engine.cases import load_cases, run_case
from engine.cases.text import Case
from engine.check import check
from engine.findings import Finding
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.ruleset import Ruleset
from engine.ruleset.loader import load

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TRAINING = ROOT / "api" / "republic" / "norms"
OWN = [HERE / "needs", HERE / "tally", HERE / "own-lines"]
FOLDERS = [*sorted(path.parent for path in ROOT.glob("rulesets/*/ruleset.yaml")), *OWN]
CASES = [(folder, case) for folder in FOLDERS for case in load_cases(folder)[0]]
WRONG = yaml.load((HERE / "cases-that-fail.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
GOODS = [["name", "bought", "specific", "quantity", "price", "imported"],
         ["Paper", "2025-01-01", "149", ["2", "20"], "10.50", "false"]]  # fmt: skip


@cache
def norms() -> Norms:
    return load_norms(ROOT / "norms")[0]


@cache
def loaded(folder: Path) -> tuple[Ruleset, list[Finding]]:
    ruleset, found = load(folder)
    assert ruleset is not None
    return ruleset, found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_text_of_a_ruleset_is_right(folder: Path) -> None:
    ruleset, found = loaded(folder)
    others = [loaded(other)[0] for other in FOLDERS]
    told = [*found, *load_cases(folder)[1], *check(ruleset, norms(), others)]
    assert [str(each) for each in told if each.severity == "error"] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_ruleset_has_tests(folder: Path) -> None:
    assert load_cases(folder)[0]


@pytest.mark.parametrize(("folder", "case"), CASES, ids=[f"{folder.name}: {case.name}" for folder, case in CASES])
def test_a_case_holds(folder: Path, case: Case) -> None:
    assert [str(each) for each in run_case(case, loaded(folder)[0], norms())] == []


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: ", ".join(wrong["says"]))
def test_a_case_that_is_wrong_is_found(wrong: dict[str, object], tmp_path: Path) -> None:
    case = dict(wrong["case"])  # type: ignore[call-overload]
    expect = case.pop("expect")
    written = {"name": "wrong", "given": {"cycle": "2026-2027", "goods": GOODS, **case}, "expect": expect or {}}
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "wrong.yaml").write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
    (read,), found = load_cases(tmp_path)
    told = {_told(each): None for each in [*found, *run_case(read, loaded(HERE / "tally")[0], norms())]}
    assert list(told) == wrong["says"]


def test_the_training_set_lies_over_the_norms_without_a_slip() -> None:
    both, found = load_norms(ROOT / "norms", [TRAINING])
    assert [str(each) for each in found] == []
    invented = {value.verified for norm in both.norms.values() for value in norm.values if value not in real(norm.name)}
    assert invented == {"training"}


def real(name: str) -> tuple[object, ...]:
    norm = norms().norms.get(name)
    return norm.values if norm else ()


def _told(found: Finding) -> str:
    names = ("got", "expected") if found.code == "case-differs" else ("got",)
    return " ".join([found.code, *(found.args[name] for name in names)])
