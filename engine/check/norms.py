"""Judges look-ups of norms: the name, the keys, and whether there is any value in the plan years.

A norm's name is a literal, so that everybody can see which norms a ruleset depends on, and a change of one norm runs
only what reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from engine.check.judged import ANY, DATE, Judged, joined
from engine.check.review import NormShape, Review, step_unit
from engine.formula import Call, Expr, Text, print_formula, walk
from engine.norms import Norm, NormKey
from engine.ruleset import Formula, Ruleset
from engine.text.nearest import nearest

if TYPE_CHECKING:
    from engine.check.judge import Judge

NORM_FUNCTIONS = {"NORM": "name, keys…", "NORM.ON": "date, name, keys…", "NORM.IF": "name, keys…, otherwise"}


def norm_call(judge: Judge, call: Call) -> Judged:
    """`NORM`, `NORM.ON` or `NORM.IF`: a number in the norm's unit."""
    args = list(call.args)
    values: list[Judged] = []
    if call.name == "NORM.ON" and args:
        values.append(_date(judge, args.pop(0)))
    otherwise = args.pop() if call.name == "NORM.IF" and len(args) > 1 else None
    if otherwise is not None:
        values.append(judge.value(otherwise))
    if not args or (call.name == "NORM.IF" and otherwise is None):
        expected = NORM_FUNCTIONS[call.name]
        judge.finding("arguments-too-few", call, function=call.name, got=len(call.args), expected=expected)
        return ANY.over(values)
    shape = _shape(judge, args[0], call.name == "NORM")
    keys = [judge.value(arg) for arg in args[1:]]
    if shape is None:
        return ANY.over((*values, *keys))
    _keys(judge, call, shape, list(zip(args[1:], keys, strict=True)))
    found = Judged("number", shape.unit)
    if otherwise is not None:
        _otherwise(judge, otherwise, (values[-1], found))
    return found.over((*values, *keys))


def norms_read(formula: Formula) -> Iterator[tuple[str, Expr]]:
    """The names of the norms that a formula looks up, each with its node."""
    for node in walk(formula.tree):
        if isinstance(node, Call) and node.name in NORM_FUNCTIONS:
            name = node.args[1:2] if node.name == "NORM.ON" else node.args[:1]
            if name and isinstance(name[0], Text):
                yield name[0].value, name[0]


def check_published_cycles(review: Review) -> None:
    """A ruleset whose norms depend in the end on what it publishes itself would wait for its own approval."""
    publishers = {norm: r.name for r in (*review.others, review.ruleset) for norm in r.publishes}
    reads = {r.name: {publishers[norm] for norm in _norms_of(r) if norm in publishers} for r in review.others}
    own = review.ruleset.name
    for formula in formulas_of(review.ruleset):
        for norm, node in norms_read(formula):
            way = _way(publishers[norm], own, reads) if norm in publishers else []
            if way:
                path = " → ".join([own, *way])
                review.finding("published-norm-cycle", formula.at(node.span[0]), norm=norm, path=path)


def formulas_of(ruleset: Ruleset) -> Iterator[Formula]:
    """Every formula of a ruleset, in order of writing."""
    for form in ruleset.forms.values():
        for column in form.columns.values():
            if column.formula:
                yield column.formula
        for check in form.checks.values():
            yield from (check.asserts, *check.given.values())
    yield from (published.start for published in ruleset.publishes.values())
    yield from ruleset.roll_forward.drop.values()
    for factors in ruleset.roll_forward.index.values():
        yield from factors.values()


def _norms_of(ruleset: Ruleset) -> set[str]:
    return {norm for formula in formulas_of(ruleset) for norm, _ in norms_read(formula)}


def _way(start: str, end: str, reads: dict[str, set[str]]) -> list[str]:
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == end:
            return way
        for name in sorted(reads.get(way[-1], set()) - seen):
            seen.add(name)
            ways.append([*way, name])
    return []


def _date(judge: Judge, node: Expr) -> Judged:
    value = judge.value(node)
    if value.kind not in {"date", "any"}:
        judge.finding("argument-of-other-type", node, function="NORM.ON", number=1, got=value, expected=DATE)
    return value


def _shape(judge: Judge, node: Expr, needed: bool) -> NormShape | None:
    if not isinstance(node, Text):
        judge.finding("norm-name-not-literal", node, got=print_formula(node)[1:])
        return None
    shapes = judge.review.shapes
    if node.value not in shapes:
        judge.finding("norm-unknown", node, got=node.value, nearest=nearest(node.value, shapes))
        return None
    shape = shapes[node.value]
    if needed and shape.declared is not None and not shape.publisher:
        _in_force(judge, node, shape.declared)
    return shape


def _in_force(judge: Judge, node: Text, norm: Norm) -> None:
    """Warn of plan years in which a norm has no value at all."""
    missing = [year for year in judge.review.ruleset.years if not _has_value(norm, year)]
    if missing:
        judge.finding("norm-without-value", node, norm=norm.name, years=_spans(missing))


def _spans(years: Sequence[int]) -> str:
    """2010-2012, 2025"""
    starts = [year for year in years if year - 1 not in years]
    ends = [year for year in years if year + 1 not in years]
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))


def _has_value(norm: Norm, year: int) -> bool:
    in_year = [v for v in norm.values if v.start <= date(year, 12, 31) and (v.end is None or v.end > date(year, 1, 1))]
    return any(value.value is not None for value in in_year)


def _keys(judge: Judge, call: Call, shape: NormShape, keys: Sequence[tuple[Expr, Judged]]) -> None:
    if len(keys) != len(shape.keys):
        expected = ", ".join(key.name for key in shape.keys) or "—"
        name = call.args[1 if call.name == "NORM.ON" else 0]
        counts = {"got": len(keys), "count": len(shape.keys), "keys": expected}
        judge.finding("norm-keys-miscounted", name, norm=_text(name), **counts)
        return
    for key, (node, value) in zip(shape.keys, keys, strict=True):
        _key(judge, key, node, value)


def _key(judge: Judge, key: NormKey, node: Expr, value: Judged) -> None:
    if value.kind == "any":
        return
    if key.kind == "step":
        unit = step_unit(key)
        if joined(value, Judged("number", unit)) is None or value.kind != "number":
            judge.finding("norm-key-of-other-type", node, key=key.name, got=value, expected=Judged("number", unit))
        return
    if value.kind == "text" and value.literal:
        for text in value.texts:
            judge.review.code(text.value, key.of, judge.place(text))
    elif value.kind != "code" or value.classification != key.of:
        judge.finding("norm-key-of-other-type", node, key=key.name, got=value, expected=Judged("code", None, key.of))
    else:
        for text in value.texts:
            judge.review.code(text.value, key.of, judge.place(text))


def _otherwise(judge: Judge, node: Expr, values: tuple[Judged, Judged]) -> None:
    otherwise, found = values
    if otherwise.kind != "any" and (otherwise.kind != "number" or joined(otherwise, found) is None):
        judge.finding("norm-otherwise-of-other-type", node, got=otherwise, expected=found)


def _text(node: Expr) -> str:
    return node.value if isinstance(node, Text) else print_formula(node)[1:]
