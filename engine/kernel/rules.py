"""The functions that kernels know, each as a rule from a call to its typed form.

A function that has no rule here runs in the oracle; the table of `functions` names both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from engine.formula import Binary, Call, Column, Expr, Missing, Name, Text, Truth, Unary
from engine.formula import Number as Literal
from engine.kernel.lower import Scope, as_code, as_number, compare, select
from engine.kernel.typed import (
    SUBMISSION,
    Code,
    Flag,
    Label,
    Number,
    Op,
    Traits,
    Typed,
    Unsupported,
    absolute,
    chosen,
    constant,
    extreme,
    failing,
    held,
    join_space,
    minus,
    number,
    over,
    plus,
    rounded,
    times,
    value_of,
)


def if_(scope: Scope, call: Call) -> Typed:
    """IF(test, yes, no)."""
    no = scope.lower(call.args[2]) if len(call.args) > 2 else Flag(constant(0))
    return select(scope.flag(call.args[0]), scope.lower(call.args[1]), no)


def ifs(scope: Scope, call: Call) -> Typed:
    """IFS(test, value, …); no test that holds is #N/A."""
    pairs = [(scope.flag(t), scope.lower(v)) for t, v in zip(call.args[::2], call.args[1::2], strict=True)]
    return _cascade(pairs, None)


def switch(scope: Scope, call: Call) -> Typed:
    """SWITCH(x, case, value, …[, otherwise])."""
    value, rest = scope.lower(call.args[0]), call.args[1:]
    otherwise = scope.lower(rest[-1]) if len(rest) % 2 else None
    cases = zip(rest[::2], rest[1::2], strict=False)
    pairs = [(compare(scope.source, "=", value, scope.lower(c)).op, scope.lower(v)) for c, v in cases]
    return _cascade(pairs, otherwise)


def and_(scope: Scope, call: Call) -> Typed:
    """AND of single truths."""
    return _connected(scope, call, "and")


def or_(scope: Scope, call: Call) -> Typed:
    """OR of single truths."""
    return _connected(scope, call, "or")


def not_(scope: Scope, call: Call) -> Typed:
    """NOT."""
    return Flag(Op("not", (scope.flag(call.args[0]),)))


def iferror(scope: Scope, call: Call) -> Typed:
    """IFERROR: Excel's own errors only; a missing norm is not hidden."""
    value, other = scope.number(call.args[0]), scope.number(call.args[1])
    failed = Op("failed", (value.top,))
    return select(failed, other, value)


def round_(scope: Scope, call: Call) -> Typed:
    """ROUND: half away from zero."""
    return rounded(scope.number(call.args[0]), digits(call), "half")


def round_up(scope: Scope, call: Call) -> Typed:
    """ROUNDUP: away from zero."""
    return rounded(scope.number(call.args[0]), digits(call), "away")


def round_down(scope: Scope, call: Call) -> Typed:
    """ROUNDDOWN: toward zero."""
    return rounded(scope.number(call.args[0]), digits(call), "zero")


def int_(scope: Scope, call: Call) -> Typed:
    """INT: the whole number not above."""
    return rounded(scope.number(call.args[0]), 0, "floor")


def mod(scope: Scope, call: Call) -> Typed:
    """MOD: x − y × INT(x ÷ y), of the sign of y."""
    x, y = scope.number(call.args[0]), scope.number(call.args[1])
    return minus(x, times(y, rounded(over(x, y), 0, "floor")))


def abs_(scope: Scope, call: Call) -> Typed:
    """ABS."""
    return absolute(scope.number(call.args[0]))


def sum_(scope: Scope, call: Call) -> Typed:
    """SUM over months, whole columns or single numbers."""
    total = number(0)
    for arg in call.args:
        total = plus(total, _aggregate(scope, arg, "sum"))
    return total


def min_(scope: Scope, call: Call) -> Typed:
    """MIN over months, whole columns or single numbers."""
    return _extreme(scope, call, "minimum")


def max_(scope: Scope, call: Call) -> Typed:
    """MAX over months, whole columns or single numbers."""
    return _extreme(scope, call, "maximum")


def count(scope: Scope, call: Call) -> Typed:
    """COUNT of numbers; over months, and of a single value, an error is not counted."""
    total = number(0)
    for arg in call.args:
        total = plus(total, _counted(scope, arg))
    return total


def average(scope: Scope, call: Call) -> Typed:
    """AVERAGE; of nothing it is #DIV/0!."""
    counted = number(0)
    for arg in call.args:
        counted = plus(counted, _aggregate(scope, arg, "count"))
    return over(as_number(sum_(scope, call)), counted)


def sumproduct(scope: Scope, call: Call) -> Typed:
    """SUMPRODUCT of columns of one row space."""
    product: Expr = call.args[0]
    inner = scope.opened(Call("_", call.args))
    value = _numbers(inner, product)
    for arg in call.args[1:]:
        value = times(value, _numbers(inner, arg))
    return _reduced(scope, inner, value, "sum")


def sumif(scope: Scope, call: Call) -> Typed:
    """SUMIF with a criterion of equality."""
    summed = call.args[2] if len(call.args) > 2 else call.args[0]
    return _total_where(scope, "sum", summed, call.args[:2])


def sumifs(scope: Scope, call: Call) -> Typed:
    """SUMIFS with criteria of equality."""
    return _total_where(scope, "sum", call.args[0], call.args[1:])


def countifs(scope: Scope, call: Call) -> Typed:
    """COUNTIF and COUNTIFS with criteria of equality."""
    return _total_where(scope, "count", None, call.args)


def averageif(scope: Scope, call: Call) -> Typed:
    """AVERAGEIF with a criterion of equality."""
    summed = call.args[2] if len(call.args) > 2 else call.args[0]
    total = as_number(_total_where(scope, "sum", summed, call.args[:2]))
    return over(total, as_number(_total_where(scope, "count", summed, call.args[:2])))


def minifs(scope: Scope, call: Call) -> Typed:
    """MINIFS with criteria of equality."""
    return _total_where(scope, "minimum", call.args[0], call.args[1:])


def maxifs(scope: Scope, call: Call) -> Typed:
    """MAXIFS with criteria of equality."""
    return _total_where(scope, "maximum", call.args[0], call.args[1:])


def let(scope: Scope, call: Call) -> Typed:
    """LET(name, value, …, result)."""
    for name, value in zip(call.args[:-1:2], call.args[1:-1:2], strict=True):
        if not isinstance(name, Name):
            raise Unsupported("LET of no name")
        scope = replace(scope, names={**scope.names, name.name: scope.lower(value)})
    return scope.lower(call.args[-1])


def norm(scope: Scope, call: Call) -> Typed:
    """NORM(name, keys…): the value in force on the first day of the month or year; none is norm-missing."""
    op, unit = _norm(scope, call.args)
    return Number(op, unit)


def norm_if(scope: Scope, call: Call) -> Typed:
    """NORM.IF(name, keys…, otherwise): the only way to a default."""
    op, unit = _norm(scope, call.args[:-1])
    in_force = Op("in_force", op.args, op.detail, _traits(op))
    return select(in_force, Number(op, unit), scope.number(call.args[-1]))


def previous(scope: Scope, call: Call) -> Typed:
    """PREVIOUS([@c]): the same row a year earlier."""
    match call.args[0]:
        case Column(form, column, True) if scope.form is not None and scope.inner is None:
            read = scope.read(form or scope.form.name, column)
        case _:
            raise Unsupported("PREVIOUS of no column")
    match read:
        case Number(op, unit):
            return Number(Op("previous", (), op.detail, replace(_traits(op), yearly=True)), unit)
        case Flag(op):
            return Flag(Op("previous", (), op.detail, replace(_traits(op), yearly=True)))
    raise Unsupported("PREVIOUS of a text")


def to_date(scope: Scope, call: Call) -> Typed:
    """TO.DATE([@c]): the sum since January."""
    value = scope.number(call.args[0])
    if not scope.monthly or (value.bottom is not None and value.bottom.monthly):
        raise Unsupported("TO.DATE without a month")
    summed = Op("to_date", (value.top,), (), replace(_traits(value.top), monthly=True))
    return Number(summed, value.unit, value.bottom)


def date(scope: Scope, call: Call) -> Typed:
    """DATE(year, month, day): months and days beyond their range carry over, as in Excel."""
    parts = tuple(_whole(rounded(scope.number(arg), 0, "floor")) for arg in call.args)
    return Number(Op("date", parts, (), replace(_joint(parts), fallible=True)))


def year(scope: Scope, call: Call) -> Typed:
    """YEAR of a date."""
    return _date_part(scope, call, "year")


def month(scope: Scope, call: Call) -> Typed:
    """MONTH of a date."""
    return _date_part(scope, call, "month")


def day(scope: Scope, call: Call) -> Typed:
    """DAY of a date."""
    return _date_part(scope, call, "day")


def edate(scope: Scope, call: Call) -> Typed:
    """EDATE: that many months on."""
    return _moved(scope, call, "edate")


def eomonth(scope: Scope, call: Call) -> Typed:
    """EOMONTH: the last day of the month that many months on."""
    return _moved(scope, call, "eomonth")


def days(scope: Scope, call: Call) -> Typed:
    """DAYS(end, start)."""
    return minus(Number(_day(scope, call.args[0])), Number(_day(scope, call.args[1])))


def years(scope: Scope, call: Call) -> Typed:
    """YEARS(from, to): completed years; a start after the end is #NUM!."""
    start, end = (_day(scope, arg) for arg in call.args)
    if end.args[0].kind == "month":
        months = minus(Number(Op("month_number", (end,))), Number(Op("first_month", (start,))))
        negative = Op("less", (months.top, constant(0)))
        return Number(Op("quotient", (failing(negative, months.top, "#NUM!"), constant(12)), ("floor",)))
    pair = (start, end)
    return Number(Op("years", pair, (), replace(_joint(pair), fallible=True)))


def clip(scope: Scope, call: Call) -> Typed:
    """CLIP(x, low, high)."""
    x, low, high = (scope.number(arg) for arg in call.args)
    return extreme("minimum", extreme("maximum", x, low), high)


def _cascade(pairs: Sequence[tuple[Op, Typed]], otherwise: Typed | None) -> Typed:
    if otherwise is None:
        last = pairs[-1][1]
        never = failing(constant(1), constant(0), "#N/A")
        otherwise = Flag(never) if isinstance(last, Flag) else Number(never)
        if isinstance(last, Code):
            otherwise = Code(never, last.classification)
    result = otherwise
    for test, value in reversed(pairs):
        result = select(test, value, result)
    return result


def _connected(scope: Scope, call: Call, kind: str) -> Flag:
    flags = [_single_flag(scope, arg) for arg in call.args]
    result = flags[0]
    for flag in flags[1:]:
        result = Op(kind, (result, flag))
    return Flag(result)


def _single_flag(scope: Scope, arg: Expr) -> Op:
    opened = scope.opened(arg)
    if opened.inner is not None or opened.monthly != scope.monthly:
        raise Unsupported("a truth over a range")
    return scope.flag(arg)


def digits(call: Call, at: int = 1) -> int:
    """The whole number that an argument is literally; left out it is 0."""
    if len(call.args) <= at or isinstance(call.args[at], Missing):
        return 0
    match call.args[at]:
        case Literal(value) if value.denominator == 1:
            return int(value)
        case Unary("-", Literal(value)) if value.denominator == 1:
            return -int(value)
    raise Unsupported("digits that are not a literal")


def _aggregate(scope: Scope, arg: Expr, kind: str) -> Number:
    inner = scope.opened(arg)
    if _is_single(scope, inner):
        value = _single(scope, arg)
        return number(1) if kind == "count" else value
    return _reduced(scope, inner, _numbers(inner, arg), kind)


def _is_single(scope: Scope, inner: Scope) -> bool:
    return inner.inner is None and inner.monthly == scope.monthly


def _single(scope: Scope, arg: Expr) -> Number:
    """A single number; a truth counts where the formula itself makes it, not where a cell holds it."""
    made = isinstance(arg, Binary | Truth) or (isinstance(arg, Call) and arg.name in ("AND", "OR", "NOT"))
    return scope.number(arg) if made else _numbers(scope, arg)


def _numbers(scope: Scope, arg: Expr) -> Number:
    """What a range holds: numbers. Truths in one do not count, and the oracle knows how."""
    value = scope.lower(arg)
    if isinstance(value, Flag):
        raise Unsupported("truths in a range of numbers")
    return as_number(value)


def _counted(scope: Scope, arg: Expr) -> Number:
    inner = scope.opened(arg)
    value = _single(scope, arg) if _is_single(scope, inner) else _numbers(inner, arg)
    if inner.inner is not None:
        return _reduced(scope, inner, value, "count")
    sound = Op("sound", (value.top,), (), replace(_traits(value.top), fallible=False))
    if _is_single(scope, inner):
        return Number(sound)
    return Number(Op("fold", (sound,), ("sum",), replace(_traits(sound), monthly=False)))


def _reduced(scope: Scope, inner: Scope, value: Number, kind: str) -> Number:
    """The reduction of a value over the months that `inner` opened, then over its rows."""
    folds = inner.monthly and not scope.monthly
    if inner.monthly and inner.inner is not None and not folds:
        raise Unsupported("rows of one month")
    bottom_moves = value.bottom is not None and (inner.inner is not None or value.bottom.monthly)
    if bottom_moves or (value.bottom is not None and kind == "count"):
        raise Unsupported("a sum of quotients")
    op, rows_kind = value.top, kind
    if folds:
        op = Op("fold", (op,), (kind,), replace(_traits(op), monthly=False))
        rows_kind = "sum" if kind == "count" else kind
    if inner.inner is not None:
        op = Op("total", (op,), (rows_kind, inner.inner), Traits(SUBMISSION, op.yearly, False, False))
    return Number(op, Fraction(1) if kind == "count" else value.unit, value.bottom)


def _extreme(scope: Scope, call: Call, kind: str) -> Typed:
    """The extreme of all arguments; a whole column without rows has none to give."""
    result, known = number(0), constant(0)
    for arg in call.args:
        part, rows = _aggregate(scope, arg, kind), constant(1)
        if scope.opened(arg).inner is not None and len(call.args) > 1:
            rows = Op("different", (_aggregate(scope, arg, "count").top, constant(0)))
        result, known = _further(kind, (result, known), (part, rows))
    return result


def _further(kind: str, a: tuple[Number, Op], b: tuple[Number, Op]) -> tuple[Number, Op]:
    """The extreme of two, each with whether it is there."""
    (x, has_x), (y, has_y) = a, b
    if value_of(has_x) == 0:
        return b
    both = extreme(kind, x, y)
    if value_of(has_y) is None:
        both = chosen(has_y, both, x)
    if value_of(has_x) is None:
        both = chosen(has_x, both, y)
    known = constant(1) if value_of(has_x) or value_of(has_y) else Op("or", (has_x, has_y))
    return both, known


def _total_where(scope: Scope, kind: str, summed: Expr | None, criteria: Sequence[Expr]) -> Typed:
    if scope.inner is not None:
        raise Unsupported("a conditional total within another")
    ranges = [*criteria[::2], *([summed] if summed else [])]
    inner = scope.opened(Call("_", tuple(ranges)))
    if inner.inner is None or inner.monthly != scope.monthly:
        raise Unsupported("a conditional total of single values")
    value = _numbers(inner, summed) if summed else number(1)
    keys = [_pair(inner, scope, r, c) for r, c in zip(criteria[::2], criteria[1::2], strict=True)]
    return grouped(inner, kind, value, keys)


def grouped(inner: Scope, kind: str, value: Number, keys: Sequence[tuple[Op, Op]]) -> Number:
    """The total of a value over the rows of `inner` whose keys equal what is asked for each lane."""
    if value.bottom is not None:
        raise Unsupported("a conditional sum of quotients")
    assert inner.inner is not None
    asked = [criterion for _, criterion in keys]
    if any(op.monthly for pair in keys for op in pair):
        raise Unsupported("a criterion that differs by month")
    space = join_space([SUBMISSION, *[op.space for op in asked]])
    args = (value.top, *[key for key, _ in keys], *asked)
    traits = Traits(space, True, value.top.monthly, any(op.fallible for op in asked))
    return Number(Op("total_where", args, (kind, inner.inner), traits), Fraction(1) if kind == "count" else value.unit)


def _pair(inner: Scope, scope: Scope, ranged: Expr, criterion: Expr) -> tuple[Op, Op]:
    held_there, asked = inner.lower(ranged), scope.lower(criterion)
    match held_there, asked:
        case Code(op, of), Code() | Label():
            return op, as_code(scope.source, asked, of)
        case Number(op, unit, None), Number(top, step, None) if (step / unit).denominator == 1:
            return op, held(Number(top, step), unit)
        case Flag(op), Flag(other):
            return op, other
    raise Unsupported("a criterion other than equality")


def _norm(scope: Scope, args: Sequence[Expr]) -> tuple[Op, Fraction]:
    match args[0]:
        case Text(name):
            pass
        case _:
            raise Unsupported("a norm without a literal name")
    declared, dense = scope.source.norms.norms[name], scope.source.dense(name)
    keys = []
    for key, arg in zip(declared.keys, args[1:], strict=True):
        if key.kind == "code":
            keys.append(as_code(scope.source, scope.lower(arg), key.of))
        else:
            keys.append(held(scope.number(arg), Fraction(1), "floor"))
    if dense.values is None:
        raise Unsupported("a norm that is no dense table")
    joint = _joint(tuple(keys))
    traits = Traits(joint.space, True, joint.monthly or scope.monthly, True)
    return Op("norm", tuple(keys), (name,), traits), Fraction(1, 10**dense.digits)


def _date_part(scope: Scope, call: Call, kind: str) -> Number:
    return Number(Op(f"date_{kind}", (_day(scope, call.args[0]),)))


def _day(scope: Scope, arg: Expr) -> Op:
    """A day of the calendar; what is none is #NUM!."""
    day = held(scope.number(arg), Fraction(1), "floor")
    return Op("day", (day,), (), replace(_traits(day), fallible=True))


def _moved(scope: Scope, call: Call, kind: str) -> Number:
    if any(isinstance(scope.lower(arg), Flag) for arg in call.args):
        raise Unsupported("a truth as a date")
    start = _day(scope, call.args[0])
    months = _whole(rounded(scope.number(call.args[1]), 0, "zero"))
    return Number(Op(kind, (start, months), (), replace(_joint((start, months)), fallible=True)))


def _whole(value: Number) -> Op:
    return held(value, Fraction(1), "zero") if value.unit != 1 or value.bottom is not None else value.top


def _traits(op: Op) -> Traits:
    return Traits(op.space, op.yearly, op.monthly, op.fallible)


def _joint(args: tuple[Op, ...]) -> Traits:
    return _traits(Op("", args))
