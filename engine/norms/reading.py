"""How the words of norms and classifications are read: days, exact decimals, units, levels of verification."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from fractions import Fraction

from engine.findings import Place
from engine.norms import VERIFIED, Classification, Norms
from engine.ruleset import Title
from engine.ruleset.reading import TITLE_LANGUAGES, Reading
from engine.text.nearest import nearest
from engine.text.source import Branch, Tree, Word
from engine.units import PLAIN, Unit, parse_unit

LEVELS = tuple(level for level in VERIFIED if level != "training")
_NUMBER = re.compile(r"-?\d{1,16}(?:\.\d{1,9})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class NormReading(Reading):
    """A reading that knows the units and classifications so far, and whether the folder is a training set."""

    def __init__(self, norms: Norms | None = None) -> None:
        super().__init__()
        self.units: dict[str, Title] = dict(norms.units) if norms else {}
        self.classifications: dict[str, Classification] = dict(norms.classifications) if norms else {}
        self.training = False
        self.levels: Sequence[str] = LEVELS

    def day(self, branch: Branch, key: str) -> date | None:
        """A date written `2026-01-31`, or nothing."""
        text = self.word(branch.entries.get(key))
        if _DATE.fullmatch(text):
            with suppress(ValueError):
                return date.fromisoformat(text)
        if text:
            self.finding("norm-date-unclear", self.at(branch, key), got=text)
        return None

    def decimal(self, branch: Branch, key: str) -> Fraction | None:
        """A plain decimal number, exact, or nothing."""
        text = self.word(branch.entries.get(key))
        if text and not _NUMBER.fullmatch(text):
            self.finding("norm-number-unclear", self.at(branch, key), got=text)
            return None
        return Fraction(text) if text else None

    def unit(self, tree: Tree | None) -> Unit:
        """A product of powers of known units."""
        unit = parse_unit(self.word(tree), self.units)
        if isinstance(unit, Unit):
            return unit
        if isinstance(tree, Word):
            self.finding("norm-unit-unknown", tree.place, **self.unknown(self.units, unit))
        return PLAIN

    def dates(self, branch: Branch) -> tuple[date | None, date | None]:
        """`from` and `to`; an interval that ends before it starts has no end."""
        start, end = self.day(branch, "from"), self.day(branch, "to")
        if start is not None and end is not None and end <= start:
            self.finding("norm-dates-reversed", self.at(branch, "to"), start=start, end=end)
            end = None
        return start, end

    def level(self, branch: Branch) -> str:
        """How far a thing was verified; everything of a training set is invented."""
        if self.training:
            return "training"
        return self.choice(self.needed(branch, "verified", ""), self.levels) or "unverified"

    def coded(self, word: Word, codes: Classification) -> str:
        """A code of a classification."""
        if word.text not in codes.positions:
            told = self.unknown(codes.positions, word.text)
            self.finding("norm-code-unknown", word.place, classification=codes.name, **told)
        return word.text

    def unknown(self, names: Iterable[str], got: str) -> dict[str, str]:
        """The facts of a finding about a name that is not there."""
        return {"got": got, "nearest": nearest(got, names)}

    def at(self, branch: Branch, key: str) -> Place:
        """Where a value stands, or the mapping that should have it."""
        return branch.entries[key].place if key in branch.entries else branch.place


def complete(title: Title, name: str) -> Title:
    """A title in all languages: what is not there is said in Russian, else English, else Kazakh, else by the name."""
    said = next((title[language] for language in ("ru", "en", "kk") if title.get(language)), name)
    return {language: title.get(language) or said for language in TITLE_LANGUAGES}
