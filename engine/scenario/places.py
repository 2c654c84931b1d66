"""Which rows are alike: the distinct keys of a figure, and the distinct states of their months.

A *key* is a plan year and the values of all leaves that a figure reads, in each month of it; every row has one key a
year. Its months fall into few *states*: a month with the leaves, and the norms, of another is the same state. Ops of a
month are computed once a state, ops of a year once a key, and a row counts only by how often its key occurs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.kernel.typed import Op
from engine.scenario.choices import Whole
from engine.scenario.kinds import Kinds, alike


@dataclass(frozen=True, slots=True)
class Part:
    """The i-th distinct state of the keys that have so many: of the first `states.size` keys."""

    states: Whole
    months: Whole
    """In how many months of the key."""


@dataclass(frozen=True, slots=True)
class Places:
    """Keys and states; keys whose months are most various come first."""

    key_of: Whole
    """(years × rows,): the key of each row, year after year."""
    year: Whole
    """(keys,): the index of the plan year."""
    state_of: Whole
    """(12, keys)"""
    parts: tuple[Part, ...]
    """The distinct states of each key, in the order in which they first occur in the year."""
    moment: Whole
    """(states,): a month, counted from the first plan year's January, in which the state occurs."""
    key: Whole
    """(states,): a key in which it occurs."""
    at_keys: dict[Op, Whole]
    """leaf → (keys,) or (12, keys)"""
    at_states: dict[Op, Whole]
    """leaf that months read → (states,)"""

    @property
    def keys(self) -> int:
        """How many keys there are."""
        return self.year.size

    @property
    def states(self) -> int:
        """How many states of months there are."""
        return self.moment.size


Apart = tuple[Sequence[Op], Whole, bool]
"""What tells months from one another: the leaves that months read, (years × 12,) numbers that are equal where the norms
are, and whether months also read their whole key."""


def places_of(leaves: Mapping[Op, Kinds], shape: tuple[int, int], apart: Apart) -> Places:
    """The places of leaves over (years, rows)."""
    years, rows = shape
    by_year = np.repeat(np.arange(years), rows)
    first, key_of = alike([by_year, *(kinds.of.ravel() for kinds in leaves.values())])
    y = by_year[first]
    at_keys = {leaf: kinds.cells[..., kinds.of.ravel()[first]] for leaf, kinds in leaves.items()}
    state, state_of = _states(at_keys, y, apart)
    parts, order = _parts(state_of)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    month, key = np.divmod(state, y.size)
    return Places(
        rank[key_of],
        y[order],
        state_of[:, order],
        parts,
        y[key] * 12 + month,
        rank[key],
        {leaf: np.ascontiguousarray(cells[..., order]) for leaf, cells in at_keys.items()},
        {leaf: at_keys[leaf][month, key] if leaf.monthly else at_keys[leaf][key] for leaf in apart[0]},
    )


def _states(at_keys: dict[Op, Whole], years: Whole, apart: Apart) -> tuple[Whole, Whole]:
    """The first place of each state in (12, keys), and the state of each place there. Months that are as the month
    before need no look."""
    read, norms, whole = apart
    moments = (years[:, None] * 12 + np.arange(12)).T
    columns = [norms[moments], *(np.broadcast_to(at_keys[leaf], moments.shape) for leaf in read)]
    if whole:
        columns.append(np.broadcast_to(np.arange(years.size), moments.shape))
    new = np.zeros(moments.shape, np.bool_)
    new[0] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    key, month = np.nonzero(new.T)
    first, state = alike([column[month, key] for column in columns])
    runs = np.cumsum(new.T.ravel()) - 1
    state_of = np.ascontiguousarray(state[runs].reshape(years.size, 12).T)
    return month[first] * years.size + key[first], state_of


def _parts(state_of: Whole) -> tuple[tuple[Part, ...], Whole]:
    """The distinct states of each key with how often they occur, and the order of keys by which they are given."""
    new = np.ones(state_of.shape, bool)
    for month in range(1, len(state_of)):
        new[month] = (state_of[:month] != state_of[month]).all(axis=0)
    count = new.sum(axis=0)
    order = np.lexsort((*state_of[:2], -count)).astype(np.int64)
    state_of, new, count = state_of[:, order], new[:, order], count[order]
    rank = np.cumsum(new, axis=0)
    parts = []
    for i in range(1, int(count.max(initial=0)) + 1):
        keys = np.arange(int((count >= i).sum()))
        month = (new[:, keys] & (rank[:, keys] == i)).argmax(axis=0)
        states = state_of[month, keys]
        parts.append(Part(states, (state_of[:, keys] == states).sum(axis=0).astype(np.int64)))
    return tuple(parts), order
