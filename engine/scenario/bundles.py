"""Figures that share their keys: what tells their rows apart, and how often each key stands in each total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernel.lanes import Lanes
from engine.kernel.typed import UNIFORM, Op
from engine.lines import Amounts, keyed_rows
from engine.plan import Key, Plan, walk
from engine.ruleset import LineRule
from engine.scenario.choices import Whole
from engine.scenario.figures import Figures, Leaves
from engine.scenario.kinds import Kinds, Worth, alike, settled
from engine.scenario.places import Apart, Places, places_of
from engine.scenario.separation import LEAF, leaf_of
from engine.workbook import Workbook

_HELD = 2**62

Summed = tuple[Amounts, Whole]
"""(sets, totals) of amounts in tiyn, and of rows left out."""


@dataclass(frozen=True)
class Figure:
    """The amount of a line rule as ops over leaves."""

    plan: Plan
    workbook: Workbook
    rule: tuple[str, LineRule]
    op: Op

    @property
    def root(self) -> str:
        """The form whose rows its rows are."""
        return self.plan.roots[self.rule[0]]

    @property
    def key(self) -> Key:
        """(form, column)"""
        return self.rule[0], self.rule[1].amount

    @property
    def scale(self) -> int:
        """Tiyn in a last digit of the amount."""
        return int(10 ** (2 - (self.plan.column(self.key).digits or 0)))

    @property
    def leaves(self) -> list[Op]:
        """What it reads of rows."""
        return list(dict.fromkeys(op for op in walk(self.op) if op.kind == LEAF and op.space != UNIFORM))


@dataclass(frozen=True, slots=True)
class Weights:
    """How often each key stands in each total: the keys of one total after those of another."""

    totals: int
    keys: Whole
    counts: Whole
    starts: Whole
    """(totals,): where the keys of each begin."""

    def total(self, values: NDArray[Any]) -> NDArray[Any]:
        """(sets, totals) of (sets, keys)."""
        weighed = np.take(values, self.keys, axis=-1)
        weighed *= self.counts
        return np.asarray(np.add.reduceat(weighed, self.starts, axis=-1))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Figures whose leaves are all among those of the first, and the places that they share."""

    figures: tuple[Figure, ...]
    places: Places


@dataclass(frozen=True, slots=True)
class Batch:
    """Figures of a bundle that depend on the same norms and whose rows stand in totals alike: they run together."""

    figures: tuple[Figure, ...]
    places: Places
    names: frozenset[str]
    weights: Weights
    codes: tuple[list[tuple[str, ...]], ...]
    """The codes of the totals of each figure."""

    def totals(self, leaves: Leaves, sets: Whole) -> list[Summed]:
        """(sets, totals) of each figure under some sets, with numpy."""
        figures = Figures(leaves, self.places, sets)
        return [self._weighed(figures.of_keys(figure.op), figure) for figure in self.figures]

    def _weighed(self, found: Lanes, figure: Figure) -> Summed:
        """The sum of so many rows is never too large for its array."""
        values, left_out = found.values, np.zeros((found.values.shape[0], self.weights.totals), np.int64)
        if found.errors is not None:
            failed = np.broadcast_to(found.errors != 0, values.shape)
            values, left_out = np.where(failed, 0, values), self.weights.total(failed.astype(np.int64))
        if found.bound * self.places.key_of.size * figure.scale >= _HELD:
            values = values.astype(object)
        return self.weights.total(values) * figure.scale, left_out


def bundled(leaves: Leaves, figures: Sequence[Figure]) -> tuple[list[Bundle], list[Figure]]:
    """Figures brought together by what they read; those whose leaves no array holds are refused."""
    made: list[Bundle] = []
    refused: list[Figure] = []
    worths = {figure.root: Worth(leaves.evaluation, figure.root) for figure in figures}
    kinds: dict[tuple[str, Op], Kinds] = {}
    for together in _alike_in_leaves(figures):
        root, read = together[0].root, dict.fromkeys(leaf for figure in together for leaf in figure.leaves)
        try:
            for leaf in read:
                if (root, leaf) not in kinds:
                    kinds[root, leaf] = worths[root].kinds(leaf_of(leaf))
            shape = (leaves.years, leaves.evaluation.table(root).rows)
            places = places_of({leaf: kinds[root, leaf] for leaf in read}, shape, _apart(leaves, together))
            made.append(Bundle(tuple(together), places))
        except OverflowError:
            refused.extend(together)
    return made, refused


def _alike_in_leaves(figures: Sequence[Figure]) -> list[list[Figure]]:
    """Figures of one root with one that reads most of what they read, or all."""
    together: list[list[Figure]] = []
    for figure in sorted(figures, key=lambda figure: -len(figure.leaves)):
        own = set(figure.leaves)
        for others in together:
            missing = len(own - set(others[0].leaves))
            if others[0].root == figure.root and missing <= len(own) // 4:
                others.append(figure)
                break
        else:
            together.append([figure])
    return together


def batches(leaves: Leaves, bundle: Bundle, by: Sequence[str]) -> Iterator[Batch]:
    """A bundle as what runs together, with the totals along these dimensions of lines: a figure that has half as many
    combinations of choices by itself runs by itself."""
    known: list[tuple[Whole, Weights]] = []
    found: dict[tuple[frozenset[str], int], list[tuple[Figure, list[tuple[str, ...]]]]] = {}
    every = frozenset[str]().union(*(leaves.names(figure.op) for figure in bundle.figures))
    many = leaves.choices.combinations(every)[0].size
    for figure in bundle.figures:
        codes, total_of = _totals_of(figure, by)
        at = next((i for i, (of, _) in enumerate(known) if np.array_equal(of, total_of)), len(known))
        if at == len(known):
            known.append((total_of, _weights(bundle.places, total_of)))
        own = leaves.names(figure.op)
        names = own if leaves.choices.combinations(own)[0].size * 2 <= many else every
        found.setdefault((names, at), []).append((figure, codes))
    for (names, at), pairs in found.items():
        figures, listed = zip(*pairs, strict=True)
        yield Batch(figures, bundle.places, names, known[at][1], listed)


def _apart(leaves: Leaves, figures: Sequence[Figure]) -> Apart:
    """What tells months of these figures from one another under all sets."""
    monthly = [op for f in figures for op in walk(f.op) if op.monthly and op.space != UNIFORM and op.args]
    read = list(dict.fromkeys(arg for op in monthly for arg in op.args if arg.kind != "constant"))
    shared = _moments(leaves, monthly, [arg for arg in read if arg.space == UNIFORM])
    same = np.zeros((1, leaves.years * 12), np.int64)
    _, norms = np.unique(np.concatenate([same, *shared]), axis=1, return_inverse=True)
    rows = [arg for arg in read if arg.space != UNIFORM]
    whole = any(arg.kind != LEAF and not arg.monthly for arg in rows)
    return [arg for arg in rows if arg.kind == LEAF], norms.ravel(), whole


def _moments(leaves: Leaves, monthly: Sequence[Op], uniform: Sequence[Op]) -> Iterator[Whole]:
    """(lines, years × 12) of numbers that are the same for all rows, and of versions of norms that rows look up."""
    choices = leaves.choices
    figures = Figures(leaves, None, np.arange(choices.chosen.shape[0]))
    for op in uniform:
        cells = np.atleast_2d(settled(leaves.uniform(op) if op.kind == LEAF else figures.value(op)))
        yield cells if op.monthly else np.repeat(cells, 12, axis=1)
    for name in dict.fromkeys(str(op.detail[0]) for op in monthly if op.kind in ("norm", "in_force")):
        tables = choices.of(name)
        every = [kind.table for kind in tables.kinds] if tables else [leaves.evaluation.bound.table(name)]
        yield np.stack([table.versions * table.span for table in every])


def _totals_of(figure: Figure, by: Sequence[str]) -> tuple[list[tuple[str, ...]], Whole]:
    """The codes of the totals in which a figure's rows stand, and the one of each row, (years × rows,)."""
    name, rule = figure.rule
    plan = figure.plan
    lines = keyed_rows(plan.ruleset, plan.norms, figure.workbook, (plan.ruleset.forms[name], rule))
    first, total_of = alike([np.ascontiguousarray(lines.keys[name]) for name in by] or [lines.amounts])
    codes = [tuple(lines.labels[name][lines.keys[name][at]] for name in by) for at in first.tolist()]
    return codes, total_of


def _weights(places: Places, total_of: Whole) -> Weights:
    packed, counts = np.unique(total_of * places.keys + places.key_of, return_counts=True)
    total, key = np.divmod(packed, max(places.keys, 1))
    starts = np.flatnonzero(np.diff(total, prepend=-1))
    return Weights(starts.size, key, counts, starts)
