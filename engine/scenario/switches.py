"""What may differ between two states, thing by thing, and the cause that each is of."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ruleset import ValueType

CAUSES = ("volume", "price", "norm", "rule", "classification", "correction")
"""In the order in which they are put in one after another: quantities first, as the field does."""
MONEY = frozenset(("KZT", "MCI", "MZP", "USD", "EUR"))
"""Units that money is counted in: a number with one of them is a price, any other number a volume."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One thing that differs. `part` is submissions, rows, column, header, known, norm, formula, ruleset, codes or
    previous; `subject` names it; `count` says how many rows, cells or entries differ, where that can be counted."""

    cause: str
    part: str
    subject: str = ""
    count: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart."""
        return self.part, self.subject


Moved = frozenset[tuple[str, str]]
"""The keys of what is switched."""


def cause_of(held: ValueType) -> str:
    """The cause of an input of that type that differs."""
    if held.kind == "number":
        return "price" if any(name in MONEY for name, _ in held.unit.powers) else "volume"
    return "classification" if held.kind == "code" else "correction"
