"""Records of numbered lines beside the journal, chained by digest: changes of organisations, and what was published."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from api.store import journal


def broken(lines: Sequence[Row[Any]]) -> list[int]:
    """The numbers of the lines that do not follow the one before, or whose own digest is not right."""
    number, previous, wrong = 0, journal.START, list[int]()
    for line in lines:
        digest = digest_of(line.previous, (line.number, line.account, line.at), line.payload)
        if (line.number, line.previous, line.digest) != (number + 1, previous, digest):
            wrong.append(line.number)
        number, previous = line.number, line.digest
    return wrong


def digest_of(previous: str, who: tuple[int, int | None, str], payload: str) -> str:
    """A line's digest; `who` is its number, the account (None: nobody) and the moment."""
    return hashlib.sha256("\n".join([previous, *map(str, who), payload]).encode()).hexdigest()
