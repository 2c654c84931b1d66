"""The norms of two states, switched one by one. A norm that is declared otherwise, or is only on one side, comes and
goes with the rules, which alone know how to ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from engine.norms import Norm, Norms, NormValue
from engine.scenario.codes import Codes
from engine.scenario.switches import Moved, Switch


@dataclass
class NormSides:
    """The norms before, those after, and those in between."""

    before: Norms
    after: Norms
    codes: Codes
    _made: dict[Moved, Norms] = field(default_factory=dict)

    @cached_property
    def common(self) -> tuple[str, ...]:
        """Norms that both sides declare alike and that have other values, by name."""
        if self.before is self.after:
            return ()
        old, new = self.before.norms, self.after.norms
        both = (name for name in sorted(old.keys() & new.keys()) if _declared_alike(old[name], new[name]))
        return tuple(name for name in both if old[name] is not new[name] and _said(old[name]) != _said(new[name]))

    def switches(self) -> Iterator[Switch]:
        """The norms that have other values; how many of those differ."""
        for name in self.common:
            old, new = set(_said(self.before.norms[name])), set(_said(self.after.norms[name]))
            yield Switch("norm", "norm", name, len(new - old) or len(old - new))

    def at(self, moved: Moved) -> Norms:
        """The norms in which these norms, lists of codes and rules are switched."""
        part = frozenset(each for each in moved if each[0] in ("norm", "codes", "ruleset"))
        if part not in self._made:
            self._made[part] = self._blended(part)
        return self._made[part]

    def _blended(self, moved: Moved) -> Norms:
        ruled = any(part == "ruleset" for part, _ in moved)
        norms = dict(self.after.norms) if ruled else {**self.after.norms, **self.before.norms}
        for name in self.common:
            norms[name] = (self.after if ("norm", name) in moved else self.before).norms[name]
        units, lists = {**self.before.units, **self.after.units}, self.codes.at(moved)
        same = lists is self.before.classifications or lists == self.before.classifications
        if not ruled and same and norms == self.before.norms:
            return self.before
        return Norms(units, norms, self.before.classifications if same else lists)


def _declared_alike(old: Norm, new: Norm) -> bool:
    return (old.unit, old.keys) == (new.unit, new.keys)


def _said(norm: Norm) -> tuple[tuple[object, ...], ...]:
    return tuple(_of(value) for value in norm.values)


def _of(value: NormValue) -> tuple[object, ...]:
    return value.keys, value.start, value.end, value.known, value.value, value.verified == "training"
