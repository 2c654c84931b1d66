"""Between which whole numbers an op can lie, so that float64 lanes are known to be exact before they run.

Every whole number below 2^53 is a float64; sums and products of such are exact while they stay below. `Ranges`
follows an op's bounds from those of its leaves, in Python's integers.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.typed import Op
from engine.number import LAST_DAY

EXACT = 2**53
WATCHED_MAX = 2**51 - 1
Range = tuple[int, int]

_TRUTHS = frozenset("less at_most equal different and or not in_force".split())


class Ranges:
    """Bounds of ops over leaves whose bounds are given. Bounds multiply faster than the numbers that people enter: an
    op may be `watched`, and then is taken to lie within what float64 holds, and who runs it sees to that."""

    def __init__(self, leaves: Mapping[Op, Range], watch: bool = False) -> None:
        self._known: dict[Op, Range] = dict(leaves)
        self.watching = watch
        self.watched: set[Op] = set()

    def of(self, op: Op) -> Range:
        """The least and the greatest value of an op."""
        if op not in self._known:
            low, high = self._compute(op)
            if self.watching and max(-low, high) > WATCHED_MAX and self._watchable(op):
                self.watched.add(op)
                low, high = max(low, -WATCHED_MAX), min(high, WATCHED_MAX)
            self._known[op] = (low, high)
        return self._known[op]

    def _watchable(self, op: Op) -> bool:
        """Whether float64 shows that a result is too large. A sum of months may pass the bound and come back, unless
        none of them is negative."""
        months = op.kind == "fold" and op.detail[0] == "sum" and self.of(op.args[0])[0] >= 0
        return months or op.kind in ("add", "subtract", "multiply")

    def size(self, op: Op) -> int:
        """The greatest magnitude of an op."""
        low, high = self.of(op)
        return max(-low, high)

    def _compute(self, op: Op) -> Range:
        if op.kind in _TRUTHS:
            return (0, 1)
        args = [self.of(arg) for arg in op.args]
        match op.kind:
            case "constant":
                value = int(str(op.detail[0]))
                return (value, value)
            case "add":
                return (args[0][0] + args[1][0], args[0][1] + args[1][1])
            case "subtract":
                return (args[0][0] - args[1][1], args[0][1] - args[1][0])
            case "multiply":
                ends = [x * y for x in args[0] for y in args[1]]
                return (min(ends), max(ends))
            case "quotient":
                return self._quotient(args[0], args[1])
            case "fold" | "to_date":
                return (
                    (12 * min(args[0][0], 0), 12 * max(args[0][1], 0)) if op.kind == "to_date" else _folded(op, args[0])
                )
            case "select":
                return (min(args[1][0], args[2][0]), max(args[1][1], args[2][1]))
            case "fail":
                return args[1]
        return self._other(op, args)

    def _quotient(self, top: Range, bottom: Range) -> Range:
        least = max(bottom[0], 1)
        return (top[0] // least - 1 if top[0] < 0 else 0, top[1] // least + 1 if top[1] > 0 else 0)

    def _other(self, op: Op, args: list[Range]) -> Range:
        match op.kind:
            case "negative":
                return (-args[0][1], -args[0][0])
            case "absolute" | "positive":
                low, high = args[0]
                return (0 if low <= 0 <= high else min(abs(low), abs(high)), max(-low, high))
            case "signed":
                size = max(-args[0][0], args[0][1])
                return args[0] if args[1][0] >= 0 else (-size, size)
            case "minimum":
                return (min(args[0][0], args[1][0]), min(args[0][1], args[1][1]))
            case "maximum":
                return (max(args[0][0], args[1][0]), max(args[0][1], args[1][1]))
            case "day":
                return (min(max(args[0][0], 0), LAST_DAY), max(min(args[0][1], LAST_DAY), 0))
            case "first_month":
                return (-100_000, 100_000)
        return (-EXACT * EXACT, EXACT * EXACT)


def _folded(op: Op, arg: Range) -> Range:
    if op.detail[0] == "count":
        return (12, 12)
    return (12 * arg[0], 12 * arg[1]) if op.detail[0] == "sum" else arg
