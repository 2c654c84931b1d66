"""Judges calls of functions by their signatures; the few that bind names or read other years are judged one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.check.judged import ANY, DATE, FREE, TEXT, TRUTH, Judged, joined, summed
from engine.check.norms import NORM_FUNCTIONS, norm_call
from engine.check.review import RESERVED
from engine.formula import Call, Column, Expr, Missing, Name, print_formula
from engine.functions import FUNCTIONS, of_role
from engine.functions.signature import Parameter, Signature, parameters
from engine.ruleset.forms import LINE_KEYS
from engine.ruleset.own_lines import NAME as OWN_LINES
from engine.ruleset.own_lines import meaningless
from engine.text.nearest import nearest
from engine.units import PLAIN, Unit

if TYPE_CHECKING:
    from engine.check.judge import Judge

_FIXED = {"text": TEXT, "bool": TRUTH, "date": DATE, "any": ANY, "number": FREE, "1": Judged("number", PLAIN)}
_CRITERION = re.compile(r"(?:<>|=)?([^<>=*?~].*)", re.DOTALL)


def call(judge: Judge, node: Call) -> Judged:
    """What a call gives, and what is wrong with its arguments."""
    if node.name not in FUNCTIONS:
        judge.finding("function-unknown", node, got=node.name, nearest=nearest(node.name, FUNCTIONS))
        for arg in node.args:
            judge.value(arg)
        return ANY
    if node.name in NORM_FUNCTIONS:
        return norm_call(judge, node)
    if node.name == "LET":
        return _let(judge, node)
    if node.name in {"PREVIOUS", "TO.DATE"}:
        return _of_column(judge, node)
    if node.name in of_role("population"):
        return _of_population(judge, node)
    if node.name == OWN_LINES and (slip := meaningless(node)) is not None:
        judge.finding("line-dimension-unclear", slip, got=print_formula(slip)[1:], expected=", ".join(LINE_KEYS))
    return _by_signature(judge, node)


def _let(judge: Judge, node: Call) -> Judged:
    if len(node.args) < 3 or len(node.args) % 2 == 0:
        judge.finding("let-pairs-broken", node, got=len(node.args))
        return ANY
    names = dict(judge.names)
    for name, expr in zip(node.args[:-1:2], node.args[1:-1:2], strict=True):
        value = replace(judge, names=names).value(expr)
        if not isinstance(name, Name):
            judge.finding("let-name-expected", name, got=print_formula(name)[1:])
        else:
            if name.name.casefold() in (*RESERVED, *judge.review.ruleset.header, *names):
                judge.finding("name-taken", name, name=name.name)
            names[name.name.casefold()] = value
    return replace(judge, names=names).value(node.args[-1])


def _of_column(judge: Judge, node: Call) -> Judged:
    """PREVIOUS and TO.DATE read another time of one column, so their argument is that column and nothing else."""
    if _signed(judge, node) is None:
        return ANY
    column = node.args[0]
    value = judge.value(column)
    if not isinstance(column, Column) or not column.this_row:
        judge.finding("column-argument-expected", column, function=node.name, got=print_formula(column)[1:])
        return ANY
    if node.name == "PREVIOUS" or value.kind == "any":
        return value
    if not judge.month or judge.form is None:
        judge.finding("month-needed", node, function=node.name)
        return ANY
    return _sum_of(judge, column, replace(value, months=column))


def _of_population(judge: Judge, node: Call) -> Judged:
    if judge.form is None:
        judge.finding("row-where-none", node, got=print_formula(node)[1:])
        return ANY
    value = _by_signature(replace(judge, population=True), node)
    return value if judge.row else replace(value, rows=((judge.review.root(judge.form.name), node),))


def _signed(judge: Judge, node: Call) -> tuple[Signature, tuple[Parameter, ...]] | None:
    """The function's signature and the parameter of each argument; None and the finding where they do not fit."""
    signature = parameters(FUNCTIONS[node.name])
    given = signature.given(len(node.args))
    if given is None:
        code, facts = misfit(node)
        judge.finding(code, node, **facts)
        return None
    return signature, given


def misfit(node: Call) -> tuple[str, dict[str, object]]:
    """The code and facts of a finding about a call that has more or fewer arguments than its function takes."""
    signature = parameters(FUNCTIONS[node.name])
    code = "arguments-too-many" if _too_many(signature, len(node.args)) else "arguments-too-few"
    return code, {"function": node.name, "got": len(node.args), "expected": _arguments(signature)}


def _too_many(signature: Signature, count: int) -> bool:
    return not any(signature.given(more) for more in range(count + 1, count + 4))


def _arguments(signature: Signature) -> str:
    """The parameters as people write them: `x, digits?, (range, criterion)…`."""
    words = [[p.name + "?" * p.optional for p in part] for part in (signature.before, signature.group, signature.after)]
    group = [f"({', '.join(words[1])})…"] if words[1] else []
    return ", ".join([*words[0], *group, *words[2]])


@dataclass(slots=True)
class _Matching:
    """Arguments against parameters: `bound` is what each letter of the signature stands for so far."""

    judge: Judge
    node: Call
    product: bool
    """The result has the product of the arguments' units."""
    bound: dict[str, Judged] = field(default_factory=dict)
    spaces: dict[str, Expr] = field(default_factory=dict)
    """The row spaces of the ranges that go together."""
    factors: list[Judged] = field(default_factory=list)

    def take(self, number: int, parameter: Parameter, value: Judged) -> None:
        """Judge one argument's type."""
        arg = self.node.args[number]
        if isinstance(arg, Missing) or value.kind == "any":
            return
        if self.product:
            self.factors.append(self.judge.as_number(arg, value))
        elif len(parameter.type) == 1 and parameter.type.isalpha():
            self.bind(number, parameter.type, value)
        elif parameter.type == "code":
            self.code(number, value)
        elif not _fits(parameter.type, value):
            self.refuse(number, value, _FIXED.get(parameter.type, parameter.type))

    def bind(self, number: int, letter: str, value: Judged) -> None:
        """What has the same letter is of the same type and unit; `u` is a number or a date."""
        if letter == "u" and value.kind in {"text", "code"}:
            self.refuse(number, value, _FIXED["1"])
            return
        value = FREE.over((value,)) if letter == "u" and value.kind == "bool" else value
        before = self.bound.get(letter, ANY)
        both = joined(before, value)
        if both is None:
            self.refuse(number, value, before)
        else:
            self.bound[letter] = self.judge.with_codes(both)

    def code(self, number: int, value: Judged) -> None:
        """A code; one written as a text is of the classification of the first. A code of another classification may
        stand there too: an administrator is above institutions."""
        first = self.bound.get("code")
        if value.kind == "text" and value.literal and first is not None:
            self.judge.with_codes(replace(first, texts=value.texts))
        elif value.kind != "code":
            self.refuse(number, value, "code" if first is None else first)
        self.bound.setdefault("code", value)

    def refuse(self, number: int, value: Judged, expected: Judged | str) -> None:
        """An argument of another type."""
        where = {"function": self.node.name, "number": number + 1}
        self.judge.finding("argument-of-other-type", self.node.args[number], got=value, expected=expected, **where)

    def whole(self, number: int, value: Judged, together: bool) -> None:
        """Ranges in one argument, or in arguments that go together, are of the same rows."""
        arg = self.node.args[number]
        spaces = self.spaces if together else {}
        if together and isinstance(arg, Column) and arg.this_row and value.months is None:
            column = print_formula(replace(arg, this_row=False))[1:]
            self.judge.finding("value-where-range-expected", arg, got=print_formula(arg)[1:], hint=column)
        for space, opened in value.rows:
            if spaces and space not in spaces:
                first, second = print_formula(next(iter(spaces.values())))[1:], print_formula(opened)[1:]
                self.judge.finding("row-spaces-mixed", opened, first=first, second=second)
                return
            spaces.setdefault(space, opened)


def _by_signature(judge: Judge, node: Call) -> Judged:
    signed = _signed(judge, node)
    values = [judge.value(arg) for arg in node.args]
    if signed is None:
        return ANY.over(values)
    signature, given = signed
    matching = _Matching(judge, node, signature.result == "product")
    together = not judge.population and _together(signature)
    for i, (parameter, value) in enumerate(zip(given, values, strict=True)):
        matching.take(i, parameter, value)
        if parameter.whole:
            matching.whole(i, value, together)
        if parameter.name.startswith("criteri") and i:
            _criterion(judge, values[i - 1], value)
    closes = {i for i, parameter in enumerate(given) if parameter.whole and node.name not in of_role("population")}
    open_values = [value for i, value in enumerate(values) if i not in closes]
    if given and given[0].name == "range" and signature.result == "u" and "u" not in matching.bound:
        matching.bind(0, "u", values[0])
    result = _result(matching, signature)
    if node.name in of_role("sum"):
        result = _months_summed(judge, node, result, [(p, v) for p, v in zip(given, values, strict=True) if p.whole])
    return result.closed().over(open_values)


def _together(signature: Signature) -> bool:
    """Whether the ranges among the arguments go together, row by row."""
    return signature.result == "product" or any(p.whole for p in signature.before) or len(signature.group) > 1


def _result(matching: _Matching, signature: Signature) -> Judged:
    result = signature.result
    if result == "product":
        unit: Unit | None = None
        for factor in matching.factors:
            unit = factor.unit if unit is None else unit * (factor.unit or PLAIN)
        return Judged("number", unit)
    if result in _FIXED:
        return _FIXED[result]
    if len(result) == 1 or result == "code":
        return matching.bound.get(result, ANY)
    known = result in matching.judge.review.norms.units
    return Judged("number", Unit(((result, 1),)) if known else PLAIN)


def _months_summed(judge: Judge, node: Call, result: Judged, ranges: Sequence[tuple[Parameter, Judged]]) -> Judged:
    """The unit of a sum that goes over months; only ranges that are summed count, not those that are asked."""
    summable = [value for parameter, value in ranges if parameter.name not in {"range", "ranges"} or len(ranges) == 1]
    months = next((value.months for value in summable if value.months is not None), None)
    return result if months is None else _sum_of(judge, node, replace(result, months=months))


def _sum_of(judge: Judge, node: Expr, value: Judged) -> Judged:
    total = summed(value)
    if total is None:
        judge.finding("stock-summed", node, got=value, part=print_formula(value.months or node)[1:])
        return ANY
    return total


def _criterion(judge: Judge, asked: Judged, criterion: Judged) -> None:
    """A literal criterion on a code column must be one of its codes."""
    if asked.kind != "code" or not asked.classification:
        return
    for text in criterion.texts:
        found = _CRITERION.fullmatch(text.value)
        if found:
            judge.review.code(found[1], asked.classification, judge.place(text), compared=True)


def _fits(expected: str, value: Judged) -> bool:
    """Whether a value can stand where a fixed type is expected: Excel makes a text of anything, a truth of a number."""
    if expected in {"any", "text"}:
        return True
    if expected == "date":
        return value.kind == "date" or (value.kind == "number" and value.unit is None)
    if value.kind == "bool" or (expected == "bool" and value.kind == "number"):
        return True
    if value.kind != "number" or expected == "bool":
        return False
    return expected == "number" or value.plain_or_free or value.unit == Unit(((expected, 1),))
