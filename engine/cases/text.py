"""YAML -> the cases of a ruleset's own tests.

A file in `tests/` holds one case or a list of them. Rows are written as a table, the names of columns first, or as one
mapping a row; an entry is one word, or a list: of plan years in what is given, of months in what is expected. Beside
the years `expect` may say what an approval `publishes`, a table by norm, and how the submission is `rolled` forward:
the `cycle`, inputs by form as they are given, and what its years then show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.findings import Finding, Place
from engine.norms.reading import NormReading
from engine.text.source import Branch, Listing, Tree, Word, read

CASE_KEYS = ("name", "note", "source", "given", "expect")
GIVEN_KEYS = ("cycle", "known", "codes", "norms", "header")
YEAR_KEYS = ("findings", "totals", "lines")
AFTER_KEYS = ("publishes", "rolled")


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is written: by column, one word or several."""

    words: Mapping[str, tuple[Word, ...]]
    place: Place


@dataclass(frozen=True, slots=True)
class Expected:
    """What one plan year must show; None is not compared."""

    place: Place
    forms: Mapping[str, tuple[Line, ...]]
    totals: Mapping[str, Word]
    lines: tuple[Line, ...] | None
    findings: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Rolled:
    """What the next cycle's submission must start from and show."""

    place: Place
    years: tuple[int, ...]
    forms: Mapping[str, tuple[Line, ...]]
    expect: Mapping[int, Expected]


@dataclass(frozen=True, slots=True)
class Case:
    """One test of a ruleset. Norms and codes are read when it is run, against those of the installation."""

    name: str
    place: Place
    years: tuple[int, ...]
    known: date | None
    codes: Mapping[str, tuple[str, ...]]
    norms: Branch
    header: Mapping[str, str]
    forms: Mapping[str, tuple[Line, ...]]
    expect: Mapping[int, Expected]
    publishes: Mapping[str, tuple[Line, ...]]
    rolled: Rolled | None
    note: str = ""
    source: str = ""


def load_cases(folder: Path) -> tuple[list[Case], list[Finding]]:
    """The cases of a ruleset's folder, from `tests/*.yaml` in order of names, and what is wrong with their texts."""
    reading = NormReading()
    cases: list[Case] = []
    for path in sorted((folder / "tests").glob("*.yaml")):
        tree, found = read(path, f"{folder.name}/tests/{path.name}")
        reading.found += found
        items = tree.items if isinstance(tree, Listing) else (tree,)
        cases += [_case(reading, reading.branch(item, CASE_KEYS)) for item in items if item is not None]
    return cases, reading.found


def _case(reading: NormReading, branch: Branch) -> Case:
    name = reading.word(reading.needed(branch, "name", branch.place.file))
    given = reading.branch(reading.needed(branch, "given", name))
    get = given.entries.get
    expect = reading.branch(reading.needed(branch, "expect", name))
    after = expect.entries.get
    return Case(
        name=name,
        place=branch.place,
        years=_years(reading, reading.needed(given, "cycle", name)),
        known=reading.day(given, "known"),
        codes={key: reading.words(tree) for key, tree in reading.branch(get("codes")).entries.items()},
        norms=reading.branch(get("norms")),
        header={key: reading.word(tree) for key, tree in reading.branch(get("header")).entries.items()},
        forms={key: _rows(reading, tree) for key, tree in given.entries.items() if key not in GIVEN_KEYS},
        expect=_by_year(reading, expect, AFTER_KEYS),
        publishes={key: _rows(reading, tree) for key, tree in reading.branch(after("publishes")).entries.items()},
        rolled=_rolled(reading, after("rolled"), name),
        note=reading.word(branch.entries.get("note")),
        source=reading.word(branch.entries.get("source")),
    )


def _by_year(reading: NormReading, branch: Branch, others: tuple[str, ...]) -> dict[int, Expected]:
    years = [key for key in branch.entries if key not in others and _is_year(reading, branch, key)]
    return {int(year): _expected(reading, branch.entries[year]) for year in years}


def _rolled(reading: NormReading, tree: Tree | None, name: str) -> Rolled | None:
    if tree is None:
        return None
    branch = reading.branch(tree)
    forms = {key: rows for key, rows in branch.entries.items() if key != "cycle" and not key.isdigit()}
    return Rolled(
        place=branch.place,
        years=_years(reading, reading.needed(branch, "cycle", name)),
        forms={key: _rows(reading, rows) for key, rows in forms.items()},
        expect=_by_year(reading, branch, ("cycle", *forms)),
    )


def _expected(reading: NormReading, tree: Tree) -> Expected:
    branch = reading.branch(tree)
    lines, findings = branch.entries.get("lines"), branch.entries.get("findings")
    totals = reading.branch(branch.entries.get("totals")).entries
    return Expected(
        place=branch.place,
        forms={key: _rows(reading, rows) for key, rows in branch.entries.items() if key not in YEAR_KEYS},
        totals={key: word for key, word in totals.items() if isinstance(word, Word)},
        lines=None if lines is None else _rows(reading, lines),
        findings=None if findings is None else reading.words(findings),
    )


def _rows(reading: NormReading, tree: Tree) -> tuple[Line, ...]:
    items = reading.items(tree)
    if items and isinstance(items[0], Branch):
        return tuple(_mapped(reading, reading.branch(item)) for item in items)
    names = reading.words(items[0]) if items else ()
    return tuple(_line(reading, names, row) for row in items[1:])


def _mapped(reading: NormReading, row: Branch) -> Line:
    return Line({name: _words(reading, cell) for name, cell in row.entries.items()}, row.place)


def _line(reading: NormReading, names: tuple[str, ...], row: Tree) -> Line:
    cells = reading.items(row)
    if len(cells) != len(names):
        reading.finding("table-row-uneven", row.place, got=len(cells), expected=len(names))
    return Line({name: _words(reading, cell) for name, cell in zip(names, cells, strict=False)}, row.place)


def _words(reading: NormReading, tree: Tree) -> tuple[Word, ...]:
    if isinstance(tree, Listing):
        return tuple(Word(reading.word(item), item.place) for item in tree.items)
    return (Word(reading.word(tree), tree.place),)


def _years(reading: NormReading, tree: Tree | None) -> tuple[int, ...]:
    text = reading.word(tree)
    match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text, re.ASCII)
    if match is None:
        if text and tree is not None:
            reading.finding("cycle-unclear", tree.place, got=text)
        return ()
    return tuple(range(int(match[1]), int(match[2] or match[1]) + 1))


def _is_year(reading: NormReading, branch: Branch, key: str) -> bool:
    if re.fullmatch(r"\d{4}", key, re.ASCII):
        return True
    reading.finding("case-year-unclear", branch.keys[key], got=key)
    return False
