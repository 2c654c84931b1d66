"""What can be said of edits before there is one, from the plan alone: who reads a column, and what it puts in the
budget.

A step is a group of the plan with what its cells mean. An edit takes those steps, in order, that read what has changed,
and looks at no others: what it costs depends on what it reaches, not on how many forms there are.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from engine.kernel.typed import Op
from engine.lines import DIMENSIONS
from engine.ruleset import Form, LineRule
from engine.slots import Slots, slots_of

if TYPE_CHECKING:
    from engine.plan import Group, Key, Plan

At = TypeVar("At", bound=Hashable)
Found = TypeVar("Found", bound=Hashable)
_JOINED_MAX = 256


@dataclass(frozen=True, slots=True)
class Step:
    """A group, and what a block of its cells holds: kept columns, checks, monthly columns."""

    index: int
    group: Group
    columns: tuple[Key, ...]
    """The kept ones."""
    detailed: bool
    """Whether there are columns that are not kept."""
    slots: Slots
    kept: int
    """How many slots the kept columns have."""
    asked: int
    """How many they and the checks have."""
    moments: int
    """How many slots each kept column has."""
    reach: tuple[Reach, ...]
    """Whom each kept column concerns."""
    joined: dict[bytes, Reach] = field(default_factory=dict, compare=False)
    """The same of those columns that differed together before."""

    def reached(self, differing: bytes) -> Reach:
        """Whom a change of some columns concerns: of each kept column, as int64, whether it differs."""
        known = self.joined.get(differing)
        if known is None:
            if len(self.joined) >= _JOINED_MAX:
                self.joined.clear()
            flags = memoryview(differing).cast("q")
            known = joined_reach([reach for reach, differs in zip(self.reach, flags, strict=True) if differs])
            self.joined[differing] = known
        return known


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a change of columns of one root concerns."""

    keys: dict[Key, None]
    """The columns themselves."""
    rows: tuple[int, ...] = ()
    """Steps that read them in the same row."""
    wide: tuple[int, ...] = ()
    """Steps that read them through a total or from another root."""
    totals: tuple[Op, ...] = ()
    """Totals that do not follow from how the columns' sums move."""
    plain: tuple[Op, ...] = ()
    """Those that do: sums and counts."""
    sums: tuple[Op, ...] = ()
    """The sums among those."""
    lines: tuple[tuple[Key, slice], ...] = ()
    """The columns that decide budget lines, and their slots."""


def joined_reach(reach: Sequence[Reach]) -> Reach:
    """Whom a change of all of them concerns."""
    return Reach(
        {key: None for each in reach for key in each.keys},
        tuple({step: None for each in reach for step in each.rows}),
        tuple({step: None for each in reach for step in each.wide}),
        tuple({op: None for each in reach for op in each.totals}),
        tuple({op: None for each in reach for op in each.plain}),
        tuple({op: None for each in reach for op in each.sums}),
        tuple(line for each in reach for line in each.lines),
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of budget lines, and what of its keys is the same for all rows."""

    form: Form
    rule: LineRule
    own: Mapping[str, str]
    """The dimensions that rows have keys of their own for, and the columns that these are in."""
    fixed: tuple[tuple[int, str], ...]
    """Places among the dimensions, and the codes that the rule itself puts there."""
    scale: int
    """Tiyn in the last digit of the amount."""
    amount: Key
    keyed_by: frozenset[Key]
    """The columns of the keys of its own."""


@dataclass(frozen=True, slots=True)
class Route:
    """The steps, and which of them, which totals and which line rules a change of a column or header field reaches."""

    steps: tuple[Step, ...]
    inputs: Mapping[Key, Slots]
    reach: Mapping[Key, Reach]
    """Of each input."""
    header: Mapping[str, tuple[int, ...]]
    columns: Mapping[Key, tuple[int, slice]]
    """Kept columns: the step that keeps one, and its slots there; likewise checks."""
    checks: Mapping[Key, tuple[int, slice]]
    sums: Mapping[Op, tuple[int, int]]
    """Sums of kept columns: the step that keeps the column, and the column's first slot."""
    rules: tuple[Rule, ...]
    lines: Mapping[Key, tuple[int, ...]]
    """The rules that have a column as their amount or in their key."""
    grouped: frozenset[Key]
    """Inputs by which rows are grouped; those of the header stand as ("", name)."""


def route_of(plan: Plan) -> Route:
    """The route of a plan."""
    forms = plan.ruleset.forms.values()
    inputs = [(form.name, column.name) for form in forms for column in form.columns.values() if column.formula is None]
    reads = list(enumerate(plan.reads))
    rules = tuple(_rule(form, rule) for form in forms for rule in form.lines)
    lines = _by_key(((each.form.name, name), at) for at, each in enumerate(rules) for name in columns_of(each.rule))
    steps = tuple(_step(plan, index, group, lines.keys()) for index, group in enumerate(plan.groups))
    return Route(
        steps,
        {key: slots_of(plan.years, [(key, False)]) for key in inputs},
        {key: _reach(plan, key, slice(None) if key in lines else None) for key in inputs},
        _by_key((name, index) for index, read in reads for name in read.header),
        {key: place for step in steps for key, place in _cuts(step, step.columns, (0, step.moments))},
        {key: place for step in steps for key, place in _cuts(step, step.group.checks, (step.kept, len(plan.years)))},
        {op: place for step in steps for key in step.columns for op, place in _sums(plan, step, key)},
        rules,
        lines,
        frozenset((source, name) for form in forms for name in form.rows.by for source in ("", *form.rows.forms)),
    )


def columns_of(rule: LineRule) -> list[str]:
    """The columns that decide a rule's lines: its amount, then what stands in its key."""
    return [rule.amount, *(text[1:] for text in rule.keys.values() if text.startswith("="))]


def _step(plan: Plan, index: int, group: Group, lines: Container[Key]) -> Step:
    kept, monthly = plan.kept(group), plan.monthly(group)
    by_month = group.slow and plan.columns[kept[0]].monthly
    yearly = [*((key, by_month) for key in kept), *((key, False) for key in group.checks)]
    slots = slots_of(plan.years, [*yearly, *((key, True) for key in monthly)])
    moments = len(plan.years) * (12 if by_month else 1)
    asked = moments * len(kept) + len(plan.years) * len(group.checks)
    cuts = [slice(at * moments, (at + 1) * moments) for at in range(len(kept))]
    reach = tuple(_reach(plan, key, cut if key in lines else None) for key, cut in zip(kept, cuts, strict=True))
    return Step(index, group, kept, bool(monthly), slots, moments * len(kept), asked, moments, reach)


def _cuts(step: Step, keys: Sequence[Key], slots: tuple[int, int]) -> Iterator[tuple[Key, tuple[int, slice]]]:
    """Where the keys' slots are, from the first on so many each; what the oracle made is in no piece."""
    first, each = slots
    for at, key in enumerate(() if step.group.slow else keys):
        yield key, (step.index, slice(first + at * each, first + (at + 1) * each))


def _sums(plan: Plan, step: Step, key: Key) -> Iterator[tuple[Op, tuple[int, int]]]:
    for op in plan.plain_totals.get(key, ()) if not step.group.slow else ():
        if op.detail[0] == "sum":
            yield op, (step.index, step.columns.index(key) * step.moments)


def _reach(plan: Plan, key: Key, line: slice | None) -> Reach:
    plain = plan.plain_totals.get(key, ())
    return Reach(
        {key: None},
        tuple(index for index, read in enumerate(plan.reads) if key in read.row),
        tuple(index for index, read in enumerate(plan.reads) if key in read.wide),
        tuple(op for op, keys in plan.total_reads.items() if key in keys and op not in plain),
        plain,
        tuple(op for op in plain if op.detail[0] == "sum"),
        () if line is None else ((key, line),),
    )


def _rule(form: Form, rule: LineRule) -> Rule:
    own = {name: text[1:] for name, text in rule.keys.items() if text.startswith("=")}
    fixed = tuple((DIMENSIONS.index(name), text) for name, text in rule.keys.items() if name not in own)
    keyed_by = frozenset((form.name, column) for column in own.values())
    scale = 10 ** (2 - (form.columns[rule.amount].digits or 0))
    return Rule(form, rule, own, fixed, scale, (form.name, rule.amount), keyed_by)


def _by_key(pairs: Iterable[tuple[At, Found]]) -> dict[At, tuple[Found, ...]]:
    found: dict[At, list[Found]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}
