"""A formula's tree evaluated as Excel would, in exact rationals: operators, names, calls.

An `Evaluator` knows names only; the oracle's knows cells too. `argument` keeps a reference to one cell apart from the
value in it, because aggregates treat the two differently; `value` does not. Operators and functions of single values
are stretched over ranges element by element. An error is a value; inside a function it is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from engine.formula import Array, Binary, Call, Column, ErrorValue, Expr, Name, Number, Text, Truth, Unary
from engine.functions import FUNCTIONS, Function, Parameter, parameters
from engine.functions.irrational import power
from engine.functions.values import (
    Approximate,
    ExcelError,
    Range,
    Scalar,
    UnsupportedError,
    Value,
    compare,
    dereferenced,
    elementwise,
    limited,
    number,
    scalar,
    single,
    text,
)
from engine.limits import TEXT_LENGTH_MAX
from engine.number import OWN_ERRORS


@dataclass(slots=True)
class Marks:
    """What is to be said of a result: whether an irrational function took part."""

    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates trees over names; `names` are in small letters."""

    names: Mapping[str, Value] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)

    def value(self, expr: Expr) -> Value:
        """An expression's value: a single one, or a range of several. An error is a value here."""
        return dereferenced(self.argument(expr))

    def argument(self, expr: Expr) -> Value:
        """As `value`, but a reference to one cell stays a range of it."""
        try:
            match expr:
                case Binary():
                    return self._binary(expr)
                case Call():
                    return self._call(expr)
                case Column():
                    return self.column(expr)
                case Name(name):
                    return self.name(name)
            return self._simple(expr)
        except ExcelError as error:
            return ExcelError(error.code)

    def bound(self, name: str, value: Value) -> Evaluator:
        """The same with one more name."""
        return Evaluator({**self.names, name.lower(): value}, self.marks)

    def name(self, name: str) -> Value:
        """What a name stands for, as a reference."""
        found = self.names.get(name.lower(), ExcelError("#NAME?"))
        return found if isinstance(found, Range) else single(found)

    def column(self, column: Column) -> Value:
        """A reference to a column; there is none here."""
        raise UnsupportedError("a column outside a form")

    def norm(self, name: str, keys: list[Scalar], on: date | None) -> Scalar:
        """A norm; there is none here."""
        raise UnsupportedError("NORM outside a form")

    def previous(self, column: Column) -> Scalar:
        """The year before; there is none here."""
        raise UnsupportedError("PREVIOUS outside a form")

    def since_january(self, expr: Expr) -> list[Scalar]:
        """The months so far; there are none here."""
        raise UnsupportedError("TO.DATE outside a form")

    def is_under(self, code: Expr, ancestor: str) -> bool:
        """The hierarchy of codes; there is none here."""
        raise UnsupportedError("UNDER outside a form")

    def population(self, expr: Expr) -> list[Scalar]:
        """The rows of a form; there is none here."""
        raise UnsupportedError("a population outside a form")

    def position(self) -> int:
        """This row's place; there is none here."""
        raise UnsupportedError("a population outside a form")

    def once(self, args: Sequence[Expr], of: object, make: Callable[[], Any]) -> Any:
        """What is made of the rows of a form; there are none here."""
        raise UnsupportedError("a population outside a form")

    def arguments(self, function: Function, given: Sequence[Parameter], args: Sequence[Expr]) -> list[Value]:
        """The values of a call's arguments; where the function takes ranges, references stay ranges."""
        return [
            self.argument(arg) if parameter.whole else self.value(arg)
            for parameter, arg in zip(given, args, strict=True)
        ]

    def _simple(self, expr: Expr) -> Value:
        match expr:
            case Number(value) | Text(value) | Truth(value):
                return value
            case Unary():
                return self._unary(expr)
            case ErrorValue(code):
                return ExcelError(code)
            case Array(rows):
                return Range(tuple(tuple(scalar_or_error(self.value(item)) for item in row) for row in rows))
        return None

    def _binary(self, expr: Binary) -> Value:
        """A chain of operators to the left is gone along, not down, so that long sums do not pile up calls."""
        chain = [expr]
        while isinstance(chain[-1].left, Binary):
            chain.append(chain[-1].left)
        left = self.value(chain[-1].left)
        for step in reversed(chain):
            left = self._operated(step.op, left, self.value(step.right))
        return left

    def _operated(self, op: str, left: Value, right: Value) -> Value:
        try:
            return self._marked(elementwise(OPERATORS[op], [left, right]))
        except ExcelError as error:
            return ExcelError(error.code)

    def _unary(self, expr: Unary) -> Value:
        operand = self.value(expr.operand)
        operator = SIGNS[expr.op]
        return elementwise(operator, [operand]) if isinstance(operand, Range) else operator(operand)

    def _call(self, call: Call) -> Value:
        function = FUNCTIONS.get(call.name)
        given = parameters(function).given(len(call.args)) if function else None
        if function is None or given is None:
            raise UnsupportedError(call.name)
        if function.lazy:
            return self._marked(function.exact(self, call.args))
        return self._marked(_applied(function, given, self.arguments(function, given, call.args)))

    def _marked(self, value: Value) -> Value:
        if isinstance(value, Approximate):
            self.marks.approximate = True
        return value


def scalar_or_error(value: Value) -> Scalar:
    """One value, errors too; several are #VALUE!."""
    value = dereferenced(value)
    return ExcelError("#VALUE!") if isinstance(value, Range) else value


def _applied(function: Function, given: Sequence[Parameter], values: list[Value]) -> Value:
    """The function over values, once for each element of a range where it takes a single value."""
    single_places = [i for i, parameter in enumerate(given) if not parameter.whole]
    for i in single_places:
        _refuse(values[i], given[i])
    if not any(isinstance(values[i], Range) for i in single_places):
        return function.exact(*values)

    def once(*singles: Scalar) -> Scalar:
        for i, value in zip(single_places, singles, strict=True):
            _refuse(value, given[i])
        taken = dict(zip(single_places, singles, strict=True))
        return scalar_or_error(function.exact(*(taken.get(i, value) for i, value in enumerate(values))))

    return elementwise(once, [values[i] for i in single_places])


def _refuse(value: Value, parameter: Parameter) -> None:
    """Raise an error that the function is not to be given; one of ours is given to none."""
    if isinstance(value, ExcelError) and (not parameter.errors or value.code in OWN_ERRORS):
        raise value


def _arithmetic(operation: Callable[[Fraction, Fraction], Fraction]) -> Callable[[Scalar, Scalar], Scalar]:
    return lambda left, right: limited(operation(number(left), number(right)))


def _comparison(holds: Callable[[int], bool]) -> Callable[[Scalar, Scalar], Scalar]:
    return lambda left, right: holds(compare(left, right))


def _divided(left: Fraction, right: Fraction) -> Fraction:
    if not right:
        raise ExcelError("#DIV/0!")
    return left / right


def _joined(left: Scalar, right: Scalar) -> Scalar:
    result = text(left) + text(right)
    if len(result) > TEXT_LENGTH_MAX:
        raise ExcelError("#VALUE!")
    return result


OPERATORS: dict[str, Callable[[Scalar, Scalar], Scalar]] = {
    "+": _arithmetic(lambda left, right: left + right),
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(_divided),
    "^": _arithmetic(power),
    "&": _joined,
    "=": _comparison(lambda sign: sign == 0),
    "<>": _comparison(lambda sign: sign != 0),
    "<": _comparison(lambda sign: sign < 0),
    "<=": _comparison(lambda sign: sign <= 0),
    ">": _comparison(lambda sign: sign > 0),
    ">=": _comparison(lambda sign: sign >= 0),
}
SIGNS: dict[str, Callable[[Scalar], Scalar]] = {
    "-": lambda value: -number(value),
    "+": scalar,
    "%": lambda value: number(value) / 100,
}
