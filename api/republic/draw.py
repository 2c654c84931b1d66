"""Chance that is the same on every machine: PCG64's raw 64-bit words and integer arithmetic, nothing else.

Numpy's distributions may change between versions and go through the machine's libm; raw words do not. Each column has a
stream of its own, named by words, so that a new column leaves all others as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.random import PCG64, SeedSequence
from numpy.typing import NDArray

Whole = NDArray[np.int64]


class Draw:
    """A stream of chance for one purpose."""

    def __init__(self, seed: int, *purpose: str) -> None:
        self._words = PCG64(SeedSequence([seed, *(crc32(word.encode()) for word in purpose)]))

    def below(self, bound: int | Whole, size: int) -> Whole:
        """Whole numbers from 0 to bound - 1, all as likely; a bound is at most 2^31."""
        words = self._words.random_raw(size) >> np.uint64(33)
        return (words.astype(np.int64) * bound) >> 31

    def between(self, first: int, last: int, size: int) -> Whole:
        """Whole numbers from first to last, both included."""
        return first + self.below(last - first + 1, size)

    def chance(self, percent: int, size: int) -> NDArray[np.bool_]:
        """True so many times in a hundred."""
        return np.less(self.below(100, size), percent)

    def pick(self, weights: Sequence[int] | Whole, size: int) -> Whole:
        """Indexes of `weights`, each as often as it weighs."""
        reach = np.cumsum(np.asarray(weights, np.int64))
        return np.searchsorted(reach, self.below(int(reach[-1]), size), side="right").astype(np.int64)


def shares(total: int, weights: Whole) -> Whole:
    """`total` split into whole parts in proportion to the weights, by largest remainders, the first ones first."""
    whole, remainder = np.divmod(total * weights, weights.sum())
    most = np.argsort(-remainder, kind="stable")[: total - int(whole.sum())]
    whole[most] += 1
    return whole
