"""Lists a part at a time: `after` is the `next` of the part before, which stays true while others add to the list."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

PART_MAX = 1_000
"""Of one call; also what is given where nobody says how many."""


class Part(BaseModel):
    """Which of a list in the order of numbers: after one, so many."""

    after: int = Field(0, ge=0, le=2**53, description="the `next` of the part before")
    count: int = Field(PART_MAX, ge=1, le=PART_MAX)


class NamedPart(BaseModel):
    """Which of a list in the order of names: after one, so many."""

    after: str = Field("", max_length=200, description="the `next` of the part before")
    count: int = Field(PART_MAX, ge=1, le=PART_MAX)


def part_of(of: str, found: list[dict[str, Any]], count: int, key: str = "id") -> dict[str, Any]:
    """The answer: what was found, and what continues it, None at its end."""
    return {of: found, "next": found[-1][key] if len(found) == count else None}
