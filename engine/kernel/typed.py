"""The typed form of a formula: operations over lanes of whole numbers, with the exact rational algebra above them.

An `Op` is a node of whole numbers; its lanes are rows, submissions or a single value (`space`), at one or twelve
moments of a year. A `Number` stands for the exact value top × unit ÷ bottom: `unit` is a positive rational known
now, so that a constant factor or divisor costs nothing; `bottom` is an op that is positive and no error everywhere:
the errors of a number are those of its `top`, in the order in which its formula meets them.
Only a rounding (`held`) makes a whole number of a quotient, once, half away from zero. Both runners (`columns`,
`fused`) work on ops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

UNIFORM = ""
"""The space of what is the same for every row."""
SUBMISSION = "*"
"""The space of what a submission has once."""


class Unsupported(Exception):
    """The kernels do not know this construct; its column is left to the oracle. Never leaves the engine."""


class Op:
    """One operation; equal ops are the same operation, so a dictionary shares common subexpressions."""

    __slots__ = ("_hash", "args", "detail", "fallible", "kind", "monthly", "space", "yearly")

    def __init__(
        self, kind: str, args: tuple[Op, ...] = (), detail: tuple[object, ...] = (), traits: Traits | None = None
    ) -> None:
        self.kind, self.args, self.detail = kind, args, detail
        traits = traits or _joined(kind, args)
        self.space, self.yearly, self.monthly, self.fallible = (
            traits.space,
            traits.yearly,
            traits.monthly,
            traits.fallible,
        )
        self._hash = hash((kind, args, detail, self.monthly))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Op)
            and self._hash == other._hash
            and self.kind == other.kind
            and self.monthly == other.monthly
            and self.detail == other.detail
            and self.args == other.args
        )

    def __repr__(self) -> str:
        inside = ", ".join([*map(repr, self.args), *map(str, self.detail)])
        return f"{self.kind}({inside})"


@dataclass(frozen=True, slots=True)
class Traits:
    """Where the lanes of an op live, whether they differ by year and by month, and whether one may be an error."""

    space: str = UNIFORM
    yearly: bool = False
    monthly: bool = False
    fallible: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """top × unit ÷ bottom (bottom None is 1)."""

    top: Op
    unit: Fraction = Fraction(1)
    bottom: Op | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A truth: an op of 0 and 1."""

    op: Op


@dataclass(frozen=True, slots=True)
class Code:
    """A position in a classification; -1 is a blank."""

    op: Op
    classification: str


@dataclass(frozen=True, slots=True)
class Label:
    """A literal text, until a code says in which classification it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two codes or literal texts, until a code says in which classification the texts stand."""

    condition: Op
    yes: Typed
    no: Typed


Typed = Number | Flag | Code | Label | Choice


def ops_of(typed: Typed | None) -> tuple[Op, ...]:
    """The ops that it is made of, if it is made of any alone."""
    match typed:
        case Number(top, _, bottom):
            return (top,) if bottom is None else (top, bottom)
        case Flag(op) | Code(op, _):
            return (op,)
    return ()


def constant(value: int) -> Op:
    """A whole number known now."""
    return Op("constant", (), (value,))


def number(value: Fraction | int) -> Number:
    """An exact number known now."""
    value = Fraction(value)
    return Number(constant(0)) if value == 0 else Number(constant(1 if value > 0 else -1), abs(value))


def value_of(op: Op) -> int | None:
    """The whole number of a constant op, else None."""
    return int(str(op.detail[0])) if op.kind == "constant" else None


def plus(a: Number, b: Number) -> Number:
    """a + b."""
    a, b = _one_bottom(a, b)
    (x, y), unit = _one_unit(a, b)
    return Number(_arithmetic("add", x, y), unit, a.bottom)


def minus(a: Number, b: Number) -> Number:
    """a − b."""
    a, b = _one_bottom(a, b)
    (x, y), unit = _one_unit(a, b)
    return Number(_arithmetic("subtract", x, y), unit, a.bottom)


def times(a: Number, b: Number) -> Number:
    """a × b."""
    return Number(_arithmetic("multiply", a.top, b.top), a.unit * b.unit, _product(a.bottom, b.bottom))


def over(a: Number, b: Number) -> Number:
    """a ÷ b; where b is 0 the lane is #DIV/0!."""
    known = value_of(b.top)
    if known:
        top = a.top if known > 0 else negated(a.top)
        top = top if b.bottom is None else _arithmetic("multiply", top, b.bottom)
        return Number(top, a.unit / (b.unit * abs(known)), a.bottom)
    divisor = Op("fail", (Op("equal", (b.top, constant(0))), b.top), ("#DIV/0!",), _failing(b.top))
    top = a.top if b.bottom is None else _arithmetic("multiply", a.top, b.bottom)
    signed = Op("signed", (top, divisor))
    return Number(signed, a.unit / b.unit, _product(a.bottom, Op("positive", (divisor,))))


def negate(a: Number) -> Number:
    """−a."""
    return Number(negated(a.top), a.unit, a.bottom)


def absolute(a: Number) -> Number:
    """|a|."""
    return Number(Op("absolute", (a.top,)), a.unit, a.bottom)


def negated(op: Op) -> Op:
    """The op of opposite sign."""
    known = value_of(op)
    return Op("negative", (op,)) if known is None else constant(-known)


def rounded(a: Number, digits: int, mode: str = "half") -> Number:
    """a rounded to `digits` decimals: `half` away from zero, `floor`, `zero` (toward) or `away` (from zero)."""
    step = Fraction(1, 10) ** digits
    return Number(held(a, step, mode), step)


def held(a: Number, step: Fraction, mode: str = "half") -> Op:
    """a ÷ step as a whole number, rounded by `mode`."""
    ratio = a.unit / step
    top = scaled(a.top, ratio.numerator)
    if a.bottom is None and ratio.denominator == 1:
        return top
    bottom = constant(ratio.denominator) if a.bottom is None else scaled(a.bottom, ratio.denominator)
    return Op("quotient", (top, bottom), (mode,))


def compared(kind: str, a: Number, b: Number) -> Flag:
    """`less`, `at_most`, `equal` or `different`: a against b, exactly."""
    a, b = _one_bottom(a, b)
    (x, y), _ = _one_unit(a, b)
    return Flag(Op(kind, (x, y)))


def chosen(condition: Op, yes: Number, no: Number) -> Number:
    """yes where the condition holds, else no; an error in the other branch does not count."""
    (x, y), unit = _one_unit(yes, no)
    top = Op("select", (condition, x, y))
    if yes.bottom is None and no.bottom is None:
        return Number(top, unit)
    one = constant(1)
    return Number(top, unit, Op("select", (condition, yes.bottom or one, no.bottom or one)))


def extreme(kind: str, a: Number, b: Number) -> Number:
    """`minimum` or `maximum` of two."""
    if a.bottom is None and b.bottom is None:
        (x, y), unit = _one_unit(a, b)
        return Number(Op(kind, (x, y)), unit)
    less = compared("less", a, b).op
    return chosen(less, a, b) if kind == "minimum" else chosen(less, b, a)


def scaled(op: Op, factor: int) -> Op:
    """op × factor, folded where both are known."""
    if factor == 1:
        return op
    known = value_of(op)
    return constant(known * factor) if known is not None else Op("multiply", (op, constant(factor)))


def join_space(spaces: Sequence[str]) -> str:
    """The space in which values of these spaces meet; two row spaces do not."""
    present = set(spaces) - {UNIFORM}
    rows = present - {SUBMISSION}
    if len(rows) > 1:
        raise Unsupported(f"row spaces {sorted(rows)} in one expression")
    return next(iter(rows)) if rows else (SUBMISSION if present else UNIFORM)


def _joined(kind: str, args: tuple[Op, ...]) -> Traits:
    return Traits(
        join_space([a.space for a in args]),
        any(a.yearly for a in args),
        any(a.monthly for a in args),
        any(a.fallible for a in args),
    )


def _failing(*args: Op) -> Traits:
    joined = _joined("", args)
    return Traits(joined.space, joined.yearly, joined.monthly, True)


def failing(condition: Op, value: Op, code: str) -> Op:
    """value, or the error `code` where the condition holds."""
    return Op("fail", (condition, value), (code,), _failing(condition, value))


def _arithmetic(kind: str, a: Op, b: Op) -> Op:
    x, y = value_of(a), value_of(b)
    if kind == "multiply":
        if x is not None:
            return scaled(b, x) if x else (constant(0) if not b.fallible else Op(kind, (a, b)))
        if y is not None:
            return scaled(a, y) if y else (constant(0) if not a.fallible else Op(kind, (a, b)))
    elif x is not None and y is not None:
        return constant(x + y if kind == "add" else x - y)
    elif y == 0:
        return a
    elif x == 0 and kind == "add":
        return b
    return Op(kind, (a, b))


def _product(a: Op | None, b: Op | None) -> Op | None:
    return b if a is None else a if b is None else Op("multiply", (a, b))


def _one_bottom(a: Number, b: Number) -> tuple[Number, Number]:
    if a.bottom == b.bottom:
        return a, b
    bottom = _product(a.bottom, b.bottom)
    x = a.top if b.bottom is None else _arithmetic("multiply", a.top, b.bottom)
    y = b.top if a.bottom is None else _arithmetic("multiply", b.top, a.bottom)
    return Number(x, a.unit, bottom), Number(y, b.unit, bottom)


def _one_unit(a: Number, b: Number) -> tuple[tuple[Op, Op], Fraction]:
    if value_of(a.top) == 0:
        return (a.top, b.top), b.unit
    if value_of(b.top) == 0:
        return (a.top, b.top), a.unit
    unit = Fraction(
        gcd(a.unit.numerator, b.unit.numerator),
        lcm(a.unit.denominator, b.unit.denominator),
    )
    return (scaled(a.top, int(a.unit / unit)), scaled(b.top, int(b.unit / unit))), unit
