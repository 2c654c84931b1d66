"""OWN.LINES written out: the sums of the forms that put lines in the budget, as their `lines:` declare it.

`OWN.LINES("specific", [@specific], "kind", "base")` is what this submission itself puts in the budget under that
specific and kind; without arguments it is all of it. A ruleset that is read has in its place the sums for which it
stands, each under the condition that the line's codes are the asked ones. So checker, kernels, oracle and explanation
meet nothing new, and a summary reads a new form from the day on which the form declares its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.formula import Binary, Call, Column, Expr, Name, Number, Text, Unary, walk
from engine.formula.tokens import Span
from engine.ruleset import STATED, Check, Form, Formula, HeaderField, LineRule
from engine.ruleset.forms import LINE_KEYS

NAME = "OWN.LINES"
Asked = tuple[str, Expr]
"""A dimension of lines and the code that is asked for."""


def written_out(forms: Mapping[str, Form], header: Mapping[str, HeaderField]) -> dict[str, Form]:
    """The same forms with OWN.LINES written out in columns and checks; calls that mean nothing stay as they are."""
    own = _OwnLines(forms, header)
    return {name: own.form(form) for name, form in forms.items()}


def meaningless(call: Call) -> Expr | None:
    """The first argument that should name a dimension of lines, and does not."""
    return next((arg for arg in call.args[::2] if not isinstance(arg, Text) or arg.value not in LINE_KEYS), None)


@dataclass(frozen=True, slots=True)
class _OwnLines:
    forms: Mapping[str, Form]
    header: Mapping[str, HeaderField]

    def form(self, form: Form) -> Form:
        if not any(_asks(formula) for formula in _formulas(form)):
            return form
        columns = {
            name: replace(column, formula=self._formula(column.formula)) if column.formula else column
            for name, column in form.columns.items()
        }
        return replace(form, columns=columns, checks={name: self._check(check) for name, check in form.checks.items()})

    def _check(self, check: Check) -> Check:
        given = {name: self._formula(formula) for name, formula in check.given.items()}
        return replace(check, asserts=self._formula(check.asserts), given=given)

    def _formula(self, formula: Formula) -> Formula:
        if not _asks(formula):
            return formula
        return replace(formula, tree=self._tree(formula.tree))

    def _tree(self, node: Expr) -> Expr:
        match node:
            case Call(name, args) if name == NAME and len(args) % 2 == 0 and meaningless(node) is None:
                asked = [(_word(args[i]), self._tree(args[i + 1])) for i in range(0, len(args), 2)]
                return self._sum(asked, (node.span[0], node.span[0]))
            case Call(args=args):
                return replace(node, args=tuple(self._tree(arg) for arg in args))
            case Binary(left=left, right=right):
                return replace(node, left=self._tree(left), right=self._tree(right))
            case Unary(operand=operand):
                return replace(node, operand=self._tree(operand))
        return node

    def _sum(self, asked: Sequence[Asked], at: Span) -> Expr:
        """All that is put in under the asked codes, added two by two; `at` marks what nobody has written."""
        rules = [(form, rule) for form in self.forms.values() for rule in form.lines if rule.amount in form.columns]
        parts = [part for form, rule in rules if (part := self._part((form, rule), asked, at)) is not None]
        while len(parts) > 1:
            pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
            parts = [pair[0] if len(pair) == 1 else Binary("+", pair[0], pair[1], at) for pair in pairs]
        return parts[0] if parts else _nought(at)

    def _part(self, of: tuple[Form, LineRule], asked: Sequence[Asked], at: Span) -> Expr | None:
        """What one rule puts in under the asked codes; None where it never has them."""
        form, rule = of
        tests: list[Expr] = []
        criteria: list[Expr] = []
        for name, value in asked:
            key = rule.keys.get(name)
            if key is not None and key.startswith("="):
                criteria += [Column(form.name, key[1:], False, at), value]
            elif key is None and name in self.header:
                tests.append(Binary("=", value, Name(name, at), at))
            else:
                stated = key or STATED.get(name, "")
                if not isinstance(value, Text):
                    tests.append(Binary("=", value, Text(stated, at), at))
                elif value.value.casefold() != stated.casefold():
                    return None
        amount = Column(form.name, rule.amount, False, at)
        total = Call("SUMIFS", (amount, *criteria), at) if criteria else Call("SUM", (amount,), at)
        if not tests:
            return total
        return Call("IF", (tests[0] if len(tests) == 1 else Call("AND", tuple(tests), at), total, _nought(at)), at)


def _asks(formula: Formula) -> bool:
    if NAME not in formula.text.upper():
        return False
    return any(isinstance(node, Call) and node.name == NAME for node in walk(formula.tree))


def _formulas(form: Form) -> Iterator[Formula]:
    yield from (column.formula for column in form.columns.values() if column.formula)
    for check in form.checks.values():
        yield from (check.asserts, *check.given.values())


def _word(arg: Expr) -> str:
    return arg.value if isinstance(arg, Text) else ""


def _nought(at: Span) -> Expr:
    return Number(Fraction(0), "0", at)
