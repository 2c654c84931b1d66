"""Budgets of other states, read from CSV files as lines under their own classification.

A file is recognised by its header (`budget_layouts.yaml`): who spends, on what, and for each measure (plan, revised
plan, actual) an amount of the subprogramme with the printed totals of the levels above repeated on each row. Nothing is
guessed: a cell that is no amount, a total that is printed in two ways or a row that stands twice is a finding. Amounts
become whole hundredths of the currency unit, so that sums are exact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from engine.findings import LANGUAGES, Finding, Place, finding, has_errors
from engine.limits import NUMBER_MAX
from engine.lines import Difference, Lines, differences, lines_from
from engine.norms import Classification
from engine.number import decimal_text
from engine.ruleset import Title
from engine.text.source import Branch, Word
from engine.text.table import read_table

LEVELS = ("administrator", "programme", "subprogramme")
DECIMALS = 5
"""Of an amount in thousands, down to the hundredth of the currency unit."""
Codes = tuple[str, ...]
"""The codes from an administrator down."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One of a layout's figures: `columns` names the CSV column of each level's amount."""

    name: str
    title: Title
    stage: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """A format of file: columns of codes and titles by level, and the measures."""

    name: str
    title: Title
    codes: Mapping[str, str]
    titles: Mapping[str, str]
    measures: tuple[Measure, ...]
    also: tuple[str, ...]

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns without which a file is not of this layout."""
        amounts = [measure.columns[level] for measure in self.measures for level in LEVELS]
        return tuple(dict.fromkeys([*self.codes.values(), *self.titles.values(), *amounts]))


@dataclass(frozen=True, slots=True)
class Budget:
    """One file: its lines by stage, administrator, programme, subprogramme and year, and its printed totals from the
    top level down. A code of `classification` is the path of codes down to it, parts divided by a slash."""

    file: str
    layout: Layout
    year: str
    classification: Classification
    lines: Lines
    printed: tuple[Lines, ...]

    def differences(self) -> list[Difference]:
        """Printed totals that are not the sum of the parts printed below them."""
        return differences(self.lines, self.printed)

    def title(self, path: Codes) -> str:
        """What the file calls the last of these codes."""
        return self.classification.titles[self.classification.positions["/".join(path)]]["en"]


def read_budgets(folder: Path) -> tuple[list[Budget], list[Finding]]:
    """All CSV files of a folder by name, or the one file that is meant; one with an error finding gives no budget."""
    if not folder.exists():
        return [], [finding("folder-missing", folder=folder)]
    budgets: list[Budget] = []
    found: list[Finding] = []
    paths = [folder] if folder.is_file() else sorted(folder.glob("*.csv"))
    for path in paths:
        budget, of_file = _read_file(path)
        found += of_file
        budgets += [budget] if budget else []
    return budgets, found if paths else [finding("folder-without-budgets", folder=folder)]


@cache
def layouts() -> tuple[Layout, ...]:
    """The formats that are known."""
    declared = yaml.safe_load((Path(__file__).parent / "budget_layouts.yaml").read_text(encoding="utf-8"))
    return tuple(
        Layout(
            name,
            entry["title"],
            {level: entry["levels"][level]["code"] for level in LEVELS},
            {level: entry["levels"][level]["title"] for level in LEVELS},
            tuple(Measure(m, of["title"], of["stage"], of["columns"]) for m, of in entry["measures"].items()),
            tuple(entry["also"]),
        )
        for name, entry in declared.items()
    )


def _read_file(path: Path) -> tuple[Budget | None, list[Finding]]:
    try:
        table, found = read_table(path, path.name)
    except OSError as error:
        return None, [finding("file-not-read", file=path, problem=error.strerror or error)]
    rows = [row for row in table.items if isinstance(row, Branch)] if table else []
    if has_errors(found):
        return None, found
    layout, unknown = _recognised(path.name, list(rows[0].keys) if rows else [])
    if layout is None:
        return None, unknown
    budget, wrong = _budget(path.name, layout, rows)
    return (None if has_errors(wrong) else budget), found + unknown + wrong


def _recognised(file: str, header: list[str]) -> tuple[Layout | None, list[Finding]]:
    """The layout whose columns are all there; else the finding names what the likeliest one lacks."""
    place = Place(file, 1, 1)
    likeliest = max(layouts(), key=lambda layout: len(set(layout.needed) & set(header)) / len(layout.needed))
    lacking = [column for column in likeliest.needed if column not in header]
    if lacking:
        lacks = ", ".join(lacking)
        return None, [finding("budget-layout-unknown", place, layout=likeliest.name, lacking=lacks)]
    unknown = [column for column in header if column not in likeliest.needed and column not in likeliest.also]
    return likeliest, [finding("budget-column-unknown", place, column=column) for column in unknown]


def _budget(file: str, layout: Layout, rows: list[Branch]) -> tuple[Budget, list[Finding]]:
    year = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", file)
    found = [] if year else [finding("budget-year-unknown", Place(file, 1, 1))]
    reading = _Reading(layout, year[0] if year else "", {}, [{} for _ in LEVELS], found)
    for row in rows:
        reading.take(row)
    keys = ("stage", "year", *LEVELS)
    parts, *above = [
        lines_from(keys[: 2 + depth], [(key, amount) for key, (amount, _) in reading.amounts[depth - 1].items()])
        for depth in range(len(LEVELS), 0, -1)
    ]
    printed = tuple(reversed(above))
    return Budget(file, layout, reading.year, _classification(reading.titles), parts, printed), found


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read so far: titles by path, and by level the amounts by key with the word that printed each first."""

    layout: Layout
    year: str
    titles: dict[Codes, str]
    amounts: list[dict[Codes, tuple[int, Word]]]
    found: list[Finding]

    def take(self, row: Branch) -> None:
        """Add one subprogramme and the totals printed beside it."""
        words = [_word(row, self.layout.codes[level]) for level in LEVELS]
        path = tuple(word.text.strip() for word in words)
        for depth, level in enumerate(LEVELS):
            if not path[depth]:
                self.found.append(finding("budget-code-missing", words[depth].place, level=level))
            self.titles.setdefault(path[: depth + 1], _word(row, self.layout.titles[level]).text.strip())
            for measure in self.layout.measures:
                self._print(_word(row, measure.columns[level]), measure.stage, path[: depth + 1])

    def _print(self, word: Word, stage: str, path: Codes) -> None:
        amount = _hundredths(word.text)
        if amount is None:
            self.found.append(finding("budget-amount-unreadable", word.place, got=word.text))
            return
        printed, key = self.amounts[len(path) - 1], (stage, self.year, *path)
        expected, first = printed.setdefault(key, (amount, word))
        if len(path) == len(LEVELS) and first is not word:
            self.found.append(finding("budget-row-twice", word.place, path=" / ".join(path), first=first.place.line))
        elif expected != amount:
            facts = {"got": word.text, "expected": first.text, "first": first.place.line}
            self.found.append(finding("budget-total-printed-twice", word.place, **facts))


def thousands(hundredths: int) -> str:
    """An amount as such files print it: thousands, with one decimal or as many as it takes."""
    text = decimal_text(hundredths, DECIMALS)
    return text.rstrip("0") + ("0" if text.rstrip("0").endswith(".") else "")


def _hundredths(text: str) -> int | None:
    """Thousands as written → hundredths of a unit; None for what is no such number."""
    if not re.fullmatch(rf"-?\d{{1,16}}(\.\d{{1,{DECIMALS}}})?", text.strip(), re.ASCII):
        return None
    amount = int(Decimal(text.strip()).scaleb(DECIMALS))
    return amount if abs(amount) <= NUMBER_MAX else None


def _classification(titles: Mapping[Codes, str]) -> Classification:
    paths = sorted(titles)
    codes = tuple("/".join(path) for path in paths)
    return Classification(
        "budget",
        {"kk": "Бюджет", "ru": "Бюджет", "en": "Budget"},
        codes,
        tuple(dict.fromkeys(LANGUAGES, titles[path]) for path in paths),
        tuple("/".join(path[:-1]) or None for path in paths),
        ((None, None),) * len(paths),
        ("published",) * len(paths),
        ("",) * len(paths),
        positions={code: i for i, code in enumerate(codes)},
    )


def _word(row: Branch, column: str) -> Word:
    word = row.entries[column]
    assert isinstance(word, Word), "a table holds words"
    return word
