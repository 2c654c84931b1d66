"""A function is one row; its signature says in a small language what it takes and gives.

    "x: u, digits: 1 -> u"                                  two parameters; the result has the unit of x
    "test: bool, yes: v, no?: v -> v"                       `?`: may be left out
    "values...: [u] -> u"                                   `...`: one or more of these
    "sum: [u], (range: [any], criterion: any)... -> u"      the group in parentheses, one or more times
    "value!: any -> bool"                                   `!`: is given errors too; elsewhere an error is the result

Types: a single lower-case letter is a unit or type that is the same within the row; `1` is a plain number, `product`
the product of the units of the arguments, `number` any number (a count is one of whatever is counted), `text`, `bool`,
`date`, `code`, `any`, `name` a bare name (LET) and `norm` whatever the norm's type is; any other word is a unit (`day`,
`year`). `[…]` takes ranges, whole columns and, in a yearly formula, monthly columns: the argument is evaluated for each
row and month, and the function closes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Protocol

from engine.formula import Column, Expr
from engine.functions.values import Scalar, Value


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `whole` takes ranges, `errors` is given errors too."""

    name: str
    type: str
    whole: bool = False
    optional: bool = False
    errors: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters before, in and after the group that is repeated, and the type of the result."""

    before: tuple[Parameter, ...]
    group: tuple[Parameter, ...]
    after: tuple[Parameter, ...]
    result: str

    def given(self, count: int) -> tuple[Parameter, ...] | None:
        """The parameter of each of `count` arguments; None where so many, or so few, cannot be."""
        least = 0 if all(parameter.optional for parameter in self.group) else 1
        rest = count - len(self.before)
        for times in range(rest // len(self.group) if self.group else 0, least - 1, -1):
            left = rest - times * len(self.group)
            if _needed(self.after) <= left <= len(self.after):
                return self.before + self.group * times + self.after[:left]
        without_group = not least and not self.after and _needed(self.before) <= count <= len(self.before)
        return self.before[:count] if without_group else None


class Context(Protocol):
    """What a function that takes its arguments unevaluated may ask of the formula around it."""

    def value(self, expr: Expr) -> Value:
        """An expression's value: a single one, or a range of several. An error is a value here."""
        ...

    def argument(self, expr: Expr) -> Value:
        """As `value`, but a reference to one cell stays a range of it."""
        ...

    def bound(self, name: str, value: Value) -> Context:
        """The same context with one more name."""
        ...

    def norm(self, name: str, keys: list[Scalar], on: date | None) -> Scalar:
        """A norm on a day; None is the first day of the month or year at hand."""
        ...

    def previous(self, column: Column) -> Scalar:
        """A column's value a year earlier."""
        ...

    def since_january(self, expr: Expr) -> list[Scalar]:
        """An expression in each month of the year up to the one at hand."""
        ...

    def is_under(self, code: Expr, ancestor: str) -> bool:
        """Whether a code is the ancestor or stands below it in the code's classification."""
        ...

    def population(self, expr: Expr) -> list[Scalar]:
        """An expression for every row of this form in this submission."""
        ...

    def position(self) -> int:
        """Which of the population's rows this one is."""
        ...

    def once(self, args: Sequence[Expr], of: object, make: Callable[[], Any]) -> Any:
        """What a function makes of its arguments over the population, made once for all its rows; `of` is all else that
        it is made of."""
        ...


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language. `exact` is given its arguments' values in order (a missing one is None), or, if it is
    `lazy`, the context and the arguments as expressions. `kernel` is its compiled form, if it has one. `role` is `sum`
    (adding up months turns what is paid by month into what is paid in the year), `population` (gives each row of the
    form its value) or nothing."""

    name: str
    signature: str
    exact: Callable[..., Value]
    lazy: bool = False
    kernel: Callable[..., Any] | None = None
    role: str = ""

    @property
    def closes(self) -> bool:
        """Whether it takes ranges, and so closes rows and months."""
        signature = parameters(self)
        taken = (*signature.before, *signature.group, *signature.after)
        return self.role != "population" and any(parameter.whole for parameter in taken)


def parameters(function: Function) -> Signature:
    """The signature of a function, read from its text."""
    return parse_signature(function.signature)


@cache
def parse_signature(text: str) -> Signature:
    """A signature from its text; a text that is none is a slip in the table, and raises."""
    taken, _, result = text.rpartition("->")
    group = re.search(r"\((.*)\)\.\.\.", taken)
    single = re.search(r"(\w+[?!]*)\.\.\.([?!]*)(:[^,]*)", taken)
    if group:
        before, inside, after = taken[: group.start()], group[1], taken[group.end() :]
    elif single:
        before, inside, after = taken[: single.start()], single[1] + single[2] + single[3], taken[single.end() :]
    else:
        before, inside, after = taken, "", ""
    return Signature(_listed(before), _listed(inside), _listed(after), result.strip())


def _listed(text: str) -> tuple[Parameter, ...]:
    return tuple(_parameter(part.strip()) for part in text.split(",") if part.strip())


def _parameter(text: str) -> Parameter:
    found = re.fullmatch(r"(\w+)([?!]*): *(\[?)([\w*]+)\]?", text)
    if not found:
        raise ValueError(f"no parameter: {text!r}")
    return Parameter(found[1], found[4], bool(found[3]), "?" in found[2], "!" in found[2])


def _needed(parameters: tuple[Parameter, ...]) -> int:
    return sum(not parameter.optional for parameter in parameters)
