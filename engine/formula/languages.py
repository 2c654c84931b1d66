"""How formulas are written in a language: names of functions, truths and errors, the decimal sign, the separators.

Formulas are stored with English names, `.` in numbers and `,` between arguments. In Russian and Kazakh they are shown
with their own names, `,` in numbers, `;` between arguments and between the rows of an array, and a backslash between
its columns. The English name of a function is understood everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """One way to write formulas; the mappings go from the English word to the one shown."""

    functions: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    decimal: str = "."
    separator: str = ","
    column: str = ","
    """Between the columns of an array."""
    canonical: Mapping[str, str] = field(init=False)
    """From a word as it is shown, in capitals, to the English one."""

    def __post_init__(self) -> None:
        shown = {**self.functions, **self.errors}
        object.__setattr__(self, "canonical", {word.upper(): english for english, word in shown.items()})

    def english(self, word: str) -> str:
        """The English word, in capitals, for one that is shown."""
        return self.canonical.get(word.upper(), word.upper())

    def shown(self, word: str) -> str:
        """The word that is shown for an English one."""
        return self.functions.get(word) or self.errors.get(word) or word

    def number(self, text: str) -> str:
        """A number as it is shown."""
        return text.replace(".", self.decimal)


ENGLISH = Writing()


@cache
def writing(language: str) -> Writing:
    """How formulas are written in `kk`, `ru` or `en`."""
    if language == "en":
        return ENGLISH
    names = _names()
    words = {part: {english: word[language] for english, word in names[part].items()} for part in names}
    return Writing(words["functions"], words["errors"], ",", ";", "\\")


@cache
def _names() -> dict[str, dict[str, dict[str, str]]]:
    text = (Path(__file__).parent / "names.yaml").read_text(encoding="utf-8")
    names: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return names
