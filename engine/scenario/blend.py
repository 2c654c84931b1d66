"""The inputs of two states as one workbook that can be switched from the first to the second, thing by thing.

`Blend.at` gives the ruleset, norms and inputs in which some switches are on. Rows come and go first, so that columns
are compared where a row is on both sides; a row that is new comes with all that stands in it. What only one side's
ruleset has comes and goes with the rule. Codes stand at the places of the united lists until their list is switched.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.groups import blank_inputs
from engine.norms import Norms
from engine.number import BLANK
from engine.ruleset import Column, Form, HeaderField, Ruleset, ValueType
from engine.scenario.codes import Codes, codes_of
from engine.scenario.matching import NOWHERE, Layout, Pairs, keyed, pairs_of
from engine.scenario.norm_sides import NormSides
from engine.scenario.refitting import alike, fixed_inputs, same_rows
from engine.scenario.rules import Rules
from engine.scenario.state import State, same
from engine.scenario.switches import CAUSES, Moved, Switch, cause_of
from engine.workbook import Table, Workbook

Array = NDArray[Any]
SPEAKERS = ("institution", "administrator")


@dataclass
class Blend:
    """Two states of the same plan years, and all that differs between them."""

    before: State
    after: State

    def __post_init__(self) -> None:
        self.old, self.new = self.before.workbook, self.after.workbook
        self.codes: Codes = codes_of(self.before.norms, self.after.norms)
        self.rules = Rules(self.before.ruleset, self.after.ruleset)
        self.norms = NormSides(self.before.norms, self.after.norms, self.codes)
        self._placed: dict[tuple[str, str], Array] = {}
        self._layouts: dict[str, Layout] = {}

    def switches(self) -> list[Switch]:
        """All that differs, in the order in which it is put in."""
        every = frozenset(("norm", name) for name in self.norms.common)
        found = [*self._comings(), *self._header_switches(), *self._column_switches()]
        if self.old.known != self.new.known:
            found.append(Switch("norm", "known"))
        found += [*self.norms.switches(), *self.rules.switches(self.norms.at(every)), *self.codes.switches()]
        found += self._previous_switches()
        return sorted(found, key=lambda switch: CAUSES.index(switch.cause))

    def at(self, moved: Moved) -> tuple[Ruleset, Norms, Workbook]:
        """What stands where these are switched; forms of groups may have rows that nothing gives any more."""
        ruleset, norms = self.rules.at(moved), self.norms.at(moved)
        here = _Moment(self, ruleset, norms, moved)
        header = {name: here.field(field) for name, field in ruleset.header.items()}
        tables = {form.name: here.table(form) for form in ruleset.forms.values()}
        known = self.new.known if ("known", "") in moved else self.old.known
        return ruleset, norms, Workbook(self.old.years, header, tables, known)

    @cached_property
    def pairs(self) -> Pairs:
        """Which submission was which."""
        coded = [name for name, field in self.after.ruleset.header.items() if field.type.kind == "code"]
        names = [name for name in coded if self.field_alike(name)]
        speaking = [name for name in SPEAKERS if name in names][:1]
        sides = (self.old.header, {name: self.placed_field(name) for name in names})
        keys = [[_joined([side[name] for name in kind]) for kind in (names, speaking) if kind] for side in sides]
        if names:
            return pairs_of(*keys)
        return pairs_of(*([range(book.submissions)] for book in (self.old, self.new)))

    def field_alike(self, name: str) -> bool:
        """Whether a header field is of the same type on both sides."""
        old, new = self.before.ruleset.header.get(name), self.after.ruleset.header.get(name)
        return old is not None and new is not None and (old.type, old.digits) == (new.type, new.digits)

    def form_alike(self, name: str) -> bool:
        """Whether a form's rows, and those that they come from, come about in the same way on both sides."""
        old, new = self.before.ruleset.forms.get(name), self.after.ruleset.forms.get(name)
        if new is None or not same_rows(old, new):
            return False
        return new.rows.kind in ("added", "fixed") or all(self.form_alike(source) for source in new.rows.forms)

    def column_alike(self, form: str, name: str) -> bool:
        """Whether a column is an input on both sides and its cells are of the same kind."""
        if not self.form_alike(form):
            return False
        new = self.after.ruleset.forms[form].columns.get(name)
        return new is not None and alike(self.before.ruleset.forms[form].columns.get(name), new)

    def placed(self, form: str, name: str, held: ValueType) -> Array:
        """A column after, its codes at the places of the united lists."""
        if (form, name) not in self._placed:
            self._placed[form, name] = self.codes.placed(self.new.tables[form].columns[name], held)
        return self._placed[form, name]

    def placed_field(self, name: str) -> Array:
        """A header field after, its code at the place of the united list."""
        return self.codes.placed(self.new.header[name], self.after.ruleset.header[name].type)

    def layout(self, root: str) -> Layout:
        """The rows after of a root that both sides have, with their places before."""
        if root not in self._layouts:
            self._layouts[root] = self._joint(self.after.ruleset.forms[root])
        return self._layouts[root]

    def _joint(self, form: Form) -> Layout:
        before, after = self.old.tables[form.name], self.new.tables[form.name]
        names = [c for c in form.columns.values() if self.column_alike(form.name, c.name)]
        named = [c for c in names if c.type.kind in ("text", "code") and not c.by_year]
        old = [[before.columns[c.name] for c in some] for some in (names, named)]
        new = [[self.placed(form.name, c.name, c.type) for c in some] for some in (names, named)]
        found = self.pairs.joint(before, after, (old[0], new[0], old[1], new[1]))
        if form.rows.kind != "group":
            return found
        keys = (
            [before.columns[name] for name in form.rows.by],
            [self.codes.placed(after.columns[name], form.columns[name].type) for name in form.rows.by],
        )
        return keyed(found, before, keys, self.pairs)

    def _comings(self) -> Iterator[Switch]:
        """Submissions and rows that came or went."""
        came, kept = int((self.pairs.old < 0).sum()), int((self.pairs.old >= 0).sum())
        if not self.pairs.alike:
            yield Switch("volume", "submissions", "", came + self.pairs.before - kept)
        for form in self.after.ruleset.forms.values():
            if form.rows.kind == "added" and self.form_alike(form.name):
                layout, known = self.layout(form.name), self.pairs.old >= 0
                first = self.pairs.layout(self.old.tables[form.name], self.new.tables[form.name])
                if not same(layout.old, first.old):
                    owned = np.repeat(known, np.diff(layout.offsets))
                    came, kept = int((owned & (layout.old < 0)).sum()), int((owned & (layout.old >= 0)).sum())
                    yield Switch("volume", "rows", form.name, came + int((first.old >= 0).sum()) - kept)

    def _header_switches(self) -> Iterator[Switch]:
        at = np.flatnonzero(self.pairs.old >= 0)
        for name, field in self.after.ruleset.header.items():
            if self.field_alike(name):
                differs = self.old.header[name][self.pairs.old[at]] != self.placed_field(name)[at]
                if differs.any():
                    yield Switch(cause_of(field.type), "header", name, int(differs.sum()))

    def _column_switches(self) -> Iterator[Switch]:
        for form in self.after.ruleset.forms.values():
            for column in form.columns.values():
                alike = column.name not in form.rows.by and self.column_alike(form.name, column.name)
                if alike and (count := self._differing(form.name, column)):
                    yield Switch(cause_of(column.type), "column", f"{form.name}.{column.name}", count)

    def _differing(self, form: str, column: Column) -> int:
        """How many cells of rows on both sides differ."""
        old, new = self.old.tables[form].columns[column.name], self.placed(form, column.name, column.type)
        if old is new:
            return 0
        layout = self.layout(self.after.plan.roots[form])
        at = np.flatnonzero((layout.old >= 0) & (layout.new >= 0))
        return int((old[..., layout.old[at]] != new[..., layout.new[at]]).sum())

    def _previous_switches(self) -> Iterator[Switch]:
        for name in self.after.ruleset.forms:
            if not self.form_alike(name):
                continue
            old, new = self.old.tables[name].previous, self.new.tables[name].previous
            if old.keys() != new.keys() or not all(same(cells, new[c]) for c, cells in old.items()):
                yield Switch("correction", "previous", name)


@dataclass(frozen=True, slots=True)
class _Moment:
    """One blend of the two sides while its tables are made."""

    blend: Blend
    ruleset: Ruleset
    norms: Norms
    moved: Moved

    @property
    def after(self) -> bool:
        """Whether the rules are those after."""
        return self.ruleset is self.blend.after.ruleset

    def field(self, field: HeaderField) -> Array:
        """(submissions,) of a header field."""
        old, new = self.blend.old.header.get(field.name), self.blend.new.header.get(field.name)
        if ("submissions", "") not in self.moved and not self.blend.pairs.alike:
            assert old is not None, "submissions come and go before rules do"
            return old
        layout = Layout(np.arange(1), self.blend.pairs.old, np.arange(self.blend.pairs.old.size))
        sides = (old, None if new is None else self._coded(new, field.type))
        switched = self._switched(("header", field.name), field.type)
        if not self.blend.field_alike(field.name):
            sides, switched = (None, sides[1]) if self.after else (old, None), self.after
        return _mixed(sides, layout, switched, lambda: _blanks((layout.new.size,), field.type.kind == "text"))

    def table(self, form: Form) -> Table:
        """A form's inputs."""
        layout = self._layout(form)
        inputs = {c.name: c for c in form.columns.values() if c.formula is None}
        columns = {name: self._column(form, column, layout) for name, column in inputs.items()}
        previous = {name: self._last(form, name, layout) for name in self._last_names(form.name)}
        return Table(layout.offsets, columns, previous)

    def _layout(self, form: Form) -> Layout:
        blend, root = self.blend, (self.blend.after if self.after else self.blend.before).plan.roots[form.name]
        old, new = blend.old.tables.get(root), blend.new.tables.get(root)
        if ("submissions", "") not in self.moved and not blend.pairs.alike:
            assert old is not None, "submissions come and go before rules do"
            return Layout(old.offsets, np.arange(old.rows), np.full(old.rows, NOWHERE))
        if blend.form_alike(root):
            assert old is not None
            kept = self.ruleset.forms[root].rows.kind == "added" and ("rows", root) not in self.moved
            return blend.pairs.layout(old, new) if kept and not self._even(root) else blend.layout(root)
        if self.after:
            assert new is not None
            return Layout(new.offsets, np.full(new.rows, NOWHERE), np.arange(new.rows))
        assert old is not None
        return blend.pairs.layout(old, _fixed(self.ruleset.forms[root], blend.pairs))

    def _even(self, root: str) -> bool:
        """Whether no row of the root came or went in submissions on both sides."""
        first = self.blend.pairs.layout(self.blend.old.tables[root], self.blend.new.tables[root])
        return same(first.old, self.blend.layout(root).old)

    def _column(self, form: Form, column: Column, layout: Layout) -> Array:
        key, books = (form.name, column.name), (self.blend.old, self.blend.new)
        old, new = (book.tables[form.name].columns.get(column.name) if form.name in book.tables else None
                    for book in books)  # fmt: skip
        sides = (old, None if new is None else self._coded(new, column.type))
        if not self.blend.column_alike(*key):
            sides, switched = (None, sides[1]) if self.after else (old, None), self.after
        else:
            switched = self._switched(("column", ".".join(key)), column.type)
        return _mixed(sides, layout, switched, lambda: self._blank(form, column, layout))

    def _blank(self, form: Form, column: Column, layout: Layout) -> Array:
        years = len(self.blend.old.years)
        if form.rows.kind == "fixed":
            return fixed_inputs(form, self.norms, years, len(layout.offsets) - 1)[column.name]
        return blank_inputs(replace(form, columns={column.name: column}), years, layout.rows)[column.name]

    def _switched(self, key: tuple[str, str], held: ValueType) -> bool:
        """Whether cells are those after; under the list of codes after they must be."""
        return key in self.moved or ("codes", held.classification or "") in self.moved

    def _coded(self, cells: Array, held: ValueType) -> Array:
        """Cells after at the places of the list that stands now."""
        if ("codes", held.classification or "") in self.moved:
            return cells
        return self.blend.codes.placed(cells, held)

    def _last_names(self, form: str) -> Sequence[str]:
        books = (self.blend.old, self.blend.new)
        old, new = (book.tables[form].previous if form in book.tables else {} for book in books)
        if not self.blend.form_alike(form):
            return tuple(new if self.after else old)
        return tuple(new if ("previous", form) in self.moved else old)

    def _last(self, form: Form, name: str, layout: Layout) -> Array:
        """The last cycle's values of a column."""
        old, new = (book.tables[form.name].previous.get(name) if form.name in book.tables else None
                    for book in (self.blend.old, self.blend.new))  # fmt: skip
        held = form.columns[name].type if name in form.columns else ValueType("number")
        sides = (old, None if new is None else self._coded(new, held))
        switched = self._switched(("previous", form.name), held)
        if not self.blend.form_alike(form.name):
            sides, switched = (None, sides[1]) if self.after else (old, None), self.after
        known = new if old is None or (switched and new is not None) else old
        assert known is not None
        shape, texts = (*known.shape[:-1], layout.rows), known.dtype == object
        return _mixed(sides, layout, switched, lambda: _blanks(shape, texts))


def _mixed(
    sides: tuple[Array | None, Array | None], layout: Layout, switched: bool, blank: Callable[[], Array]
) -> Array:
    """The cells of one side where it has the row, else of the other, else blank; whole where nothing is mixed."""
    old, new = sides
    first, second = ((new, layout.new), (old, layout.old)) if switched else ((old, layout.old), (new, layout.new))
    if first[0] is not None and _whole(first[1], first[0].shape[-1]):
        return first[0]
    mixed = blank()
    for cells, places in (second, first):
        if cells is not None and cells.shape[:-1] == mixed.shape[:-1]:
            at = np.flatnonzero(places >= 0)
            mixed[..., at] = cells[..., places[at]]
    return mixed


def _blanks(shape: tuple[int, ...], texts: bool) -> Array:
    return np.full(shape, None, dtype=object) if texts else np.full(shape, BLANK, dtype=np.int64)


def _whole(places: NDArray[np.int64], rows: int) -> bool:
    return places.size == rows and bool((places == np.arange(rows)).all())


def _joined(columns: Sequence[Array]) -> list[Hashable]:
    return list(zip(*(cells.tolist() for cells in columns), strict=True))


def _fixed(form: Form, pairs: Pairs) -> Table | None:
    """Rows of a form that are the same in every submission, for those that are new."""
    return Table(np.arange(pairs.old.size + 1) * len(form.rows.fixed)) if form.rows.kind == "fixed" else None
