"""The language's own functions over norms, years and classifications. What they ask for, the context knows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from engine.formula import Column, Expr
from engine.functions.dates import day_number
from engine.functions.signature import Context
from engine.functions.values import ExcelError, Scalar, UnsupportedError, Value, number, scalar, text
from engine.number import from_serial


def norm(context: Context, args: Sequence[Expr]) -> Value:
    """NORM(name, keys…): on the first day of the month or year at hand."""
    return context.norm(_name(context, args[0]), _keys(context, args[1:]), None)


def norm_on(context: Context, args: Sequence[Expr]) -> Value:
    """NORM.ON(date, name, keys…)."""
    day = day_number(scalar(context.value(args[0])))
    return context.norm(_name(context, args[1]), _keys(context, args[2:]), from_serial(day))


def norm_if(context: Context, args: Sequence[Expr]) -> Value:
    """NORM.IF(name, keys…, otherwise): the only way to give a default."""
    found = context.norm(_name(context, args[0]), _keys(context, args[1:-1]), None)
    return context.value(args[-1]) if found == ExcelError("norm-missing") else found


def previous(context: Context, args: Sequence[Expr]) -> Value:
    """PREVIOUS([@c]): the value a year earlier."""
    if not isinstance(args[0], Column):
        raise ExcelError("#VALUE!")
    return context.previous(args[0])


def to_date(context: Context, args: Sequence[Expr]) -> Value:
    """TO.DATE([@c]): the sum since January."""
    return sum((number(value) for value in context.since_january(args[0])), Fraction(0))


def under(context: Context, args: Sequence[Expr]) -> Value:
    """UNDER(code, ancestor): whether a code is the ancestor or stands below it."""
    return context.is_under(args[0], text(scalar(context.value(args[1]))))


def own_lines(context: Context, args: Sequence[Expr]) -> Value:
    """OWN.LINES(dimension, code, …): written out when a ruleset is read, so what is left of it has none around it."""
    raise UnsupportedError("OWN.LINES outside a ruleset")


def _name(context: Context, arg: Expr) -> str:
    return text(scalar(context.value(arg)))


def _keys(context: Context, args: Sequence[Expr]) -> list[Scalar]:
    return [scalar(context.value(arg)) for arg in args]
