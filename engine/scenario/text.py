"""YAML -> a scenario: overrides over a pinned base, and nothing else.

Norms may be named with one word (`pay.base: +10 %`, `mci: 4500`), a mapping, or a list of mappings; each says which
values it is about (keys of the norm; one that is left out, or `*`, is any), from when until when, and one of `value`,
`change` (`+10 %`, `-500`) or `as-of`, the day whose value is taken. `rules` are files
of the ruleset written otherwise, each under its name (`forms/pay.yaml`) as a whole; they are read and judged as any
ruleset is. Cells are a list, or the name of a CSV table beside the scenario. Names and codes are judged when the
scenario is applied, because only its base knows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path

from engine.findings import Finding, Place, ordered
from engine.limits import DIGITS_MAX
from engine.norms.reading import NormReading
from engine.ruleset import Title
from engine.text.source import Branch, Listing, Tree, Word, parse, read
from engine.text.table import read_table

SCENARIO_KEYS = ("scenario", "title", "base", "ruleset", "rules", "norms", "limits", "cells")
BASE_KEYS = ("ruleset", "version", "ruleset-digest", "norms-digest", "size", "known")
ACTIONS = ("value", "change", "as-of")
OVERRIDE_KEYS = ("from", "to", *ACTIONS, "digits", "note")
LIMIT_KEYS = ("limit", "administrator", "institution")
CELL_KEYS = ("submission", "form", "row", "column", "year", "value")
_NAME = re.compile(r"[\w.-]+")
_CHANGE = re.compile(r"([+−-])\s*(\d{1,15}(?:\.\d{1,9})?)\s*(%?)")
_TABLE = re.compile(r"[\w-]+\.csv")
_RULES = re.compile(r"(?:ruleset|workflow|forms/[a-z0-9-]{1,100})\.yaml", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pin:
    """The base that a scenario was written against, by what it says of it; empty words pin nothing."""

    place: Place
    words: Mapping[str, str]
    known: date | None
    places: Mapping[str, Place]

    def at(self, word: str) -> Place:
        """Where a word stands."""
        return self.places.get(word, self.place)


@dataclass(frozen=True, slots=True)
class Change:
    """`+10 %` of a value, or so much more."""

    amount: Fraction
    percent: bool
    written: str

    def of(self, value: Fraction) -> Fraction:
        """The value after the change."""
        return value * (1 + self.amount / 100) if self.percent else value + self.amount


@dataclass(frozen=True, slots=True)
class NormOverride:
    """Other values of a norm: which, when, and what in their place (one of `value`, `change`, `as_of`)."""

    norm: str
    place: Place
    keys: Mapping[str, Word]
    start: date | None
    end: date | None
    value: Fraction | None
    change: Change | None
    as_of: date | None
    digits: int | None
    note: str
    key_places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class CellOverride:
    """Another value of an input; `where` are the words by their keys."""

    place: Place
    where: Mapping[str, Word]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A what-if. `limits` are overrides of norms that are ceilings; an empty norm there is every limit that the ruleset
    declares."""

    name: str
    title: Title
    place: Place
    base: Pin
    ruleset: str
    norms: tuple[NormOverride, ...] = ()
    limits: tuple[NormOverride, ...] = ()
    cells: tuple[CellOverride, ...] = ()
    rules: Mapping[str, Word] = field(default_factory=dict)
    """Files of the ruleset, by their path in its folder, and their texts in place of those there."""

    @property
    def has_ruleset(self) -> bool:
        """Whether it is calculated under a ruleset of its own: another one, or one written otherwise."""
        return bool(self.ruleset or self.rules)


def read_scenario(path: Path) -> tuple[Scenario | None, list[Finding]]:
    """A scenario of its file, or None where it has errors; every slip with its file, line and column."""
    tree, found = read(path)
    return _scenario(tree, found, (path.stem, path.parent))


def parse_scenario(text: str, name: str = "scenario") -> tuple[Scenario | None, list[Finding]]:
    """A scenario of its text; tables of cells stand beside a file and are not known here."""
    tree, found = parse(text, name)
    return _scenario(tree, found, (Path(name).stem, None))


def _scenario(
    tree: Tree | None, found: list[Finding], of: tuple[str, Path | None]
) -> tuple[Scenario | None, list[Finding]]:
    if tree is None:
        return None, found
    reading = _Reading(*of)
    reading.found += found
    scenario = reading.scenario(tree)
    broken = any(one.severity == "error" for one in reading.found)
    return None if broken else scenario, ordered(reading.found)


class _Reading(NormReading):
    def __init__(self, name: str, folder: Path | None) -> None:
        super().__init__()
        self.name, self.folder = name, folder

    def scenario(self, tree: Tree) -> Scenario:
        """The whole file."""
        branch = self.branch(tree, SCENARIO_KEYS)
        get = branch.entries.get
        name = self.word(get("scenario")) or self.name
        if not _NAME.fullmatch(name):
            self.finding("scenario-name-unclear", self.at(branch, "scenario"), got=name)
        scenario = Scenario(
            name,
            self.title(get("title")),
            branch.place,
            self._pin(self.branch(get("base"), BASE_KEYS)),
            self.word(get("ruleset")),
            tuple(self._norms(self.branch(get("norms")))),
            tuple(self._limits(get("limits"))),
            tuple(self._cells(get("cells"))),
            self._rules(self.branch(get("rules"))),
        )
        if not (scenario.has_ruleset or scenario.norms or scenario.limits or scenario.cells) and not self.found:
            self.finding("scenario-empty", branch.place)
        return scenario

    def _rules(self, branch: Branch) -> dict[str, Word]:
        for name in branch.entries:
            if not _RULES.fullmatch(name):
                self.finding("scenario-rules-unclear", branch.keys[name], got=name)
        return {name: Word(self.word(tree), tree.place) for name, tree in branch.entries.items()}

    def _pin(self, branch: Branch) -> Pin:
        words = {key: self.word(tree) for key, tree in branch.entries.items() if key in BASE_KEYS and key != "known"}
        places = {key: tree.place for key, tree in branch.entries.items()}
        return Pin(branch.place, words, self.day(branch, "known"), places)

    def _norms(self, branch: Branch) -> Iterator[NormOverride]:
        for norm, tree in branch.entries.items():
            if isinstance(tree, Word):
                yield self._short(norm, tree)
            else:
                items = tree.items if isinstance(tree, Listing) else (tree,)
                yield from (self._override(norm, self.branch(item), ()) for item in items)

    def _short(self, norm: str, word: Word) -> NormOverride:
        """`pay.base: +10 %` or `mci: 4500`."""
        key = "change" if word.text[:1] in tuple("+−-") else "value"
        if not word.text:
            self.finding("key-missing", word.place, key="value", owner=norm)
        return self._override(norm, Branch({key: word}, {key: word.place}, word.place), ())

    def _limits(self, tree: Tree | None) -> Iterator[NormOverride]:
        if isinstance(tree, Word) and tree.text:
            yield self._short("", tree)
            return
        for item in self.items(tree) if not isinstance(tree, Branch) else (tree,):
            branch = self.branch(item)
            yield self._override(self.word(branch.entries.get("limit")), branch, ("limit",))

    def _override(self, norm: str, branch: Branch, others: tuple[str, ...]) -> NormOverride:
        entries = branch.entries
        start, end = self.dates(branch)
        said = [action for action in ACTIONS if action in entries]
        if len(said) != 1 and branch.entries:
            self.finding("scenario-action-unclear", branch.place, norm=norm or "limits", got=", ".join(said) or "–")
        keys = {name: tree for name, tree in entries.items() if name not in (*OVERRIDE_KEYS, *others)}
        return NormOverride(
            norm,
            branch.place,
            {name: Word(self.word(tree), tree.place) for name, tree in keys.items()},
            start,
            end,
            self.decimal(branch, "value"),
            self._change(branch),
            self.day(branch, "as-of"),
            self._digits(branch),
            self.word(entries.get("note")),
            branch.keys,
        )

    def _change(self, branch: Branch) -> Change | None:
        text = self.word(branch.entries.get("change"))
        match = _CHANGE.fullmatch(text.strip())
        if match is None:
            if "change" in branch.entries:
                self.finding("scenario-change-unclear", self.at(branch, "change"), got=text)
            return None
        sign, number, percent = match.groups()
        amount = Fraction(number) if sign == "+" else -Fraction(number)
        return Change(amount, bool(percent), f"{'+' if sign == '+' else '−'}{number}{' %' if percent else ''}")

    def _digits(self, branch: Branch) -> int | None:
        digits = self.whole(branch.entries.get("digits"))
        if digits is not None and digits > DIGITS_MAX:
            self.finding("digits-too-many", self.at(branch, "digits"), owner="digits", got=digits, limit=DIGITS_MAX)
            return None
        return digits

    def _cells(self, tree: Tree | None) -> Iterator[CellOverride]:
        for item in self._table(tree) if isinstance(tree, Word) else self.items(tree):
            branch = self.branch(item)
            where = {key: Word(self.word(word), word.place) for key, word in branch.entries.items()}
            for key in ("submission", "column"):
                self.needed(branch, key, "cells")
            if "value" not in where and where:
                self.finding("key-missing", branch.place, key="value", owner="cells")
            yield CellOverride(branch.place, where)

    def _table(self, word: Word) -> tuple[Tree, ...]:
        """The rows of a table beside the scenario."""
        path = self.folder / word.text if self.folder and _TABLE.fullmatch(word.text) else None
        if not word.text:
            return ()
        if path is None or not path.is_file():
            self.finding("file-missing", word.place, file=word.text)
            return ()
        table, found = read_table(path, word.text)
        self.found += found
        return table.items if table else ()
