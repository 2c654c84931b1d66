"""Who signs in to a demo republic, and when its cycle's deadlines are: invented, the same every time.

Everybody's login says the role and the organisation: `executor-1010001`, `analyst-101`, `curator`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from api.republic.draw import Draw
from api.republic.institutions import Institutions
from engine.ruleset import Title

HERE = Path(__file__).parent
CENTRE = "centre"
LANGUAGE = "ru"
"""Of those who are drawn."""
AHEAD = timedelta(days=30)
"""From the day on which a demo is made to the first deadline of its cycle."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one role in one organisation, which is named by its kind and code."""

    login: str
    name: str
    language: str
    role: str
    organisation: tuple[str, str]


def password() -> str:
    """The one that everybody in a demo has."""
    return str(_told()["password"])


def centre() -> tuple[str, Title]:
    """Code and title of the central authorised body."""
    told = _told()[CENTRE]
    return told["code"], told["titles"]


def people_of(institutions: Institutions, seed: int) -> Iterator[Person]:
    """Everybody: the centre's people, then those of each administrator, then those of each institution."""
    told = _told()
    for role, person in told[CENTRE]["people"].items():
        yield Person(role, person["name"], person["language"], role, (CENTRE, told[CENTRE]["code"]))
    below = {"administrator": list(dict.fromkeys(institutions.administrators)), "institution": institutions.codes}
    posts = [(role, (kind, code)) for kind, codes in below.items() for code in codes for role in told["below"][kind]]
    names = _names(len(posts), seed)
    for (role, organisation), name in zip(posts, names, strict=True):
        yield Person(f"{role}-{organisation[1]}", name, LANGUAGE, role, organisation)


def official_use() -> tuple[str, Sequence[str]]:
    """The institution whose request is for official use, and the logins of those who see it all the same."""
    told = _told()["official-use"]
    return told["institution"], told["seen-by"]


def calendar_of(year: int, today: date) -> dict[str, str]:
    """Milestone → date of a cycle whose first plan year is given, all of them moved by as many days."""
    read = yaml.safe_load((HERE / "calendar.yaml").read_text(encoding="utf-8"))
    usual = {name: date.fromisoformat(f"{year - 1}-{day}") for name, day in read.items()}
    moved = today + AHEAD - min(usual.values())
    return {name: (day + moved).isoformat() for name, day in usual.items()}


def _names(count: int, seed: int) -> list[str]:
    first, last = (
        [names[i] for i in Draw(seed, "people", str(part)).below(len(names), count)]
        for part, names in enumerate(_told()["names"])
    )
    return [f"{one} {other}" for one, other in zip(first, last, strict=True)]


@cache
def _told() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((HERE / "people.yaml").read_text(encoding="utf-8"))
    return told
