"""What the files say to people, in kk, ru and en: `words.yaml` beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from engine.findings import LANGUAGES


@cache
def words() -> dict[str, dict[str, str]]:
    """Word → kk, ru, en."""
    found: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return found


def word(name: str, language: str) -> str:
    """A word in a language."""
    return words()[name][language]


def titled(title: Mapping[str, str], name: str, language: str) -> str:
    """A title in a language, in another where it has none there, else the name."""
    return next((title[each] for each in (language, *LANGUAGES) if title.get(each)), name)
