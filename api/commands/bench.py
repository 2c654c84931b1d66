"""`esep bench NAME`: run one of the repository's benchmarks; `--record` keeps the result beside them.

Those of the service take how many people edit, how often and for how long, and on which database.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from api.arguments import SlipError, choice, whole
from api.installation import ROOT
from api.republic import SIZES
from api.serving import configure_database
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.findings import finding
from engine.text.nearest import nearest

BENCHMARKS = ROOT / "benchmarks"
HISTORY = BENCHMARKS / "history.jsonl"
CALLED = {"load": "service"}
"""Benchmarks that people ask for by another name than their file's."""
NUMBERS = ("editors", "sessions", "rate", "seconds", "workers", "kills")
OPTIONS = (*NUMBERS, "size", "highest", "database", "folder")
"""What may be said to a benchmark that takes it."""


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=about("bench-name"))
    parser.add_argument("--record", action="store_true", help=about("record"))
    for name in NUMBERS:
        parser.add_argument(f"--{name}", type=whole(f"--{name}", 1), metavar="N", help=about(f"bench-{name}"))
    parser.add_argument("--size", type=choice("--size", SIZES), metavar="SIZE", help=about("bench-size"))
    parser.add_argument("--highest", action="store_true", help=about("bench-highest"))
    configure_database(parser, about)


def run(asked: Namespace, terminal: Terminal) -> int:
    """Run a benchmark and print what it measured, or list all."""
    files = {CALLED.get(path.stem, path.stem): path for path in BENCHMARKS.glob("*.py") if path.stem[0] != "_"}
    names = sorted(files)
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
    measured = {"bench": asked.name, **_measure(files[asked.name], asked)}
    _tell(terminal, measured)
    terminal.answer(measured)
    if asked.record:
        _record(measured)
    return OK


def _measure(path: Path, asked: Namespace) -> dict[str, Any]:
    """What the benchmark's `run` answers; it stands in the repository and is not installed with the program. One that
    `TAKES` settings gets those that were given; the database may also be the environment's."""
    spec = importlib.util.spec_from_file_location(f"benchmarks.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    given = {name: getattr(asked, name) for name in OPTIONS if getattr(asked, name)}
    if refused := [name for name in given if name not in getattr(module, "TAKES", ())]:
        raise SlipError(finding("option-unknown", got=f"--{refused[0]}", nearest="", known=", ".join(_takes(module))))
    if not hasattr(module, "TAKES"):
        measured: dict[str, Any] = module.run()
        return measured
    database = None if asked.folder else asked.database or os.environ.get("DATABASE_URL")
    told: dict[str, Any] = module.run(given | {"database": database})
    return told


def _takes(module: ModuleType) -> list[str]:
    return [f"--{name}" for name in getattr(module, "TAKES", ())]


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
