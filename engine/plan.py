"""A plan: a checked ruleset with its formulas in typed form, grouped by what can run together.

A *root* is a form whose rows are its own; forms derived with `each` share them. A *group* is a set of columns of
one root that read nothing of each other through a total, so that all of it runs row by row in one go. What the
kernels do not know is a group of its own, run by the oracle. A `Plan` exists only for a ruleset without error
findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

from engine.check import judged
from engine.findings import Finding, has_errors
from engine.formula import Expr
from engine.functions import CLOSING, FUNCTIONS
from engine.kernel.lower import Scope, Source, column_op
from engine.kernel.typed import SUBMISSION, UNIFORM, Label, Op, Traits, Typed, Unsupported, constant, ops_of
from engine.kernel.uses import Uses, uses_of
from engine.norms import Norms
from engine.norms.tables import NormTables
from engine.route import Route, route_of
from engine.ruleset import Check, Column, Form, Formula, Ruleset, ValueType
from engine.ruleset.dependencies import order, readers
from engine.ruleset.likeness import same_forms, same_meaning, seen_alike

Key = tuple[str, str]
"""(form, column) or (form, check)."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One computed column or check: its op, or None and the reason why the oracle runs it."""

    key: Key
    root: str
    """The root form; SUBMISSION for a check asked once of a form."""
    op: Op | None
    monthly: bool
    slow: str | None = None
    uses: Uses = field(default_factory=Uses, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Columns and checks of one root that run together; a `slow` column runs in the oracle. Checks asked once of a form
    are a group over submissions."""

    root: str
    columns: tuple[Key, ...]
    checks: tuple[Key, ...]
    slow: bool


@dataclass(frozen=True, slots=True)
class Reads:
    """What a group or check reads: columns of the same row, columns through totals or of other roots, header fields."""

    row: frozenset[Key]
    wide: frozenset[Key]
    header: frozenset[str]

    @property
    def columns(self) -> frozenset[Key]:
        """The columns, however they are read."""
        return self.row | self.wide


@dataclass(frozen=True)
class Plan:
    """What `recalculate` follows. Made by `compile_plan` only."""

    ruleset: Ruleset
    norms: Norms
    tables: NormTables
    columns: Mapping[Key, Definition]
    checks: Mapping[Key, Definition]
    groups: tuple[Group, ...]
    sound: frozenset[str] = frozenset()
    """Forms of which the check had nothing to tell."""
    kernels: dict[object, object] = field(default_factory=dict, compare=False, repr=False)
    """Compiled machine code of groups; made on first use, holds no state of any workbook."""

    @cached_property
    def group_of(self) -> dict[Key, int]:
        """The group of each computed column."""
        return {key: i for i, group in enumerate(self.groups) for key in group.columns}

    @cached_property
    def slow_checks(self) -> tuple[Key, ...]:
        """Checks that the oracle asks."""
        return tuple(key for key, definition in self.checks.items() if definition.op is None)

    @cached_property
    def roots(self) -> dict[str, str]:
        """form → its root."""
        source = source_of(self.ruleset, self.norms, self.tables)
        return {name: source.root(name) for name in self.ruleset.forms}

    def lowered(self, form: str, formula: Formula) -> Typed | None:
        """The typed form of any formula asked of a form's rows in a year, or None where only the oracle knows it."""
        key = ("given", form, formula.text)
        if key not in self.kernels:
            try:
                source = source_of(self.ruleset, self.norms, self.tables)
                self.kernels[key] = Scope(source, self.ruleset.forms[form]).lower(formula.tree)
            except Unsupported:
                self.kernels[key] = None
        return cast(Typed | None, self.kernels[key])

    def still(self, form: str, formula: Formula) -> bool:
        """Whether the header and the norms alone decide such a formula, for a submission once."""
        key = ("still", form, formula.text)
        if key not in self.kernels:
            ops = ops_of(self.lowered(form, formula))
            self.kernels[key] = bool(ops) and all(
                op.space in (UNIFORM, SUBMISSION) and not self.read_by(op) for op in ops
            )
        return bool(self.kernels[key])

    def column(self, key: Key) -> Column:
        """A column's declaration."""
        return self.ruleset.forms[key[0]].columns[key[1]]

    def declared(self, op: Op) -> ValueType | None:
        """The declared type of what an op reads, if it reads a column or a header field."""
        match op.kind, op.detail:
            case "read", (str(form), str(column)):
                return self.ruleset.forms[form].columns[column].type
            case "header", (str(name),):
                return self.ruleset.header[name].type
        return None

    def stored(self, key: Key) -> bool:
        """Whether a computed column is kept: yearly ones, and what the oracle made."""
        definition = self.columns[key]
        return not definition.monthly or definition.op is None

    def kept(self, group: Group) -> tuple[Key, ...]:
        """The columns of a group that are kept, in order."""
        return tuple(key for key in group.columns if self.stored(key))

    def ops(self, group: Group, detailed: bool = False) -> list[Op]:
        """The ops of a group's kept columns, of its checks, then of its monthly columns if `detailed`."""
        kept = [self.columns[key].op for key in self.kept(group)]
        kept += [self.checks[key].op for key in group.checks]
        return [op for op in kept if op is not None] + (self.monthly_ops(group) if detailed else [])

    def monthly(self, group: Group) -> tuple[Key, ...]:
        """The monthly columns of a group, which are not kept."""
        return tuple(key for key in group.columns if not self.stored(key))

    def monthly_ops(self, group: Group) -> list[Op]:
        """Their ops; one that is the same in all months is monthly here too, for it has a value in each."""
        ops = [self.columns[key].op for key in self.monthly(group)]
        return [op if op.monthly else _each_month(op) for op in ops if op is not None]

    @cached_property
    def reads(self) -> tuple[Reads, ...]:
        """What each group reads."""
        return tuple(self._reads(group) for group in self.groups)

    @cached_property
    def route(self) -> Route:
        """What edits meet."""
        return route_of(self)

    def read_by(self, op: Op) -> frozenset[Key]:
        """What an op reads, down to inputs and kept columns."""
        return self._read_by([op], "").columns

    @cached_property
    def messages(self) -> dict[Key, Reads]:
        """What the message of each check shows, down to inputs and kept columns."""
        return {key: self._shown_by(key) for key in self.checks}

    def _shown_by(self, key: Key) -> Reads:
        form = self.ruleset.forms[key[0]]
        shown = [self.lowered(key[0], formula) for formula in form.checks[key[1]].given.values()]
        known = all(isinstance(one, Label) or ops_of(one) for one in shown)
        return self._read_by([op for one in shown for op in ops_of(one)] if known else None, "")

    @cached_property
    def readers(self) -> dict[Key, list[tuple[Key, bool]]]:
        """column → the columns whose formulas read it, and whether they do so in their own row."""
        return readers(self.ruleset.forms)

    @cached_property
    def total_reads(self) -> dict[Op, frozenset[Key]]:
        """What each total of the plan reads, down to inputs and kept columns."""
        ops = [d.op for d in (*self.columns.values(), *self.checks.values()) if d.op is not None]
        totals = {part for op in ops for part in walk(op) if part.kind == "total"}
        return {op: self.read_by(op) for op in totals}

    @cached_property
    def plain_totals(self) -> dict[Key, tuple[Op, ...]]:
        """Sums and counts of each column as it is."""
        found: dict[Key, tuple[Op, ...]] = {}
        for op in self.total_reads:
            read = op.args[0]
            if read.kind == "read" and not read.monthly and op.detail[0] in ("sum", "count"):
                key = (str(read.detail[0]), str(read.detail[1]))
                found[key] = (*found.get(key, ()), op)
        return found

    def by_row(self, key: Key) -> bool:
        """Whether a check is asked of every row."""
        return self.ruleset.forms[key[0]].checks[key[1]].by_row

    @property
    def years(self) -> tuple[int, ...]:
        """The plan years."""
        return self.ruleset.years

    def _reads(self, group: Group) -> Reads:
        return self._read_by(None if group.slow else self.ops(group, True), group.root)

    def _read_by(self, ops: Sequence[Op] | None, root: str) -> Reads:
        """Down to inputs and kept columns; of what only the oracle knows, everything."""
        if ops is None:
            every = frozenset((name, column) for name, form in self.ruleset.forms.items() for column in form.columns)
            return Reads(frozenset(), every, frozenset(self.ruleset.header))
        reading = _Reading(self, root)
        for op in ops:
            reading.follow(op, False)
        return Reads(frozenset(reading.row), frozenset(reading.wide), frozenset(reading.header))


def compile_plan(ruleset: Ruleset, norms: Norms, like: Plan | None = None) -> tuple[Plan | None, list[Finding]]:
    """The plan of a ruleset under these norms, or None and the findings that forbid it. `like`, a plan of a ruleset
    that is mostly the same (`load` was given it too), spares the work on what did not change, and alters nothing."""
    found, sound = judged(ruleset, norms, sound=frozenset() if like is None else _still_sound(like, ruleset, norms))
    if has_errors(found):
        return None, found
    return replace(planned(ruleset, norms, like), sound=sound), found


def planned(ruleset: Ruleset, norms: Norms, like: Plan | None = None) -> Plan:
    """The plan of a ruleset that is known to be free of errors. What `like`, a plan of this ruleset or of one much like
    it, has of norms that are the very same, and of formulas that read no other, is taken from there."""
    tables = NormTables(norms, ruleset.years)
    known: tuple[dict[Key, Definition], dict[Key, Definition]] = {}, {}
    if like is not None and like.norms.classifications == norms.classifications:
        tables = tables.sharing(like.tables)
        known = _known(like, ruleset, norms)
    source = source_of(ruleset, norms, tables)
    computed = like.columns if like is not None and like.ruleset is ruleset else _computed(ruleset)
    columns, levels = _in_levels({key: known[0].get(key) or _column(source, key) for key in computed})
    checks = {
        (form.name, name): known[1].get((form.name, name)) or _check(source, form, declared)
        for form in ruleset.forms.values()
        for name, declared in form.checks.items()
    }
    return Plan(ruleset, norms, tables, columns, checks, tuple(_groups(columns, levels, checks)))


def _computed(ruleset: Ruleset) -> list[Key]:
    return [key for key in order(ruleset) if ruleset.forms[key[0]].columns[key[1]].formula is not None]


def _still_sound(like: Plan, ruleset: Ruleset, norms: Norms) -> frozenset[str]:
    """The forms of which there was nothing to tell, and of which there is nothing now: their own text did not change,
    nor what they see of all else."""
    if like.norms is not norms or not seen_alike(like.ruleset, ruleset):
        return frozenset()
    return like.sound.intersection(same_forms(like.ruleset, ruleset))


def _known(like: Plan, ruleset: Ruleset, norms: Norms) -> tuple[dict[Key, Definition], dict[Key, Definition]]:
    """The definitions of columns and checks that are the same in both plans: those of formulas that did not change,
    and look up no norm that did."""
    if not seen_alike(like.ruleset, ruleset):
        return {}, {}
    others = {name for name, norm in norms.norms.items() if like.norms.norms.get(name) is not norm}
    columns, checks = (
        {key: d for key, d in each.items() if d.op is not None and d.uses.norms.isdisjoint(others)}
        for each in (like.columns, like.checks)
    )
    if like.ruleset is ruleset:
        return columns, checks
    old, new = like.ruleset.forms, ruleset.forms
    columns = {
        key: d for key, d in columns.items() if same_meaning(old[key[0]].columns[key[1]], new[key[0]].columns[key[1]])
    }
    checks = {key: d for key, d in checks.items() if _same_check(old[key[0]], new[key[0]], key[1])}
    return columns, checks


def _same_check(old: Form, new: Form, name: str) -> bool:
    before, after = old.checks[name], new.checks.get(name)
    return after is not None and (before.asserts.tree, before.by_row) == (after.asserts.tree, after.by_row)


def source_of(ruleset: Ruleset, norms: Norms, tables: NormTables) -> Source:
    """What the formulas of a ruleset are lowered against."""
    kernels = {name: function.kernel for name, function in FUNCTIONS.items() if function.kernel is not None}
    return Source(ruleset, norms, tables.dense, kernels, CLOSING)


def walk(op: Op) -> Iterator[Op]:
    """An op and all below it, each once."""
    seen: set[Op] = set()
    stack = [op]
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            yield at
            stack.extend(at.args)


@dataclass(slots=True)
class _Reading:
    plan: Plan
    root: str
    row: set[Key] = field(default_factory=set)
    wide: set[Key] = field(default_factory=set)
    header: set[str] = field(default_factory=set)
    seen: set[tuple[Op, bool]] = field(default_factory=set)

    def follow(self, op: Op, through: bool) -> None:
        if (op, through) in self.seen:
            return
        self.seen.add((op, through))
        if op.kind == "header":
            self.header.add(str(op.detail[0]))
        if op.kind in ("read", "previous"):
            self._column((str(op.detail[0]), str(op.detail[1])), through)
        for arg in op.args:
            self.follow(arg, through or op.kind in ("total", "total_where"))

    def _column(self, key: Key, through: bool) -> None:
        (self.wide if through or self.plan.roots[key[0]] != self.root else self.row).add(key)
        definition = self.plan.columns.get(key)
        if definition is not None and definition.op is not None and not self.plan.stored(key):
            self.follow(definition.op, through)


def _column(source: Source, key: Key) -> Definition:
    form, name = key
    declared = source.ruleset.forms[form].columns[name]
    root = source.root(form)
    try:
        op = column_op(source, source.ruleset.forms[form], name)
        return Definition(key, root, op, declared.per_month, uses=uses_of(op, root))
    except Unsupported as reason:
        return Definition(key, root, None, declared.per_month, str(reason))


def _check(source: Source, form: Form, declared: Check) -> Definition:
    root = source.root(form.name) if declared.by_row else SUBMISSION
    try:
        op = _asserted(source, form, declared.asserts.tree)
        if op.space not in (root, SUBMISSION, UNIFORM):
            raise Unsupported("rows in a check of the form")
        return Definition((form.name, declared.name), root, op, False, uses=uses_of(op, root))
    except Unsupported as reason:
        return Definition((form.name, declared.name), root, None, False, str(reason))


def _asserted(source: Source, form: Form, tree: Expr) -> Op:
    return Scope(source, form).flag(tree)


def _each_month(op: Op) -> Op:
    return Op("add", (op, constant(0)), (), Traits(op.space, op.yearly, True, op.fallible))


def _in_levels(columns: Mapping[Key, Definition]) -> tuple[Mapping[Key, Definition], dict[Key, int]]:
    """The level of each column. Where a column reads of the year before what needs its own group to be done, years
    cannot run side by side, and it is left to the oracle."""
    levels: dict[Key, int] = {}
    for _ in range(len(columns) + 1):
        before, levels = levels, {}
        for key, definition in columns.items():
            levels[key] = _level(definition, columns, levels, before)
        if levels == before:
            return columns, levels
    late = next(key for key, definition in columns.items() if _waits(definition, levels))
    reason = "a year before that must be over first"
    return _in_levels({**columns, late: replace(columns[late], op=None, slow=reason)})


def _waits(definition: Definition, levels: Mapping[Key, int]) -> bool:
    earlier = () if definition.op is None else definition.uses.earlier
    return any(levels.get(key, 0) > levels[definition.key] for key in earlier)


def _groups(
    columns: Mapping[Key, Definition], levels: Mapping[Key, int], checks: Mapping[Key, Definition]
) -> Iterator[Group]:
    found: dict[tuple[int, str, Key | None], list[Key]] = {}
    for key, definition in columns.items():
        found.setdefault((levels[key], definition.root, None if definition.op else key), []).append(key)
    asked: dict[tuple[int, str], list[Key]] = {}
    for key, definition in checks.items():
        if definition.op is not None:
            last = definition.root == SUBMISSION
            level = max(levels.values(), default=0) + 1 if last else _level(definition, columns, levels, {})
            asked.setdefault((level, definition.root), []).append(key)
    places = {*found, *((level, root, None) for level, root in asked)}
    for level, root, slow in sorted(places, key=lambda k: (k[0], k[1] == SUBMISSION, k[1], k[2] or ())):
        own = () if slow else tuple(asked.get((level, root), ()))
        yield Group(root, tuple(found.get((level, root, slow), ())), own, slow is not None)


def _level(
    definition: Definition,
    columns: Mapping[Key, Definition],
    levels: Mapping[Key, int],
    later: Mapping[Key, int],
) -> int:
    """Groups run by level; what is read through a total, from another root or from the oracle lies below. `later` are
    the levels of columns that come after and can only be read of the year before."""
    if definition.op is None:
        return max(levels.values(), default=-1) + 1
    uses = definition.uses
    level = 1 + max((levels[key] for key in uses.through if key in levels), default=-1)
    for key in uses.columns:
        below = columns.get(key)
        if below is not None and key != definition.key:
            level = max(level, levels.get(key, later.get(key, 0)) + (below.op is None or key in uses.across))
    return level
