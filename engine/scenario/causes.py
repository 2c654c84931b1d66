"""Why two states differ: what moved the lines, cause by cause and within a cause thing by thing, to the last tiyn.

Chain substitution, the field's standard: volume, price, norm, rule, classification and correction are put in one after
another in that order, and within a cause header, rows, columns, norms and formulas in theirs (norms by name); after
each the whole is calculated exactly. What two causes do together so belongs to the later one. The parts add up by
construction, and are held against the totals of both states, which were calculated without any of this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.findings import Finding, finding
from engine.lines import DIMENSIONS, Lines, delta, joined, roll_up
from engine.renorm import dependents
from engine.scenario.blend import Blend
from engine.scenario.state import State, moved_to, plan_under
from engine.scenario.switches import Moved, Switch


@dataclass(frozen=True, slots=True)
class Move:
    """What one switch did to the lines."""

    switch: Switch
    lines: Lines


@dataclass(frozen=True, slots=True)
class Explanation:
    """The moves between two states, in their order. `remainder` is what no move explains: it has no lines."""

    before: Lines
    after: Lines
    moves: tuple[Move, ...]
    remainder: Lines

    def by(self, dimensions: Sequence[str]) -> dict[Switch, dict[tuple[str, ...], int]]:
        """For each switch what it moved, in tiyn, along any dimensions of lines."""
        return {move.switch: roll_up(move.lines, dimensions).as_dict() for move in self.moves}

    def by_cause(self, dimensions: Sequence[str]) -> dict[str, dict[tuple[str, ...], int]]:
        """For each cause what it moved, in tiyn, along any dimensions of lines; causes that are not at work are out."""
        found: dict[str, dict[tuple[str, ...], int]] = {}
        for switch, moved in self.by(dimensions).items():
            total = found.setdefault(switch.cause, {})
            for key, amount in moved.items():
                total[key] = total.get(key, 0) + amount
        return found

    def table(self) -> Lines:
        """All moves as lines with the further dimensions `cause` and `subject`, for tables of people's own."""
        told = [with_dimensions(move.lines, cause=move.switch.cause, subject=named(move.switch)) for move in self.moves]
        return joined(told) if told else with_dimensions(self.remainder, cause="", subject="")


def explained(
    before: State, after: State, told: Callable[[int, int, Switch], None] | None = None
) -> tuple[Explanation | None, list[Finding]]:
    """What moved from one state to another, and why. `told` hears before each step which of how many it is."""
    if before.plan.years != after.plan.years:
        years = (f"{plan.years[0]}-{plan.years[-1]}" for plan in (before.plan, after.plan))
        return None, [finding("states-of-other-years", None, before=next(years), after=next(years))]
    blend = Blend(before, after)
    moves: list[Move] = []
    moved: Moved = frozenset()
    at, switches = before, blend.switches()
    for step, switch in enumerate(switches):
        if told is not None:
            told(step + 1, len(switches), switch)
        moved |= {switch.key}
        if _without_effect(at, switch):
            moves.append(Move(switch, _none(at.lines)))
            continue
        ruleset, norms, workbook = blend.at(moved)
        then = moved_to(at, plan_under(at.plan, ruleset, norms), workbook)
        moves.append(Move(switch, delta(at.lines, then.lines)))
        at = then
    remainder = _remainder(before.lines, after.lines, moves)
    assert not len(remainder), f"what moved does not add up: {[remainder.key(i) for i in range(len(remainder))][:5]}"
    return Explanation(before.lines, after.lines, tuple(moves), remainder), []


def named(switch: Switch) -> str:
    """A switch in one word, for tables: `norm pay.base`, `column pay.staff`, `submissions`."""
    return f"{switch.part} {switch.subject}".strip()


def with_dimensions(lines: Lines, **values: str) -> Lines:
    """The lines with further dimensions before theirs, the same value in all of them."""
    zeros = np.zeros(len(lines), dtype=np.int64)
    labels = {**{name: (value,) for name, value in values.items()}, **lines.labels}
    return Lines(labels, {**dict.fromkeys(values, zeros), **lines.keys}, lines.amounts, lines.incomplete)


def _without_effect(state: State, switch: Switch) -> bool:
    """Whether a norm is read by no column, only by checks perhaps."""
    return (
        switch.part == "norm" and not dependents(state.plan, frozenset((switch.subject,))) & state.plan.columns.keys()
    )


def _none(lines: Lines) -> Lines:
    """No lines, of the same dimensions."""
    keys = {name: positions[:0] for name, positions in lines.keys.items()}
    return Lines(lines.labels, keys, lines.amounts[:0], lines.incomplete[:0])


def _remainder(before: Lines, after: Lines, moves: Sequence[Move]) -> Lines:
    """What is left of the difference when all moves are taken away from it."""
    parts = joined([move.lines for move in moves]) if moves else joined([])
    return delta(roll_up(parts, DIMENSIONS), delta(before, after))
