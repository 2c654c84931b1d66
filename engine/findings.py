"""A finding is the only way to tell a user that something is wrong: what, where, why, and what to do.

The codes, their severity, order of precedence and texts in Kazakh, Russian and English stand in `findings.yaml` beside
this file; a text may use the words of `args` in braces, and `{nearest:? Perhaps «%»?}` says its part only where that
word is known. A finding about a text carries its `Place`, one about a submission its `Cell`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("kk", "ru", "en")
SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a text that somebody wrote: file, line and column, both from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a workbook; `row` counts from 0 inside the submission, `year` and `month` as people write them."""

    submission: int
    form: str
    column: str | None = None
    row: int | None = None
    year: int | None = None
    month: int | None = None

    def __str__(self) -> str:
        row = [f"#{self.row + 1}"] if self.row is not None else []
        parts = [self.form, *([self.column] if self.column else []), *row]
        when = f"{self.year}" if self.month is None else f"{self.year}-{self.month:02d}"
        return ".".join(parts) + (f"@{when}" if self.year is not None else "")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. `texts` are complete sentences in each language; `args` are the facts in them."""

    code: str
    severity: str
    texts: Mapping[str, str]
    place: Place | None = None
    cell: Cell | None = None
    args: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """The sentence in one of the three languages."""
        return self.texts[language]

    def __str__(self) -> str:
        where = self.place or self.cell
        return (f"{where}: " if where else "") + f"{self.severity} {self.code}: {self.text()}"


def finding(code: str, where: Place | Cell | None = None, **args: object) -> Finding:
    """A finding of the catalogue; `args` fill the braces of its texts, one that is a title in each language's own."""
    entry = catalogue()[code]
    words = {language: _words(args, language) for language in LANGUAGES}
    texts = {language: entry[language].format_map(words[language]) for language in LANGUAGES}
    place, cell = (where, None) if isinstance(where, Place) else (None, where)
    return Finding(code, entry["severity"], texts, place, cell, {name: str(word) for name, word in words["en"].items()})


def has_errors(found: Iterable[Finding]) -> bool:
    """Whether any of the findings stops what was asked."""
    return any(f.severity == "error" for f in found)


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Findings in the order in which people read: by file and line, then by precedence of the code."""
    rank = {code: i for i, code in enumerate(catalogue())}
    nowhere = Place("", 0, 0)
    return sorted(found, key=lambda f: (f.place or nowhere, str(f.cell or ""), rank.get(f.code, len(rank)), f.code))


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Code → severity, kk, ru, en, in order of precedence."""
    text = (Path(__file__).parent / "findings.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found


def _words(args: Mapping[str, object], language: str) -> _Facts:
    spoken = {name: value.get(language, "") if isinstance(value, Mapping) else value for name, value in args.items()}
    return _Facts({name: _Fact(value) for name, value in spoken.items()})


class _Fact(str):
    __slots__ = ()

    def __format__(self, spec: str) -> str:
        if spec.startswith("?"):
            return spec[1:].replace("%", self) if self else ""
        return format(str(self), spec)


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        raise KeyError(f"a finding's text needs the fact {key!r}")
