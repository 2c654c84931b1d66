"""From a formula's tree to its typed form: every reference becomes a read, every number an exact multiple of a unit.

A `Scope` says where a formula is evaluated: on the rows of which form, and whether a month is bound. An aggregate
opens a scope of its own: of the rows of a whole column, and of the months where it closes a monthly expression.
What the kernels do not know raises `Unsupported`, and the oracle runs that column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from engine.formula import Binary, Call, Column, Expr, Name, Text, Truth, Unary, children
from engine.formula import Number as Literal
from engine.kernel.typed import (
    SUBMISSION,
    Choice,
    Code,
    Flag,
    Label,
    Number,
    Op,
    Traits,
    Typed,
    Unsupported,
    chosen,
    compared,
    constant,
    held,
    minus,
    negate,
    number,
    over,
    plus,
    times,
)
from engine.norms import Norms
from engine.norms.dense import DenseNorm
from engine.ruleset import Form, Ruleset, ValueType


@dataclass(frozen=True, slots=True)
class Source:
    """What formulas are lowered against: the ruleset, its norms as dense tables, and the root form of each form's
    rows."""

    ruleset: Ruleset
    norms: Norms
    dense: Callable[[str], DenseNorm]
    kernels: Mapping[str, Kernel]
    closing: frozenset[str]
    """The functions that close rows and months."""

    def root(self, form: str) -> str:
        """The form whose rows a form shares: itself unless it is derived with `each`."""
        rows = self.ruleset.forms[form].rows
        return self.root(rows.forms[0]) if rows.kind == "each" else form

    def position(self, classification: str, code: str) -> int:
        """A code's position; -1 is a blank, -2 a code that the classification does not have."""
        return -1 if code == "" else self.norms.classifications[classification].positions.get(code, -2)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression is evaluated: `form` owns bare `[c]`, `inner` are the rows of an open aggregate."""

    source: Source
    form: Form | None
    monthly: bool = False
    inner: str | None = None
    names: Mapping[str, Typed] = field(default_factory=dict)

    def lower(self, expr: Expr) -> Typed:
        """The typed form of an expression here."""
        match expr:
            case Literal():
                return number(expr.value)
            case Text():
                return Label(expr.value)
            case Truth():
                return Flag(constant(int(expr.value)))
            case Name():
                return self._name(expr.name)
            case Column():
                return self._column(expr)
            case Unary():
                return self._unary(expr)
            case Binary():
                return self._binary(expr)
            case Call():
                return self._call(expr)
        raise Unsupported(type(expr).__name__)

    def number(self, expr: Expr) -> Number:
        """An expression as a number; a truth counts 1 or 0."""
        return as_number(self.lower(expr))

    def flag(self, expr: Expr) -> Op:
        """An expression as a truth; a number other than 0 is true."""
        return as_flag(self.lower(expr))

    def read(self, form: str, column: str) -> Typed:
        """A column's value in the row at hand."""
        declared = self.source.ruleset.forms[form].columns[column]
        if declared.per_month and not self.monthly:
            raise Unsupported("a monthly value outside an aggregate")
        yearly = declared.by_year or declared.formula is not None
        traits = Traits(self.source.root(form), yearly, declared.per_month, True)
        return typed_as(declared.type, Op("read", (), (form, column), traits), declared.digits)

    def _name(self, name: str) -> Typed:
        bound = {key.lower(): value for key, value in self.names.items()}.get(name.lower())
        if bound is not None:
            return bound
        if name.lower() == "year":
            return Number(Op("year", (), (), Traits(yearly=True)))
        if name.lower() == "month":
            if not self.monthly:
                raise Unsupported("`month` without a month")
            return Number(Op("month", (), (), Traits(yearly=True, monthly=True)))
        declared = self.source.ruleset.header[name]
        op = Op("header", (), (name,), Traits(SUBMISSION, fallible=True))
        return typed_as(declared.type, op, declared.digits)

    def _column(self, ref: Column) -> Typed:
        form = ref.form or (self.form.name if self.form else "")
        root = self.source.root(form) if form in self.source.ruleset.forms else None
        if root is None:
            raise Unsupported(f"the table {form}")
        if ref.this_row and self.inner is not None:
            raise Unsupported("the outer row inside an aggregate")
        if not ref.this_row and self.inner != root:
            raise Unsupported("a whole column where one value is expected")
        return self.read(form, ref.column)

    def _unary(self, expr: Unary) -> Typed:
        value = self.number(expr.operand)
        if expr.op == "%":
            return times(value, number(Fraction(1, 100)))
        return negate(value) if expr.op == "-" else value

    def _binary(self, expr: Binary) -> Typed:
        if expr.op in _COMPARISONS:
            return self._comparison(expr)
        if expr.op == "^":
            return self._power(expr)
        if expr.op not in _ARITHMETIC:
            raise Unsupported(expr.op)
        return _ARITHMETIC[expr.op](self.number(expr.left), self.number(expr.right))

    def _power(self, expr: Binary) -> Number:
        match expr.right:
            case Literal(value) if value.denominator == 1 and 1 <= value <= 8:
                base = self.number(expr.left)
                result = base
                for _ in range(int(value) - 1):
                    result = times(result, base)
                return result
        raise Unsupported("a power that is not a small whole number")

    def _comparison(self, expr: Binary) -> Flag:
        return compare(self.source, expr.op, self.lower(expr.left), self.lower(expr.right))

    def _call(self, expr: Call) -> Typed:
        kernel = self.source.kernels.get(expr.name)
        if kernel is None:
            raise Unsupported(expr.name)
        return kernel(self, expr)

    def opened(self, expr: Expr) -> Scope:
        """The scope of an aggregate's argument: its rows if it names whole columns, its months if it is monthly."""
        roots, monthly = set(), self.monthly
        for node in _open(expr, self.source.closing):
            if isinstance(node, Column):
                form = node.form or (self.form.name if self.form else "")
                if form not in self.source.ruleset.forms:
                    raise Unsupported(f"the table {form}")
                roots |= set() if node.this_row else {self.source.root(form)}
                monthly |= self.source.ruleset.forms[form].columns[node.column].per_month
            monthly |= isinstance(node, Name) and node.name.lower() == "month"
        if len(roots) > 1:
            raise Unsupported("two row spaces in one aggregate")
        return replace(self, inner=roots.pop() if roots else None, monthly=monthly)


Kernel = Callable[[Scope, Call], Typed]

_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {"+": plus, "-": minus, "*": times, "/": over}
_COMPARISONS = {"=", "<>", "<", "<=", ">", ">="}


def typed_as(declared: ValueType, op: Op, digits: int | None) -> Typed:
    """An op that holds cells of a declared type."""
    match declared.kind:
        case "number":
            return Number(op, Fraction(1, 10 ** (digits or 0)))
        case "date":
            return Number(op)
        case "bool":
            return Flag(op)
        case "code":
            return Code(op, declared.classification or "")
    raise Unsupported(declared.kind)


def as_number(value: Typed) -> Number:
    """A value where a number is expected."""
    match value:
        case Number():
            return value
        case Flag(op):
            return Number(op)
    raise Unsupported("a text where a number is expected")


def as_flag(value: Typed) -> Op:
    """A value where a truth is expected."""
    match value:
        case Flag(op):
            return op
        case Number(top):
            return Op("different", (top, constant(0)))
    raise Unsupported("a text where a truth is expected")


def as_code(source: Source, value: Typed, classification: str) -> Op:
    """A value where a code of that classification is expected."""
    match value:
        case Code(op, of) if of == classification:
            return op
        case Label(text) if (position := source.position(classification, text)) != -2:
            return constant(position)
        case Choice(condition, yes, no):
            codes = (as_code(source, yes, classification), as_code(source, no, classification))
            return Op("select", (condition, *codes))
    raise Unsupported(f"no code of {classification}")


def compare(source: Source, op: str, left: Typed, right: Typed) -> Flag:
    """Excel's comparison of two values of one type."""
    match left, right:
        case (Code(_, of), _) | (_, Code(_, of)):
            if op not in {"=", "<>"}:
                raise Unsupported("an order of codes")
            pair = (as_code(source, left, of), as_code(source, right, of))
            return Flag(Op("equal" if op == "=" else "different", pair))
        case (Number(), Number()) | (Flag(), Flag()):
            a, b = as_number(left), as_number(right)
        case _:
            raise Unsupported("a comparison of unlike types")
    match op:
        case "=":
            return compared("equal", a, b)
        case "<>":
            return compared("different", a, b)
        case "<":
            return compared("less", a, b)
        case "<=":
            return compared("at_most", a, b)
        case ">":
            return Flag(Op("not", (compared("at_most", a, b).op,)))
    return Flag(Op("not", (compared("less", a, b).op,)))


def select(condition: Op, yes: Typed, no: Typed) -> Typed:
    """IF's value: both branches of one type."""
    match yes, no:
        case (Code(x, of), Code(y, other)) if of == other:
            return Code(Op("select", (condition, x, y)), of)
        case (Flag(x), Flag(y)):
            return Flag(Op("select", (condition, x, y)))
        case (Number() | Flag(), Number() | Flag()):
            return chosen(condition, as_number(yes), as_number(no))
        case (Code() | Label() | Choice(), Code() | Label() | Choice()):
            return Choice(condition, yes, no)
    raise Unsupported("branches of unlike types")


def column_op(source: Source, form: Form, column: str) -> Op:
    """A computed column's cell as an op: its formula, rounded once to the column's digits."""
    declared = form.columns[column]
    assert declared.formula is not None
    value = Scope(source, form, declared.per_month).lower(declared.formula.tree)
    match declared.type.kind:
        case "number":
            return held(as_number(value), Fraction(1, 10 ** (declared.digits or 0)))
        case "date":
            return held(as_number(value), Fraction(1))
        case "bool":
            return as_flag(value)
        case "code":
            return as_code(source, value, declared.type.classification or "")
    raise Unsupported(declared.type.kind)


def _open(expr: Expr, closing: frozenset[str]) -> Iterator[Expr]:
    """An expression and what is in it, but not inside a function that closes rows and months."""
    yield expr
    if not (isinstance(expr, Call) and expr.name in closing):
        for child in children(expr):
            yield from _open(child, closing)
