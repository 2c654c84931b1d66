"""`esep scenario` as people type it: tables in three languages, JSON, lines, and what is wrong with a file."""

from __future__ import annotations

import csv
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from api import cli
from api.commands.scenario import ruleset_of
from api.installation import RULESETS, load_ruleset
from api.terminal import FOUND, OK, USAGE
from engine.scenario import parse_scenario

HERE = Path(__file__).parent / "scenarios"
PAY, CUT = str(HERE / "pay-up.yaml"), str(HERE / "limits-cut.yaml")
NO_BREAK = "\N{NO-BREAK SPACE}"


class Answer:
    """What one run printed and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        capsys.readouterr()
        self.code = cli.main(["scenario", *words])
        self.out, self.err = capsys.readouterr()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        return [found["code"] for found in self.json["findings"]]


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The scenario of every kind of override, with the ruleset that it names beside it."""
    folder = tmp_path_factory.mktemp("scenarios")
    shutil.copy(HERE / "all-together.yaml", folder)
    shutil.copytree(RULESETS / "budget-request", folder / "other-rules")
    trips = folder / "other-rules" / "forms" / "business-trips.yaml"
    text = trips.read_text(encoding="utf-8")
    assert "'=[@days] - 1'" in text
    trips.write_text(text.replace("'=[@days] - 1'", "'=MAX([@days] - 2, 0)'"), encoding="utf-8")
    return str(folder / "all-together.yaml")


def test_everything_together_is_explained_to_the_last_tiyn(capsys: pytest.CaptureFixture[str], together: str) -> None:
    answer = Answer(capsys, together, "--json")
    assert answer.code == OK
    told = answer.json
    (side,) = told["scenarios"]
    assert [(c["cause"], c["part"], c["subject"]) for c in side["causes"]] == [
        ("volume", "column", "pay_civil_employees.staff"),
        ("price", "column", "business_trips.fare"),
        ("norm", "norm", "limit.base"),
        ("norm", "norm", "mci"),
        ("norm", "norm", "pay.base"),
        ("norm", "norm", "pay.coefficient"),
        ("rule", "formula", "business_trips.nights"),
        ("rule", "ruleset", "budget-request"),
        ("classification", "header", "programme"),
    ]
    for year in ("2026", "2027", "2028"):
        base, then = (Decimal(each["totals"]["year"][year]) for each in (told["base"], side))
        assert Decimal(side["difference"]["year"][year]) == then - base != 0
        assert sum(Decimal(cause["amounts"][year]) for cause in side["causes"]) == then - base
        assert side["remainder"][year] == "0.00"
    for by in ("administrator", "specific"):
        for code, moved in side["difference"][by].items():
            causes = (Decimal(parts.get(code, "0")) for parts in side["causes_by"][by].values())
            assert sum(causes) == sum(map(Decimal, moved.values()))
    above = {(each["of"], each["year"]) for each in side["limits"]}
    assert above >= {("1010001", 2026), ("1010001", 2027), ("1010001", 2028), ("1020001", 2028)}
    assert not above & {(each["of"], each["year"]) for each in told["base"]["limits"]}
    sizes = [Decimal(each["above"]) for each in side["limits"]]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Norm", "Basic official salary (BDO) (pay.base: 17 697 → 19 466.7)", "remainder not explained")),
        ("ru", ("Норматив", "Базовый должностной оклад (pay.base: 17 697 → 19 466,7)", "необъяснённый остаток")),
        ("kk", ("Норматив", "Базалық лауазымдық айлықақы (pay.base: 17 697 → 19 466,7)", "түсіндірілмеген қалдық")),
    ],
)
def test_tables_are_told_in_three_languages(
    capsys: pytest.CaptureFixture[str], language: str, words: tuple[str, ...]
) -> None:
    answer = Answer(capsys, PAY, CUT, "--by", "specific", "--limits", "--lang", language)
    assert answer.code == OK
    said = answer.out.replace(NO_BREAK, " ")
    assert [word for word in words if word not in said] == []
    assert "pay-up" in said
    assert "limits-cut" in said
    assert "0.00" in said or "0,00" in said


def test_one_year_alone(capsys: pytest.CaptureFixture[str]) -> None:
    told = Answer(capsys, PAY, "--year", "2027", "--json").json
    assert list(told["base"]["totals"]["year"]) == ["2027"]
    assert list(told["scenarios"][0]["causes"][0]["amounts"]) == ["2027"]
    assert "2026" not in Answer(capsys, PAY, "--year", "2027", "--by", "specific").out.split("\n", 1)[1]


def test_lines_of_base_and_causes_are_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    told = Answer(capsys, PAY, "--out", str(path), "--json").json
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (row["scenario"], row["year"])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(row["amount"])
    assert sums["base", "2026"] == Decimal(told["base"]["totals"]["year"]["2026"])
    assert sums["pay-up", "2026"] == Decimal(told["scenarios"][0]["difference"]["year"]["2026"])
    assert {(row["cause"], row["subject"]) for row in rows} == {("base", ""), ("norm", "norm pay.base")}


def test_progress_names_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(capsys, PAY, "--progress", "--lang", "en")
    assert "step 1 of 1: Basic official salary" in answer.err.replace(NO_BREAK, " ")


SLIPS = {
    "norms: {pay.bas: +1 %}": ("norm-unknown", FOUND),
    "norms: [": ("yaml-broken", FOUND),
    "limits: five percent": ("norm-number-unclear", FOUND),
    "ruleset: budget-reqest": ("ruleset-unknown", FOUND),
    "ruleset: budget-law": ("states-of-other-years", FOUND),
    "cells: [{submission: '1', column: programme, value: 101-001}]": ("institution-unknown", FOUND),
    "cells: cells.csv": ("file-missing", FOUND),
    "{base: {size: national}, norms: {pay.base: +1 %}}": ("scenario-base-differs", FOUND),
    "{base: {size: huge}, norms: {pay.base: +1 %}}": ("scenario-base-differs", FOUND),
    "{base: {norms-digest: 0123456789}, norms: {pay.base: +1 %}}": ("scenario-base-differs", FOUND),
    "{scenario: pay-up, norms: {pay.base: +1 %}}": ("scenario-name-twice", FOUND),
}


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_is_a_finding(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    (tmp_path / "slip.yaml").write_text(text, encoding="utf-8")
    answer = Answer(capsys, PAY, str(tmp_path / "slip.yaml"), "--json")
    assert (answer.codes, answer.code) == ([SLIPS[text][0]], SLIPS[text][1])


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ((PAY, "--by", "administrater"), "dimension-unknown", USAGE),
        ((PAY, "--year", "2031"), "scenario-year-unknown", USAGE),
        ((PAY, "--size", "big"), "option-value-unknown", USAGE),
        ((PAY, "--out", "moves.doc"), "file-ending-unknown", FOUND),
        ((PAY, "--size", "national"), "scenario-base-differs", FOUND),
    ],
)
def test_a_slip_in_the_command_is_told(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: str, exit_code: int
) -> None:
    answer = Answer(capsys, *words, "--json")
    assert (answer.codes, answer.code) == ([code], exit_code)


def test_a_size_that_there_is_not_is_told_of_its_scenario(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "huge.yaml").write_text("{base: {size: huge}, norms: {pay.base: +1 %}}", encoding="utf-8")
    answer = Answer(capsys, str(tmp_path / "huge.yaml"), "--lang", "en")
    assert answer.code == FOUND
    assert answer.out.startswith("huge.yaml:1:15: error scenario-size-unknown")


def test_a_file_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answer = Answer(capsys, str(tmp_path / "nowhere.yaml"), "--lang", "en")
    assert answer.code == FOUND
    assert "nowhere.yaml" in answer.err


def test_rules_of_a_scenario_take_the_place_of_the_bases_files(together: str) -> None:
    folder = Path(together).parent / "other-rules"
    trips = (folder / "forms" / "business-trips.yaml").read_text(encoding="utf-8")
    scenario, found = parse_scenario(yaml.safe_dump({"rules": {"forms/business-trips.yaml": trips}}))
    assert scenario is not None, found
    written, found = ruleset_of(Path("nowhere/rules.yaml"), scenario, "budget-request")
    named, _ = load_ruleset(str(folder))
    assert written is not None, found
    assert named is not None
    assert written.digest == named.digest
    assert {one.severity for one in found} <= {"warning", "note"}
    assert ruleset_of(Path("nowhere/rules.yaml"), scenario, "budget-reqest")[1][0].code == "ruleset-unknown"
