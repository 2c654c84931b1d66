"""Choosing and truth: IF and its kin take their arguments unevaluated, so that what is not chosen cannot fail.

A choice over a range is made element by element, and then all branches are evaluated. Errors of ours (a norm that is
not in force, a missing input) are not caught by IFERROR: they are never somebody's default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from engine.formula import Expr, Name
from engine.functions.signature import Context
from engine.functions.values import (
    ExcelError,
    Range,
    Scalar,
    Value,
    compare,
    elementwise,
    number,
    scalar,
    truth,
)
from engine.number import OWN_ERRORS


def if_(context: Context, args: Sequence[Expr]) -> Value:
    """IF: without a third argument, FALSE."""
    test = context.value(args[0])
    if isinstance(test, Range):
        return elementwise(_chosen, [test, *(_branch(context, arg) for arg in args[1:])])
    if truth(test):
        return _branch(context, args[1])
    return _branch(context, args[2]) if len(args) > 2 else False


def ifs(context: Context, args: Sequence[Expr]) -> Value:
    """IFS: the value after the first test that holds, else #N/A."""
    for i in range(0, len(args), 2):
        test = context.value(args[i])
        if isinstance(test, Range):
            rest = partial(ifs, context, args[i + 2 :]) if len(args) > i + 2 else _nothing_matched
            return _either(test, _branch(context, args[i + 1]), rest)
        if truth(test):
            return _branch(context, args[i + 1])
    return _nothing_matched()


def switch(context: Context, args: Sequence[Expr]) -> Value:
    """SWITCH: the result beside the first case that equals the value, else the last argument, else #N/A."""
    wanted, rest = context.value(args[0]), args[1:]
    while len(rest) > 1:
        same = elementwise(_same, [wanted, context.value(rest[0])])
        if isinstance(same, Range):
            return elementwise(_switched, [wanted, *(context.value(arg) for arg in rest)])
        if truth(same):
            return _branch(context, rest[1])
        rest = rest[2:]
    return _branch(context, rest[0]) if rest else _nothing_matched()


def choose(context: Context, args: Sequence[Expr]) -> Value:
    """CHOOSE: the argument of that number; a range of numbers gives a range, column beside column."""
    index = context.value(args[0])
    if isinstance(index, Range):
        options = [_branch(context, arg) for arg in args[1:]]
        return elementwise(_picked, [index, *options])
    place = int(number(index))
    if not 1 <= place < len(args):
        raise ExcelError("#VALUE!")
    return _branch(context, args[place])


def iferror(context: Context, args: Sequence[Expr]) -> Value:
    """IFERROR: the second argument where the first is an error of Excel's."""
    return _unless(context, args, _is_excel_error)


def ifna(context: Context, args: Sequence[Expr]) -> Value:
    """IFNA: the second argument where the first is #N/A."""
    return _unless(context, args, lambda value: value == ExcelError("#N/A"))


def let(context: Context, args: Sequence[Expr]) -> Value:
    """LET: pairs of a name and its value, then the result."""
    for name, value in zip(args[:-1:2], args[1::2], strict=False):
        if not isinstance(name, Name):
            raise ExcelError("#VALUE!")
        context = context.bound(name.name, context.argument(value))
    return context.argument(args[-1])


def and_(*values: Value) -> bool:
    """AND of all that are truths or numbers; of none #VALUE!."""
    return all(_truths(values))


def or_(*values: Value) -> bool:
    """OR of all that are truths or numbers; of none #VALUE!."""
    return any(_truths(values))


def xor(*values: Value) -> bool:
    """XOR: whether an odd number of them hold."""
    return sum(_truths(values)) % 2 == 1


def not_(value: Scalar) -> bool:
    """NOT."""
    return not truth(value)


def true() -> bool:
    """TRUE()."""
    return True


def false() -> bool:
    """FALSE()."""
    return False


def _truths(values: Sequence[Value]) -> list[bool]:
    found: list[bool] = []
    for value in values:
        if isinstance(value, Range):
            found += [truth(cell) for cell in value.cells() if cell is not None and not isinstance(cell, str)]
        elif not isinstance(value, str) or value.upper() in {"TRUE", "FALSE"}:
            found.append(truth(value))
    if not found:
        raise ExcelError("#VALUE!")
    return found


def _branch(context: Context, arg: Expr) -> Value:
    return context.argument(arg)


def _chosen(test: Scalar, yes: Scalar, no: Scalar = False) -> Scalar:
    return yes if truth(test) else no


def _same(wanted: Scalar, case: Scalar) -> bool:
    return compare(wanted, case) == 0


def _switched(wanted: Scalar, *rest: Scalar) -> Scalar:
    for i in range(0, len(rest) - 1, 2):
        if _same(wanted, rest[i]):
            return rest[i + 1]
    return rest[-1] if len(rest) % 2 else ExcelError("#N/A")


def _picked(index: Scalar, *options: Scalar) -> Scalar:
    place = int(number(index))
    return options[place - 1] if 1 <= place <= len(options) else ExcelError("#VALUE!")


def _either(test: Range, yes: Value, rest: Callable[[], Value]) -> Value:
    try:
        no = rest()
    except ExcelError as error:
        no = ExcelError(error.code)
    return elementwise(_chosen, [test, yes, no])


def _nothing_matched() -> Value:
    raise ExcelError("#N/A")


def _is_excel_error(value: Scalar) -> bool:
    return isinstance(value, ExcelError) and value.code not in OWN_ERRORS


def _unless(context: Context, args: Sequence[Expr], fails: Callable[[Scalar], bool]) -> Value:
    value = context.argument(args[0])
    if isinstance(value, Range) and value.height * value.width > 1:
        return elementwise(lambda first, other: other if fails(first) else first, [value, _branch(context, args[1])])
    first = value.rows[0][0] if isinstance(value, Range) else value
    if not fails(first):
        return value
    other = _branch(context, args[1])
    return other if isinstance(other, Range) else scalar(other)
