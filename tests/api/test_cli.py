"""The command line: what people type, what they are told in their language, and what it says to programs."""

from __future__ import annotations

import json
import string
import sys
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest
import yaml

from api import arguments, cli
from api.commands import bench
from api.republic import limits
from api.terminal import FOUND, OK, USAGE, texts

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUDGETS = str(HERE / "budgets")


class Answer:
    """What one run printed and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        capsys.readouterr()
        self.code = cli.main(words)
        self.out, self.err = capsys.readouterr()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


# What is said


@pytest.mark.parametrize("path", ["api/texts.yaml", "engine/explain/words.yaml"])
def test_sentences_say_the_same_facts_in_three_languages(path: str) -> None:
    for key, sentence in yaml.safe_load((ROOT / path).read_text(encoding="utf-8")).items():
        assert set(sentence) == {"kk", "ru", "en"}, key
        facts = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in sentence.values()]
        assert facts[0] == facts[1] == facts[2], key
        assert all(sentence.values()), key


def test_sentences_of_the_command_line_are_used() -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "api").rglob("*.py"))
    spoken = {key for key in texts() if f'"{key}"' in said or f'"{key.partition(".")[2]}"' in said}
    groups = ("help.", "stage.", "dimension.", "severity.", "verified.", "cell.", "kind.")
    by_name = {key for key in texts() if key.startswith(groups)}
    assert set(texts()) == spoken | by_name


# How commands begin


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("command", ["", *arguments.COMMANDS])
def test_every_command_has_help_in_every_language(
    capsys: pytest.CaptureFixture[str], command: str, language: str
) -> None:
    answer = Answer(capsys, *command.split(), "--lang", language, "--help")
    about = texts()[f"help.{command or 'program'}"][language]
    assert answer.code == OK
    assert about.split()[0] in answer.out


def test_the_environment_gives_the_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "kk_KZ.UTF-8")
    assert "пәрмені жоқ" in Answer(capsys, "nothing").err
    assert "Команды" in Answer(capsys, "nothing", "--lang", "ru").err
    monkeypatch.setenv("LC_ALL", "C")
    assert "There is no command" in Answer(capsys, "nothing").err


# Formulas, norms, rulesets


@pytest.mark.parametrize(
    ("formula", "text", "value"),
    [("=ROUND(2.5,0)", "3", 3), ("=0.1+0.2", "0.3", 0.3), ('="a"&"b"', "ab", "ab"), ("=1=1", "TRUE", True)],
)
def test_a_formula_is_answered_exactly(capsys: pytest.CaptureFixture[str], formula: str, text: str, value: Any) -> None:
    assert Answer(capsys, "formula", formula).out == text + "\n"
    assert Answer(capsys, "formula", formula, "--json").json == {"value": value}


def test_an_error_is_an_answer_and_what_is_no_formula_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert (Answer(capsys, "formula", "=1/0").out, Answer(capsys, "formula", "=1/0").code) == ("#DIV/0!\n", OK)
    broken = Answer(capsys, "formula", "=SUM(1", "--lang", "en")
    assert broken.code == FOUND
    assert broken.out.startswith("formula:1:7: error formula-")
    assert Answer(capsys, "formula", "=SUM(1", "--json").json["error"] == "unsupported"
    assert Answer(capsys, "formula").code == USAGE


def test_formulas_are_answered_by_the_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    requests = tmp_path / "requests.jsonl"
    requests.write_text('{"formula": "=SUM(r)*k", "names": {"r": [[1], [2]], "k": 1.5}}\nnothing\n{"formula": "=1"}\n')
    answer = Answer(capsys, "formula", "--batch", str(requests))
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert (told[0], told[1]["error"], told[2]) == ({"value": 4.5}, "unsupported", {"value": 1})
    assert Answer(capsys, "formula", "--batch", str(tmp_path / "none")).code == USAGE


def test_a_norm_has_its_history_with_acts(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(capsys, "norms", "mci", "--on", "2026-05-01", "--json")
    assert answer.code == OK
    [value] = answer.json["values"]
    assert (value["value"], value["verified"], value["from"]) == ("4325", "published", "2026-01-01")
    assert value["source"].startswith("http")
    assert "4\N{NO-BREAK SPACE}325" in Answer(capsys, "norms", "mci", "--lang", "kk").out
    assert "No value is in force on 1900-01-01" in Answer(capsys, "norms", "mci", "--on", "1900-01-01").out
    assert Answer(capsys, "norms", "trip.per-diem", "--json").json["unit"] == "MCI/person/day"


def test_a_norm_without_a_number_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    [value] = Answer(capsys, "norms", "trip.hotel", "--json").json["values"]
    assert (value["value"], value["verified"]) == (None, "absent")
    trained = Answer(capsys, "norms", "trip.hotel", "--training", "--json").json["values"]
    assert [row["verified"] for row in trained] == ["absent", "training"]


def test_norms_are_listed_and_a_slip_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "pay.base" in Answer(capsys, "norms", "--json").json["norms"]
    slip = Answer(capsys, "norms", "pay.bas", "--lang", "en")
    assert slip.code == FOUND
    assert "Did you mean “pay.base”?" in slip.out


def test_the_rulesets_of_the_house_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(capsys, "check", "--json")
    assert {"norms", "budget-law", "budget-request", "staff-schedule"} <= set(answer.json)
    told = {found["code"] for one in answer.json.values() for found in one}
    assert (answer.code, told - {"norm-without-value"}) == (OK, set()), "some norms are awaited"


def test_a_ruleset_is_named_or_given_as_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert "budget-request" in Answer(capsys, "check", "budget-requst", "--lang", "en").out
    assert Answer(capsys, "check", "budget-requst").code == FOUND
    told = Answer(capsys, "check", str(HERE / "little-ruleset"), "--json")
    assert told.code == OK
    assert {found["code"] for found in told.json[str(HERE / "little-ruleset")]} == {"translation-missing"}


def test_cases_of_a_ruleset_are_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    passed = Answer(capsys, "test", "budget-law", "--json")
    [told] = passed.json["rulesets"]
    assert (passed.code, told["failed"], told["errors"]) == (OK, 0, [])
    assert told["passed"] == len(told["cases"]) > 0
    failed = Answer(capsys, "test", _spoilt_ruleset(tmp_path), "--lang", "en")
    assert failed.code == FOUND
    assert "1 tests failed" in failed.out


def _spoilt_ruleset(folder: Path) -> str:
    """The law on the budget with a case that expects a finding where nothing was entered."""
    for path in (ROOT / "rulesets" / "budget-law").rglob("*.yaml"):
        copy = folder / path.relative_to(ROOT / "rulesets" / "budget-law")
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    given = "{cycle: 2026-2026, header: {law: a, edition: b}}"
    case = f"name: spoilt\ngiven: {given}\nexpect: {{2026: {{findings: [deficit-as-stated]}}}}\n"
    (folder / "tests" / "spoilt.yaml").write_text(case, encoding="utf-8")
    return str(folder)


# Printed budgets


def test_differences_of_printed_budgets_are_told_and_end_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(capsys, "lines", BUDGETS, "--json")
    assert answer.code == FOUND
    law, execution = answer.json["files"]
    assert [measure["differences"] for measure in law["measures"]] == [[]]
    assert {measure["measure"]: measure["levels"] for measure in execution["measures"]} == {
        "annual-plan": _levels(0, 0),
        "revised-plan": _levels(1, 0),
        "actual": _levels(0, 1),
    }
    [difference] = execution["measures"][2]["differences"]
    assert difference == {
        "level": "programme", "administrator": "Ministry of Mills", "programme": "001", "title": "Wind",
        "printed": "7.0", "summed": "6.7", "difference": "-0.3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"), [("kk", "барлық деңгейде"), ("ru", "на всех уровнях"), ("en", "agrees")]
)
def test_budgets_are_told_in_each_language(capsys: pytest.CaptureFixture[str], language: str, words: str) -> None:
    out = Answer(capsys, "lines", BUDGETS, "--lang", language).out
    assert words in out
    assert "Ministry of Mills / 001" in out


def test_budgets_roll_up_along_any_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    law = Answer(capsys, "lines", BUDGETS, "--by", "administrator", "--json").json["files"][0]
    assert law["totals"] == [
        {"administrator": "Ministry of Mills", "amount": "-50.5"},
        {"administrator": "Ministry of Tides", "amount": "1000.3"},
    ]
    slip = Answer(capsys, "lines", BUDGETS, "--by", "colour", "--lang", "en")
    assert (slip.code, "colour" in slip.out) == (USAGE, True)


def _levels(administrators: int, programmes: int) -> dict[str, dict[str, int]]:
    counts = {"administrator": (2, administrators), "programme": (3, programmes)}
    return {level: {"totals": totals, "differ": differ} for level, (totals, differ) in counts.items()}


# The republic


@cache
def _demo(path: str) -> dict[str, Any]:
    """The answer of one calculation of the demo republic, its lines written to a file."""
    with Path(path).with_suffix(".json").open("w+", encoding="utf-8") as out:
        before, sys.stdout = sys.stdout, out
        try:
            code = cli.main(["calculate", "--json", "--out", path])
        finally:
            sys.stdout = before
        out.seek(0)
        return {"code": code, **json.load(out)}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("demo") / "lines.csv"
    return {"path": path, **_demo(str(path))}


def test_the_demo_republic_is_calculated_without_findings(demo: dict[str, Any]) -> None:
    assert (demo["code"], demo["findings"]["counts"], demo["training"]) == (OK, {}, True)
    assert demo["submissions"] == 60
    assert demo["rows"]["pay_civil_employees"] + demo["rows"]["pay_civil_servants"] == 3000
    assert demo["seconds"] > 0
    assert len(demo["digest"]) == 64


def test_totals_agree_whichever_way_they_are_added_up(demo: dict[str, Any]) -> None:
    totals = demo["totals"]
    assert len(totals["administrator"]) == 35
    for year, total in totals["year"].items():
        for dimension in ("administrator", "specific"):
            assert sum(Decimal(amounts[year]) for amounts in totals[dimension].values()) == Decimal(total)
    assert demo["incomplete"] == {"administrator": {}, "specific": {}, "year": {}}


def test_lines_are_written_whole(demo: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = pandas.read_csv(demo["path"], dtype=str, keep_default_na=False)
    assert len(text) == demo["lines"]
    expected = sum(Decimal(amount) for amount in demo["totals"]["year"].values())
    assert sum(map(Decimal, text["amount"])) == expected
    for ending, read in ((".parquet", pandas.read_parquet), (".xlsx", _sheet)):
        path = tmp_path / f"lines{ending}"
        assert Answer(capsys, "calculate", "--out", str(path)).code == OK
        table = read(path)
        assert list(table.columns) == list(text.columns)
        assert table["institution"].astype(str).tolist() == text["institution"].tolist()
        assert [Decimal(amount) for amount in table["amount"]] == [Decimal(amount) for amount in text["amount"]]


def _sheet(path: Path) -> pandas.DataFrame:
    heads, *rows = openpyxl.load_workbook(path).active.values
    return pandas.DataFrame([list(row) for row in rows], columns=list(heads))


def test_a_file_that_cannot_be_written_is_a_finding(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "lines.doc", "file-ending-unknown"),
        (tmp_path / "no" / "l.csv", "file-not-written"),
    ):
        answer = Answer(capsys, "calculate", "--out", str(path), "--json")
        assert answer.code == FOUND
        assert [found["code"] for found in answer.json["unwritten"]] == [code]


def test_the_same_republic_has_the_same_digest(demo: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    out = Answer(capsys, "calculate", "--lang", "ru").out
    assert f"Дайджест: {demo['digest']}" in out
    assert "Учебный набор" in out
    assert "122 Социальные отчисления в Государственный фонд социальног…  " in out


def test_findings_name_the_institution_and_are_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POSTS_A_ROW", Fraction(1))
    answer = Answer(capsys, "calculate", "--show", "2", "--json")
    found = answer.json["findings"]
    assert (answer.code, len(found["first"])) == (FOUND, 2)
    assert set(found["counts"]) == {"staff-limit", "base-limit"}
    assert found["first"][0]["of"].startswith("1")
    assert {"actual", "limit"} == set(found["first"][0]["facts"])
    out = Answer(capsys, "calculate", "--show", "1", "--lang", "en").out
    assert f"{found['first'][0]['of']} pay_civil_employees@2026: error staff-limit: " in out
    assert f"{sum(found['counts'].values()) - 1} more findings." in out


def test_a_ruleset_without_lines_says_so_and_one_of_nobody_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    schedule = Answer(capsys, "calculate", "--ruleset", "staff-schedule", "--lang", "en")
    assert (schedule.code, "no lines" in schedule.out, "No findings." in schedule.out) == (OK, True, True)
    law = Answer(capsys, "calculate", "--ruleset", "budget-law", "--json")
    assert (law.code, law.json["findings"]["first"][0]["code"]) == (FOUND, "ruleset-of-nobody")


# Why a figure is what it is


def test_a_figure_is_explained_down_to_inputs_and_acts(capsys: pytest.CaptureFixture[str]) -> None:
    told = Answer(capsys, "explain", "pay_civil_employees.fund.#2@2027", "--json").json
    cell = told["cell"]
    assert (cell["form"], cell["row"], cell["year"], cell["unit"]) == ("pay_civil_employees", 2, 2027, "KZT")
    months = [month for part in cell["parts"] for month in part["months"]]
    assert months == list(range(1, 13))
    monthly = sum(Decimal(part["value"]) * len(part["months"]) for part in cell["parts"])
    assert Decimal(cell["value"]) == round(monthly)
    salary = next(part for part in cell["parts"][0]["parts"] if part["column"] == "salary")
    assert salary["numbers"].startswith("=17697 * ")
    base = next(norm for norm in salary["norms"] if norm["norm"] == "pay.base")
    assert (base["value"], base["from"], bool(base["source"])) == ("17697", "2026-01-01", True)
    assert all(part["input"] for part in salary["parts"] if part["column"] in {"sector", "category"})


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_story_is_told_in_each_language(capsys: pytest.CaptureFixture[str], language: str) -> None:
    words = ("--form", "social_tax", "--column", "payable", "--row", "3", "--year", "2026", "--month", "5")
    out = Answer(capsys, "explain", *words, "--lang", language).out
    told = Answer(capsys, "explain", *words, "--json").json["text"][language]
    whose, training, *story = out.splitlines()
    assert ("1010001" in whose, training) == (True, texts()["calculate.training"][language])
    assert story == told
    assert any('NORM("social-tax.deducts.so")' in line for line in told)
    assert any("2026-05" in line for line in told)


def test_a_monthly_column_without_a_month_is_told_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    cell = Answer(capsys, "explain", "--column", "seniority", "--json").json["cell"]
    parts = cell["parts"] if cell["value"] == "" else [cell]
    assert sorted(month for part in parts for month in part["months"]) == list(range(1, 13))


def test_where_administrators_fill_in_their_code_finds_the_cell(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("explain", "positions.fund", "--ruleset", "staff-schedule", "--institution", "225", "--json")
    told = Answer(capsys, *words).json
    assert (told["institution"], told["cell"]["column"]) == ("225", "fund")


def test_a_whole_column_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    cell = Answer(capsys, "explain", "summary.base.#1", "--json").json["cell"]
    block = next(part for part in cell["parts"] if (part["form"], part["column"]) == ("pay_civil_employees", "fund"))
    paid = [part for part in cell["parts"] if part["form"].startswith("pay_")]
    assert sum(Decimal(part.get("total") or part["value"]) for part in paid) == Decimal(cell["value"])
    assert (block["rows"] > 3, len(block["first"]), block["errors"]) == (True, 3, 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nonsense"], "cell-unreadable"),
        (["pay_civil_employee.fund"], "cell-unknown"),
        (["pay_civil_employees.fnd"], "cell-unknown"),
        (["pay_civil_employees.fund.#9999"], "cell-unknown"),
        (["pay_civil_employees.fund@2031"], "cell-unknown"),
        (["pay_civil_employees.fund@2026-03"], "cell-not-monthly"),
        (["pay_civil_employees.salary@2026-13"], "cell-unknown"),
        (["--institution", "0000000"], "institution-unknown"),
        (["--ruleset", "nothing"], "ruleset-unknown"),
    ],
)
def test_a_cell_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], words: list[str], code: str) -> None:
    answer = Answer(capsys, "explain", *words, "--json")
    assert answer.code == FOUND
    assert [found["code"] for found in answer.json["findings"]] == [code]


# Benchmarks


def test_a_benchmark_is_run_and_recorded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tiny.py").write_text("def run():\n    return {'seconds': 1.5, 'of': {'rows': 3}}\n")
    monkeypatch.setattr(bench, "BENCHMARKS", tmp_path)
    monkeypatch.setattr(bench, "HISTORY", tmp_path / "history.jsonl")
    assert Answer(capsys, "bench", "--json").json == {"benchmarks": ["tiny"]}
    measured = {"bench": "tiny", "seconds": 1.5, "of": {"rows": 3}}
    assert Answer(capsys, "bench", "tiny", "--json", "--record").json == measured
    [line] = (tmp_path / "history.jsonl").read_text().splitlines()
    assert measured.items() <= json.loads(line).items()
    assert "Did you mean “tiny”?" in Answer(capsys, "bench", "tny", "--lang", "en").out
