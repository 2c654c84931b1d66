"""What a command says: sentences of `texts.yaml` and findings on stdout, or one JSON answer; progress on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engine.explain.numbers import grouped
from engine.findings import LANGUAGES, Finding
from engine.ruleset import Title

OK, FOUND, USAGE = 0, 1, 2
"""Exit codes."""


@dataclass
class Terminal:
    """One run of a command: its language, whether it answers JSON, and how long each stage took."""

    language: str = "en"
    as_json: bool = False
    progress: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    def text(self, key: str, **facts: object) -> str:
        """A sentence of the catalogue in the language of this run."""
        return say(key, self.language, **facts)

    def title(self, title: Title) -> str:
        """A title in this language, or the first one that there is."""
        return next((title[name] for name in (self.language, *LANGUAGES) if title.get(name)), "")

    def number(self, number: str | int) -> str:
        """A number for people of this language."""
        return grouped(str(number), self.language)

    def print(self, line: str = "") -> None:
        """One line for people; JSON answers stand alone."""
        if not self.as_json:
            sys.stdout.write(line + "\n")

    def say(self, key: str, **facts: object) -> None:
        """A sentence of the catalogue for people."""
        self.print(self.text(key, **facts))

    def answer(self, answer: Mapping[str, Any]) -> None:
        """The answer of the command, for programs."""
        if self.as_json:
            sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")

    def findings(self, found: Sequence[Finding]) -> None:
        """Findings for people, one a line."""
        for one in found:
            self.print(self.finding(one))

    def finding(self, one: Finding) -> str:
        """A finding as `file:line:column: severity code: text`."""
        where = one.place or one.cell
        told = f"{self.text(f'severity.{one.severity}')} {one.code}: {self.title(one.texts)}"
        return f"{where}: {told}" if where else told

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Columns side by side: the first ones to the left, those that hold numbers to the right."""
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
        for row in rows:
            cells = [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
            self.print("  " + "  ".join(cells).rstrip())

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A part of long work: timed, and told on stderr when people watch."""
        if self.progress:
            sys.stderr.write(self.text(f"stage.{name}") + " … ")
            sys.stderr.flush()
        started = time.perf_counter()
        yield
        took = time.perf_counter() - started
        self.seconds[name] = self.seconds.get(name, 0.0) + took
        if self.progress:
            sys.stderr.write(self.text("stage.done", seconds=self.number(f"{took:.2f}")) + "\n")


def say(key: str, language: str, **facts: object) -> str:
    """A sentence of the catalogue."""
    return texts()[key][language].format(**facts)


@cache
def texts() -> dict[str, dict[str, str]]:
    """Every sentence of the command line, by its key."""
    read: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "texts.yaml").read_text(encoding="utf-8"))
    return read


def finding_as_json(one: Finding) -> dict[str, Any]:
    """A finding with its texts in all languages, its place or its cell, and the facts."""
    told: dict[str, Any] = {"code": one.code, "severity": one.severity, "text": dict(one.texts)}
    if one.place:
        told["place"] = {"file": one.place.file, "line": one.place.line, "column": one.place.column}
    if one.cell:
        cell = one.cell
        told["cell"] = {"submission": cell.submission, "form": cell.form, "column": cell.column}
        told["cell"] |= {"row": None if cell.row is None else cell.row + 1, "year": cell.year, "month": cell.month}
    return told | ({"facts": dict(one.args)} if one.args else {})
