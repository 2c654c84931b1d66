"""What an op and all below it look at, found once and kept with it, so that nobody walks it again to ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.kernel.typed import Op

Key = tuple[str, str]
"""(form, column)."""


@dataclass(frozen=True, slots=True)
class Uses:
    """Norms and header fields by their names, columns by (form, column)."""

    norms: frozenset[str] = frozenset()
    header: frozenset[str] = frozenset()
    columns: frozenset[Key] = frozenset()
    across: frozenset[Key] = frozenset()
    """Those that are read from another root."""
    through: frozenset[Key] = frozenset()
    """Those that are read through totals."""
    earlier: frozenset[Key] = frozenset()
    """Those that are read of the year before."""


def uses_of(op: Op, root: str) -> Uses:
    """What an op looks at when it is evaluated over the rows of a root."""
    found = _Found(root)
    seen: set[tuple[int, bool]] = set()
    waiting = [(op, False)]
    while waiting:
        at, through = waiting.pop()
        if (id(at), through) not in seen:
            seen.add((id(at), through))
            found.add(at, through)
            below = through or at.kind in ("total", "total_where")
            waiting += [(arg, below) for arg in at.args]
    columns = [frozenset(each) for each in (found.columns, found.across, found.through, found.earlier)]
    return Uses(frozenset(found.norms), frozenset(found.header), *columns)


@dataclass(slots=True)
class _Found:
    root: str
    norms: set[str] = field(default_factory=set)
    header: set[str] = field(default_factory=set)
    columns: set[Key] = field(default_factory=set)
    across: set[Key] = field(default_factory=set)
    through: set[Key] = field(default_factory=set)
    earlier: set[Key] = field(default_factory=set)

    def add(self, op: Op, through: bool) -> None:
        if op.kind in ("norm", "in_force"):
            self.norms.add(str(op.detail[0]))
        elif op.kind == "header":
            self.header.add(str(op.detail[0]))
        elif op.kind in ("read", "previous"):
            key = (str(op.detail[0]), str(op.detail[1]))
            self.columns.add(key)
            if op.space != self.root:
                self.across.add(key)
            if op.kind == "previous":
                self.earlier.add(key)
            elif through:
                self.through.add(key)
