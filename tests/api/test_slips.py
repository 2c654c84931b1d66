"""What goes wrong around a command: words that are slips, broken files, interruptions, closed or full streams."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api import cli, lines_file
from api.terminal import FOUND, OK, USAGE
from engine.lines import Lines

HERE = Path(__file__).parent
ESEP = (sys.executable, "-m", "api.cli")
NO_BREAK = "\N{NO-BREAK SPACE}"


class Answer:
    """What one run printed and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        capsys.readouterr()
        self.code = cli.main(words)
        self.out, self.err = capsys.readouterr()

    @property
    def codes(self) -> list[str]:
        return [found["code"] for found in json.loads(self.out)["findings"]]


SLIPS = {
    "calc": "command-unknown",
    "--lang ru calc": "command-unknown",
    "--lang": "option-misused",
    "--lang xx norms": "option-value-unknown",
    "-x": "argument-missing",
    "norms mci extra": "argument-too-many",
    "norms --trainin": "option-unknown",
    "norms --on yesterday": "option-value-no-day",
    "lines": "argument-missing",
    "calculate --size huge": "option-value-unknown",
    "calculate --show -1": "option-value-not-whole",
    "calculate --show ²": "option-value-not-whole",
    "calculate --out": "option-misused",
    "explain --row 0": "option-value-not-whole",
    "explain --mont 3": "option-unknown",
    "check --json=3": "option-misused",
    "formula": "formula-not-given",
    "formula =1 --batch requests.jsonl": "formula-or-batch",
    "formula --batch nothing.jsonl": "file-not-read",
}


@pytest.mark.parametrize("words", SLIPS)
def test_a_slip_is_a_finding_and_ends_with_two(capsys: pytest.CaptureFixture[str], words: str) -> None:
    answer = Answer(capsys, "--json", *words.split())
    assert (answer.code, answer.codes) == (USAGE, [SLIPS[words]])
    told = Answer(capsys, *words.split())
    assert f" {SLIPS[words]}: " in told.out + told.err
    assert told.code == USAGE


def test_no_word_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(capsys)
    assert answer.code == USAGE
    assert "esep calculate --size demo" in answer.err


def test_a_slip_names_the_nearest_in_the_language_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean “calculate”?" in Answer(capsys, "calcluate", "--lang", "en").err
    assert "Может быть, «calculate»?" in Answer(capsys, "calcluate", "--lang=ru").err
    assert "Мүмкін, «national»?" in Answer(capsys, "calculate", "--size", "nationl", "--lang", "kk").err


@pytest.mark.parametrize(
    ("language", "words"),
    [("kk", ("жазылуы:", "параметрлері:", "мысалдар:")), ("ru", ("запись:", "параметры:", "примеры:"))],
)
def test_help_is_of_one_language(capsys: pytest.CaptureFixture[str], language: str, words: tuple[str, ...]) -> None:
    told = Answer(capsys, "norms", "--lang", language, "--help").out
    assert all(word in told for word in words)
    assert not any(word in told for word in ("usage", "options", "arguments", "show this"))


# Formulas


@pytest.mark.parametrize(
    ("formula", "language", "text"),
    [
        ("=СУММ(1;2)", "en", "3"),
        ("=СУММ(1,5;1)", "en", "2.5"),
        ("=ОКРУГЛ(2,5;0)", "ru", "3"),
        ("=ROUND(2.5,0)", "ru", "3"),
        ("=1,5+1", "ru", "2.5"),
        ('=ЕСЛИ(1>0;"да";"нет")', "kk", "да"),
    ],
)
def test_formulas_are_read_as_excel_of_the_language_writes_them(
    capsys: pytest.CaptureFixture[str], formula: str, language: str, text: str
) -> None:
    assert Answer(capsys, "formula", formula, "--lang", language).out == text + "\n"


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("=СУМ(1)", "function-unknown"),
        ("=1+SUMM(1)", "function-unknown"),
        ("=ROUND(1)", "arguments-too-few"),
        ("=ABS(1,2,3)", "arguments-too-many"),
        ('=NORM("mci")', "formula-outside-form"),
        ("=SHARE(1)", "formula-outside-form"),
        ("=OWN.LINES()", "formula-outside-form"),
        ("=[@x]+1", "formula-outside-form"),
        ("=1,5+1", "formula-operator-expected"),
        ("=A1", "formula-a1-reference"),
    ],
)
def test_a_formula_without_an_answer_says_why_and_where(
    capsys: pytest.CaptureFixture[str], formula: str, code: str
) -> None:
    answer = Answer(capsys, "formula", formula, "--json", "--lang", "en")
    assert (answer.code, answer.codes) == (FOUND, [code])
    assert Answer(capsys, "formula", formula, "--lang", "en").out.startswith("formula:1:")


@pytest.mark.parametrize(
    "formula",
    [
        '=REPT("x",1e9)',
        "=9^9^9^9",
        "=" + "-" * 5000 + "1",
        "=" + "(" * 5000,
        "=" + "1+" * 20000 + "1",
        '="\udcff"',
        "=" + chr(1),
    ],
)
def test_hostile_formulas_end_in_an_answer(capsys: pytest.CaptureFixture[str], formula: str) -> None:
    answer = Answer(capsys, "formula", formula)
    assert (answer.code in (OK, FOUND), answer.err) == (True, "")
    assert answer.out


def test_broken_lines_of_a_batch_do_not_stop_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    requests = tmp_path / "requests.jsonl"
    requests.write_bytes(
        b'\xef\xbb\xbf{"formula": "=1+1"}\r\n\xff\n[1]\n{"formula": "=\\"\\ud800\\""}\n{"formula": "=2+2"}\n'
    )
    answers = [json.loads(line) for line in Answer(capsys, "formula", "--batch", str(requests)).out.splitlines()]
    assert [answer.get("value", answer.get("error")) for answer in answers] == [
        2,
        "unsupported",
        "unsupported",
        "\ud800",
        4,
    ]


# Folders of budgets


def test_a_budget_that_cannot_be_read_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good = (HERE / "budgets" / "lowland-2025-budget-law.csv").read_bytes()
    (tmp_path / "a-2025.csv").mkdir()
    (tmp_path / "b-2025.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c-2025.csv").write_bytes(b"\xef\xbb\xbf" + good.replace(b"\n", b"\r\n"))
    (tmp_path / "d-2025.csv").write_bytes(b"\xff\x00")
    answer = Answer(capsys, "lines", str(tmp_path), "--json")
    assert (answer.code, answer.codes) == (FOUND, ["file-not-read", "file-not-read", "table-broken"])
    assert [file["file"] for file in json.loads(answer.out)["files"]] == ["c-2025.csv"]


def test_one_file_may_be_named_and_amounts_are_in_groups(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "lowland-2025-budget-law.csv"
    text = (HERE / "budgets" / path.name).read_text(encoding="utf-8")
    path.write_text(text.replace("600.1", "1600.1"), encoding="utf-8")
    answer = Answer(capsys, "lines", str(path), "--lang", "ru")
    assert answer.code == FOUND
    assert f"сумма частей 1{NO_BREAK}900,2" in answer.out


# Files that are written


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_an_interrupted_file_leaves_what_was_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"lines{ending}"
    path.write_text("old", encoding="utf-8")

    def interrupted(lines: Lines, part: Path) -> None:
        part.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setitem(lines_file._WRITERS, ending, interrupted)  # type: ignore[arg-type]
    answer = Answer(capsys, "calculate", "--out", str(path), "--lang", "en")
    assert (answer.code, answer.err) == (
        cli.INTERRUPTED,
        "error interrupted: Interrupted; no unfinished file was left.\n",
    )
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [(path.name, "old")]


def test_a_file_that_is_there_is_replaced_where_a_link_leads(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    meant, link = tmp_path / "lines.csv", tmp_path / "link.csv"
    meant.write_text("old", encoding="utf-8")
    link.symlink_to(meant)
    assert Answer(capsys, "calculate", "--out", str(link)).code == OK
    assert link.is_symlink()
    assert meant.read_text(encoding="utf-8").startswith("institution,")
    assert {file.name for file in tmp_path.iterdir()} == {"lines.csv", "link.csv"}


def test_what_cannot_be_written_is_refused_before_the_calculation(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name in ("lines.doc", "no/lines.csv", "folder.csv"):
        answer = Answer(capsys, "calculate", "--out", str(tmp_path / name), "--lang", "en")
        assert (answer.code, len(answer.out.splitlines())) == (FOUND, 1)
        assert name.rpartition("/")[2] in answer.out


# Streams and signals


def _run(*words: str, **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ESEP, *words], cwd=HERE.parent.parent, text=True, timeout=60, check=False, **how)


def test_a_closed_pipe_is_no_failure() -> None:
    read, write = os.pipe()
    os.close(read)
    done = _run("norms", stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (OK, "")


def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = _run("norms", "--lang", "en", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == FOUND
    assert done.stderr.startswith("error system-refused: ")
    assert "Traceback" not in done.stderr


def test_a_terminal_of_few_letters_gets_codes_for_the_others() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = _run("norms", "mci", "--lang", "ru", env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (OK, "")
    assert "\\u041c" in done.stdout


def test_an_interruption_ends_with_a_sentence() -> None:
    words = ("calculate", "--size", "million", "--progress", "--lang", "ru")
    started = subprocess.Popen(
        [*ESEP, *words], cwd=HERE.parent.parent, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert started.stderr is not None
    assert started.stderr.read(len("нормативы")) == "нормативы"
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert (started.returncode, out) == (cli.INTERRUPTED, "")
    assert err.endswith("ошибка interrupted: Прервано; недописанных файлов не осталось.\n")
    assert "Traceback" not in err
