"""`esep norms lint`: what is shown of the findings, what is counted, and how the command ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api import cli
from api.terminal import FOUND, OK, USAGE

NORMS = """mci:
  title: {kk: АЕК, ru: МРП, en: MCI}
  type: KZT/MCI
  values:
    - {from: 2025-01-01, to: 2026-01-01, value: 3932, source: act, verified: published}
    - {from: 2026-04-01, value: 39320, verified: published}
    - {from: 2027-01-01, value: 98300, source: act, verified: published}
km-rate: {title: {kk: А, ru: А, en: A}, type: KZT, values: []}
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A folder of two norms: one with a gap, no source and a jump, and one that nobody asks for."""
    (tmp_path / "units.yaml").write_text("".join(f"{name}: {{title: {{ru: {name}}}}}\n" for name in ("KZT", "MCI")))
    (tmp_path / "norms.yaml").write_text(NORMS, encoding="utf-8")
    return str(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(["norms", *words])
    return code, *capsys.readouterr()


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    return json.loads(said(capsys, "lint", "--json", *words)[1])


def test_every_finding_has_its_kind_and_is_counted(capsys: pytest.CaptureFixture[str], folder: str) -> None:
    told = answer(capsys, "--norms", folder, "--on", "2026-11-22")
    kinds = [one["kind"] for one in told["findings"]]
    assert {kind: count for kind, count in told["counts"].items() if count} == {k: kinds.count(k) for k in kinds}
    assert set(kinds) == {"gap", "source", "jump", "unused"}
    assert told["on"] == "2026-11-22"
    assert all(set(one["text"]) == {"kk", "ru", "en"} and one["place"]["line"] for one in told["findings"])


def test_only_errors_end_in_failure(capsys: pytest.CaptureFixture[str], folder: str) -> None:
    assert said(capsys, "lint", "--norms", folder)[0] == FOUND
    assert said(capsys, "lint", "--norms", folder, "--only", "gap")[0] == OK
    code, out, _ = said(capsys, "lint", "--norms", folder, "--only", "jump", "--jump", "2,5", "--lang", "ru")
    assert (code, "скачок (jump)" in out) == (OK, False)
    assert "скачок (jump) 1" in said(capsys, "lint", "--norms", folder, "--jump", "2.4", "--lang", "ru")[1]


def test_norms_that_nobody_asks_for_can_be_left_out(capsys: pytest.CaptureFixture[str], folder: str) -> None:
    assert {one["facts"]["norm"] for one in answer(capsys, "--norms", folder)["findings"]} == {"mci", "km-rate"}
    assert {one["facts"]["norm"] for one in answer(capsys, "--norms", folder, "--used")["findings"]} == {"mci"}


def test_a_folder_that_is_not_there_is_told_in_any_case(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = answer(capsys, "--norms", str(tmp_path / "nowhere"), "--used")
    assert [one["code"] for one in told["findings"]] == ["file-missing"]


def test_slips_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert "norms lint --only" in said(capsys, "mci", "--only", "gap")[2]
    assert "norms lint --used" in said(capsys, "--used")[2]
    for times in ("1", "0.5", "many", "1e3"):
        code, _, err = said(capsys, "lint", "--jump", times)
        assert (code, "option-value-no-ratio" in err) == (USAGE, True)


@pytest.mark.parametrize(("language", "words"), [("kk", "ескертулер"), ("ru", "замечаний"), ("en", "findings")])
def test_the_house_is_linted_in_each_language(capsys: pytest.CaptureFixture[str], language: str, words: str) -> None:
    code, out, _ = said(capsys, "lint", "--training", "--lang", language)
    assert (code, words in out) == (OK, True)
