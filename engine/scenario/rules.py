"""The rules of two states: switched formula by formula where only formulas differ, else all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.check import check
from engine.findings import has_errors
from engine.formula import Expr
from engine.norms import Norms
from engine.plan import Key
from engine.ruleset import Ruleset
from engine.ruleset.dependencies import order
from engine.ruleset.likeness import declared_alike
from engine.scenario.refitting import same_rows
from engine.scenario.switches import Moved, Switch

ONE_BY_ONE_MAX = 20
"""Formulas that are switched one by one: each means a calculation."""


@dataclass
class Rules:
    """The ruleset before, the one after, and those in between."""

    before: Ruleset
    after: Ruleset
    _made: dict[Moved, Ruleset] = field(default_factory=dict)
    _done: list[Key] = field(default_factory=list)

    @cached_property
    def same(self) -> bool:
        """Whether there is nothing to switch."""
        return self.before is self.after or self.before == self.after

    def switches(self, norms: Norms) -> Iterator[Switch]:
        """Formulas in the order of calculation, together where one without the other is no ruleset; then the rest."""
        if self.same:
            return
        together: list[Key] = []
        for key in self._formulas():
            together.append(key)
            done = [*self._done, *together]
            if not has_errors(check(self._with(done), norms)):
                yield Switch("rule", "formula", " + ".join(f"{form}.{name}" for form, name in together))
                self._done, together = done, []
        yield Switch("rule", "ruleset", self.after.name)

    def at(self, moved: Moved) -> Ruleset:
        """The ruleset in which these are switched."""
        if ("ruleset", self.after.name) in moved or self.same:
            return self.before if self.same else self.after
        keys = frozenset(each for each in moved if each[0] == "formula")
        if keys not in self._made:
            parts = [part.rpartition(".") for _, subject in keys for part in subject.split(" + ")]
            self._made[keys] = self._with([(form, name) for form, _, name in parts]) if keys else self.before
        return self._made[keys]

    def _formulas(self) -> list[Key]:
        """Columns whose formula is another, if rulesets differ in nothing else that tables are made of."""
        forms = self.before.forms.keys() == self.after.forms.keys()
        if not forms or not declared_alike(self.before, self.after):
            return []
        if not all(same_rows(self.before.forms[name], form) for name, form in self.after.forms.items()):
            return []
        found = [key for key in order(self.after) if _tree(self.before, key) != _tree(self.after, key)]
        return found if len(found) <= ONE_BY_ONE_MAX else []

    def _with(self, keys: list[Key]) -> Ruleset:
        forms = dict(self.before.forms)
        for form, name in keys:
            columns = {**forms[form].columns, name: self.after.forms[form].columns[name]}
            forms[form] = replace(forms[form], columns=columns)
        return replace(self.before, forms=forms)


def _tree(ruleset: Ruleset, key: Key) -> Expr | None:
    """A formula as a tree, written out: what it reads may differ though its author's text does not."""
    formula = ruleset.forms[key[0]].columns[key[1]].formula
    return formula.tree if formula else None
