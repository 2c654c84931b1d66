"""Judges one formula: what every part of it is, and what cannot stand where it stands.

A `Judge` knows where its formula is evaluated (which form, on a row or not, in a month or not). It goes through the
tree from the leaves up, tells each slip at its place, and takes what is wrong as `any`, which agrees with everything,
so that one slip is one finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.check import calls as judge_calls
from engine.check.judged import ANY, DATE, DAY, FREE, TEXT, TRUTH, Judged, joined, of_type
from engine.check.review import RESERVED, Review
from engine.check.words import Owner, titled
from engine.findings import Place
from engine.formula import (
    Array,
    Binary,
    Call,
    Column,
    Expr,
    Name,
    Number,
    Text,
    Truth,
    Unary,
    print_formula,
)
from engine.ruleset import Form, Formula
from engine.text.nearest import nearest
from engine.units import PLAIN, Unit

LINES = "lines"
LINE_CODES = (
    "institution", "administrator", "programme", "subprogramme", "specific", "kind", "stage", "budget", "side",
)  # fmt: skip
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Judge:
    """Where a formula stands and whom its findings speak of."""

    review: Review
    owner: Owner
    formula: Formula
    form: Form | None = None
    row: bool = True
    month: bool = False
    population: bool = False
    """Inside the arguments of a population function, where `[c]` means `[@c]`."""
    names: Mapping[str, Judged] = field(default_factory=dict)
    """What LET has named, in small letters."""

    def result(self) -> Judged:
        """What the whole formula is; it must not range over anything."""
        value = self.value(self.formula.tree)
        if value.rows:
            got = _shown(value.rows[0][1])
            self.finding("range-where-value-expected", value.rows[0][1], got=got, hint=f"SUM({got})")
        elif isinstance(value.months, Name):
            self.finding("month-in-yearly-formula", value.months)
        elif value.months is not None:
            got = _shown(value.months)
            self.finding("month-where-year-expected", value.months, got=got, hint=f"SUM({got})")
        else:
            return value
        return ANY

    def finding(self, code: str, node: Expr, **args: object) -> None:
        """Add a finding at a part of the formula."""
        told = {name: value.words if isinstance(value, Judged) else value for name, value in args.items()}
        self.review.finding(code, self.place(node), owner=self.owner, **told)

    def place(self, node: Expr) -> Place:
        """Where a part of the formula stands."""
        return self.formula.at(node.span[0])

    def value(self, node: Expr) -> Judged:
        """What a part of the formula is."""
        match node:
            case Number():
                return FREE
            case Text():
                return Judged("text", texts=(node,), literal=True)
            case Truth():
                return TRUTH
            case Name():
                return self.name(node)
            case Column():
                return self.column(node)
            case Array():
                return self.array(node)
            case Unary():
                return self.as_number(node.operand, self.value(node.operand))
            case Binary():
                return self.binary(node)
            case Call():
                return judge_calls.call(self, node)
        return ANY

    def name(self, node: Name) -> Judged:
        """A bare name: LET's, reserved, or the header's."""
        if node.name.casefold() in self.names:
            return self.names[node.name.casefold()]
        header = self.review.ruleset.header
        if node.name in header:
            return of_type(header[node.name].type)
        if node.name == "year":
            return Judged("number", PLAIN)
        if node.name == "month":
            return DATE if self.month else replace(DATE, months=node)
        forms = self.review.ruleset.forms
        if node.name == LINES or node.name in forms:
            self.finding("form-where-value-expected", node, got=node.name, hint=f"{node.name}[…]")
        elif self.form and node.name in self.form.columns:
            self.finding("name-unknown", node, got=node.name, nearest=f"[@{node.name}]")
        else:
            likely = nearest(node.name, (*self.names, *header, *RESERVED))
            self.finding("name-unknown", node, got=node.name, nearest=likely)
        return ANY

    def column(self, node: Column) -> Judged:
        """`[@c]`, `[c]`, `form[@c]` or `form[c]`."""
        if node.form == LINES:
            return self.line_column(node)
        if node.form is not None and not self.review.known(
            "form-unknown", node.form, (*self.review.ruleset.forms, LINES), self.place(node)
        ):
            return ANY
        form = self.form if node.form is None else self.review.ruleset.forms[node.form]
        if form is None:
            self.finding("row-where-none", node, got=_shown(node))
            return ANY
        column = self.review.column(form, node.column, self.place(node))
        if column is None:
            return ANY
        value = of_type(column.type)
        if column.per_month and not self.month:
            value = replace(value, months=node)
        if node.this_row or (self.population and self.same_rows(form)):
            return value if self.on_row(node, form) else ANY
        return replace(value, rows=((self.review.root(form.name), node),))

    def same_rows(self, form: Form) -> bool:
        """Whether a form's rows are those on which this formula is evaluated."""
        return self.form is not None and self.review.root(form.name) == self.review.root(self.form.name)

    def on_row(self, node: Column, form: Form) -> bool:
        """Whether `[@…]` has a row to mean here; else the finding."""
        if not self.same_rows(form):
            own = titled(self.form.title, self.form.name) if self.form else ""
            other = titled(form.title, form.name)
            self.finding("row-of-other-form", node, got=_shown(node), form=own, other=other)
        elif not self.row and not self.population:
            self.finding("row-where-none", node, got=_shown(node))
        else:
            return True
        return False

    def line_column(self, node: Column) -> Judged:
        """A column of the budget lines handed in from outside."""
        known = (*LINE_CODES, "year", "amount")
        if node.column not in known:
            likely = nearest(node.column, known)
            self.review.finding("column-not-in-form", self.place(node), column=node.column, form=LINES, nearest=likely)
            return ANY
        if node.this_row:
            own = titled(self.form.title, self.form.name) if self.form else ""
            self.finding("row-of-other-form", node, got=_shown(node), form=own, other=LINES)
            return ANY
        rows = ((LINES, node),)
        if node.column == "amount":
            return Judged("number", Unit((("KZT", 1),)), rows=rows)
        if node.column == "year":
            return Judged("number", PLAIN, rows=rows)
        coded = node.column in self.review.norms.classifications
        return Judged("code" if coded else "text", classification=node.column if coded else None, rows=rows)

    def array(self, node: Array) -> Judged:
        """`{1,2;3,4}`: what its items are, one or the other."""
        value: Judged | None = ANY
        for row in node.rows:
            for item in row:
                value = joined(value, self.value(item)) if value else None
        return value or ANY

    def binary(self, node: Binary) -> Judged:
        """Two parts and an operator; a chain to the left is gone along, not down."""
        chain = [node]
        while isinstance(chain[-1].left, Binary):
            chain.append(chain[-1].left)
        left = self.value(chain[-1].left)
        for step in reversed(chain):
            left = self.operation(step, left)
        return left

    def operation(self, node: Binary, left: Judged) -> Judged:
        """One operator, its left part judged already."""
        right = self.value(node.right)
        if node.op == "&":
            return TEXT.over((left, right))
        if node.op in COMPARISONS:
            return self.comparison(node, left, right)
        if node.op in "+-" and "date" in {left.kind, right.kind}:
            return self.date_shift(node, left, right).over((left, right))
        left, right = self.as_number(node.left, left), self.as_number(node.right, right)
        if "any" in {left.kind, right.kind}:
            return ANY.over((left, right))
        if node.op in "+-":
            return self.together(node, left, right)
        return (self.power(node, left, right) if node.op == "^" else product(node.op, left, right)).over((left, right))

    def as_number(self, node: Expr, value: Judged) -> Judged:
        """What a part counts as in arithmetic; a truth is 0 or 1."""
        if value.kind in {"number", "any"}:
            return value
        if value.kind == "bool":
            return FREE.over((value,))
        self.finding("number-expected", node, got=value, part=_shown(node))
        return ANY.over((value,))

    def together(self, node: Binary, left: Judged, right: Judged) -> Judged:
        """Two parts that must be of one sort, for the result is one or the other, or compares them."""
        both = joined(left, right)
        if both is None:
            parts = {"left": _shown(node.left), "right": _shown(node.right), "got": left, "expected": right}
            self.finding("parts-of-other-units", node.right, operation=node.op, **parts)
            return ANY.over((left, right))
        return self.with_codes(both)

    def with_codes(self, value: Judged) -> Judged:
        """Judge the literal codes that a code may be; each is told once."""
        if value.kind == "code" and value.classification:
            for text in value.texts:
                self.review.code(text.value, value.classification, self.place(text), compared=True)
            return replace(value, texts=())
        return value

    def comparison(self, node: Binary, left: Judged, right: Judged) -> Judged:
        """A comparison; it means something only between things of one sort."""
        self.together(node, left, right)
        return TRUTH.over((left, right))

    def date_shift(self, node: Binary, left: Judged, right: Judged) -> Judged:
        """A date and a number of days is a date; the difference of two dates is days."""
        if left.kind == right.kind == "date" and node.op == "-":
            return Judged("number", DAY if "day" in self.review.norms.units else PLAIN)
        shift, part = (right, node.right) if left.kind == "date" else (left, node.left)
        days = shift.kind == "number" and (shift.unit is None or shift.unit == DAY)
        if shift.kind != "any" and not (days and (left.kind == "date" or node.op == "+")):
            self.finding("days-expected", part, got=shift, part=_shown(part))
        return DATE

    def power(self, node: Binary, left: Judged, right: Judged) -> Judged:
        """A unit can be raised to a literal whole power only."""
        if left.plain_or_free:
            return left
        exponent = node.right.value if isinstance(node.right, Number) else None
        if left.unit is not None and exponent is not None and exponent.denominator == 1 and right.unit is None:
            return Judged("number", left.unit ** int(exponent))
        self.finding("number-without-unit-expected", node.left, got=left, part=_shown(node.left))
        return ANY


def product(op: str, left: Judged, right: Judged) -> Judged:
    """The unit of × and ÷; what came of literals alone still takes any."""
    if left.unit is None and right.unit is None:
        return FREE
    a, b = left.unit or PLAIN, right.unit or PLAIN
    return Judged("number", a * b if op == "*" else a / b)


def _shown(node: Expr) -> str:
    text = print_formula(node)[1:]
    return text if len(text) <= 60 else text[:59] + "…"
