"""`esep bench NAME`: run one of the repository's benchmarks; `--record` keeps the result beside them."""

from __future__ import annotations

import importlib.util
import json
import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from api.installation import ROOT
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.findings import finding
from engine.text.nearest import nearest

BENCHMARKS = ROOT / "benchmarks"
HISTORY = BENCHMARKS / "history.jsonl"


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=about("bench-name"))
    parser.add_argument("--record", action="store_true", help=about("record"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Run a benchmark and print what it measured, or list all."""
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py") if not path.stem.startswith("_"))
    if asked.name is None:
        for name in names:
            terminal.print(name)
        if not names:
            terminal.say("bench.none")
        terminal.answer({"benchmarks": names})
        return OK
    if asked.name not in names:
        known = ", ".join(names)
        unknown = finding("benchmark-unknown", got=asked.name, nearest=nearest(asked.name, names), known=known)
        terminal.findings([unknown])
        terminal.answer({"findings": [finding_as_json(unknown)]})
        return FOUND
    measured = {"bench": asked.name, **_measure(BENCHMARKS / f"{asked.name}.py")}
    _tell(terminal, measured)
    terminal.answer(measured)
    if asked.record:
        _record(measured)
    return OK


def _measure(path: Path) -> dict[str, Any]:
    """What the benchmark's `run` answers; it stands in the repository and is not installed with the program."""
    spec = importlib.util.spec_from_file_location(f"benchmarks.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    measured: dict[str, Any] = module.run()
    return measured


def _tell(terminal: Terminal, measured: dict[str, Any], indent: str = "") -> None:
    for name, value in measured.items():
        if isinstance(value, dict):
            terminal.print(f"{indent}{name}:")
            _tell(terminal, value, indent + "  ")
        else:
            terminal.print(f"{indent}{name}: {value}")


def _record(measured: dict[str, Any]) -> None:
    when = {"when": datetime.now(UTC).isoformat(timespec="seconds")}
    where = {"machine": platform.machine(), "python": platform.python_version(), "numpy": np.__version__}
    with HISTORY.open("a", encoding="utf-8") as history:
        history.write(json.dumps({**when, **where, **measured}, ensure_ascii=False) + "\n")
