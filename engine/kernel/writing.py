"""The intermediate text of what was written before, given again: after a change of norms or of one formula most groups
are what they were, and are known by their shape."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from engine.kernel.emit import Emitter, Layout, NotFused
from engine.kernel.ranges import Range, Ranges
from engine.kernel.typed import Op


@dataclass(frozen=True, slots=True)
class Writing:
    """What decides a text, and what it is written of; two of the same shape give the same text."""

    shape: Hashable
    layout: Layout = field(compare=False)
    allowed: Mapping[Op, Range] = field(compare=False)
    watched: bool = field(compare=False)
    fallible: frozenset[Op] = field(compare=False)
    sizes: Mapping[Op, tuple[int, ...]] = field(compare=False)
    telling: bool = False

    @classmethod
    def of(
        cls,
        layout: Layout,
        within: tuple[Mapping[Op, Range], bool],
        fallible: frozenset[Op],
        sizes: Mapping[Op, tuple[int, ...]],
        *,
        telling: bool = False,
    ) -> Writing:
        """The writing of a layout `within` bounds that are or are not watched."""
        allowed, watched = within
        moving = tuple(place for place, _ in layout.moving)
        asked = (*layout.leaves, *layout.tables, *layout.outputs)
        facts = tuple((allowed.get(op), op in fallible, sizes.get(op)) for op in asked)
        counts = (len(layout.leaves), len(layout.tables), layout.years, layout.lanes, layout.carried, watched)
        shape = (tuple(_listed(asked)), facts, moving, counts)
        return cls(shape, layout, allowed, watched, fallible, sizes, telling)


@lru_cache(maxsize=256)
def written(writing: Writing) -> tuple[str, tuple[int, ...]] | None:
    """The text, and the greatest magnitude of each output; None where the bounds are too wide for it."""
    ranges = Ranges(dict(writing.allowed), writing.watched)
    try:
        text = Emitter(writing.layout, ranges, writing.fallible, dict(writing.sizes), writing.telling).text()
    except NotFused:
        return None
    return text, tuple(ranges.size(op) for op in writing.layout.outputs)


def _listed(ops: Sequence[Op]) -> Iterator[Hashable]:
    """Every op below these, each once after its arguments, which are told by their numbers: what shares much of itself
    is compared as fast as what shares nothing."""
    numbers: dict[int, int] = {}
    for root in ops:
        waiting = [(root, False)]
        while waiting:
            op, below = waiting.pop()
            if id(op) in numbers:
                continue
            inner = [*op.args, *(each for each in op.detail if isinstance(each, Op))]
            if below:
                numbers[id(op)] = len(numbers)
                detail = tuple(numbers[id(each)] if isinstance(each, Op) else each for each in op.detail)
                traits = (op.space, op.yearly, op.monthly, op.fallible)
                yield op.kind, tuple(numbers[id(arg)] for arg in op.args), detail, traits
            else:
                waiting += [(op, True), *((each, False) for each in inner)]
        yield numbers[id(root)]
