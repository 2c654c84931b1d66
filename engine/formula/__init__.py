"""Excel's formula language as a tree that prints back to the same formula.

`parse("=SUM([salary]) * [@staff]")` gives an `Expr`, or None and the problems; `print_formula` is its inverse up to
white space and needless parentheses. The canonical text has English names, `.` in decimals and `,` between arguments.
Nodes compare equal by what they mean: `span` (first and past-the-last character, counted from the `=`) and a number's
spelling do not take part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from engine.formula.languages import Writing, writing
from engine.formula.tokens import BrokenError, FormulaProblem, Span, Token, is_a1, number, tokens, without_file_prefix
from engine.limits import FORMULA_DEPTH_MAX, FORMULA_HEIGHT_MAX, FORMULA_LENGTH_MAX, NUMBER_EXPONENT_MAX


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number, exact; `text` is how it was written."""

    value: Fraction
    text: str = field(compare=False, default="")
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Text:
    """A literal text, without its quotes."""

    value: str
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Truth:
    """TRUE or FALSE."""

    value: bool
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A literal error such as `#N/A`."""

    code: str
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Missing:
    """An argument left out: the middle one of `IF(a,,b)`."""

    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name: the header's, LET's, or `year`, `month`, `lines`. Names compare without case, stored as written."""

    name: str
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Column:
    """`[@c]` (this row) or `[c]` (the whole column), of this form or of `form[c]`."""

    form: str | None
    column: str
    this_row: bool
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Array:
    """`{1,2;3,4}`: rows of literals; here alone a `Number` may be negative."""

    rows: tuple[tuple[Expr, ...], ...]
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `+x`, or `x%` (op `%`)."""

    op: str
    operand: Expr
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Binary:
    """`^ * / + - & = <> < <= > >=` with Excel's precedence, all associating to the left."""

    op: str
    left: Expr
    right: Expr
    span: Span = field(compare=False, default=(0, 0))


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; `name` in capitals."""

    name: str
    args: tuple[Expr, ...]
    span: Span = field(compare=False, default=(0, 0))


Expr = Number | Text | Truth | ErrorValue | Missing | Name | Column | Array | Unary | Binary | Call


VOLATILE = frozenset("INDIRECT OFFSET NOW TODAY RAND RANDBETWEEN RANDARRAY CELL INFO".split())
"""Their value depends on more than their arguments, so no partial recalculation could equal a full one."""

LEVELS = ({"=", "<>", "<", "<=", ">", ">="}, {"&"}, {"+", "-"}, {"*", "/"}, {"^"})
"""Binary operators from the loosest; then `%`, then the unary signs, which bind tighter than `^` as in Excel."""
_LEVEL = {op: level for level, ops in enumerate(LEVELS) for op in ops}
_PERCENT, _SIGN, _ATOM = len(LEVELS), len(LEVELS) + 1, len(LEVELS) + 2


def parse(text: str, language: str = "en") -> tuple[Expr | None, list[FormulaProblem]]:
    """A formula's tree, or None and why not. The leading `=` may be left out; no text makes it raise. `language` (kk,
    ru or en) is the one it is written in."""
    if len(text) > FORMULA_LENGTH_MAX:
        return None, [FormulaProblem("formula-too-long", (0, 0), str(len(text)), str(FORMULA_LENGTH_MAX))]
    try:
        parser = _Parser(text, writing(language))
        tree = parser.whole()
    except BrokenError as broken:
        return None, [broken.problem]
    if not parser.problems and height(tree) > FORMULA_HEIGHT_MAX:
        parser.problems.append(FormulaProblem("formula-too-deep", tree.span, "", str(FORMULA_HEIGHT_MAX)))
    return (None if parser.problems else tree), parser.problems


def print_formula(expr: Expr, language: str = "en") -> str:
    """The text of a tree, with its `=`; the English one is the canonical text that is stored."""
    return "=" + _printed(expr, 0, writing(language))


def children(expr: Expr) -> tuple[Expr, ...]:
    """The nodes right below one, from left to right."""
    match expr:
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Call(_, args):
            return args
        case Array(rows):
            return tuple(item for row in rows for item in row)
    return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node of a tree, each before those below it, from left to right."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def height(expr: Expr) -> int:
    """How many nodes stand above one another at most."""
    levels, level = 0, [expr]
    while level:
        levels += 1
        level = [below for node in level for below in children(node)]
    return levels


class _Parser:
    """Precedence climbing over tokens; `problems` are those that do not stop the reading."""

    def __init__(self, text: str, how: Writing) -> None:
        blank = len(text) - len(text.lstrip())
        self.writing = how
        self.tokens = tokens(text, blank + text.startswith("=", blank), how)
        self.at = 0
        self.depth = 0
        self.problems: list[FormulaProblem] = []

    def whole(self) -> Expr:
        if self.tokens[0].kind == "end":
            raise BrokenError("formula-empty", self.tokens[0].span)
        tree = self.expression(0)
        if self.tokens[self.at].kind != "end":
            self.unexpected("")
        return tree

    def expression(self, level: int) -> Expr:
        """An expression of operators that bind at least as tightly as `level`."""
        left = self.percent()
        while (binds := _LEVEL.get(self.tokens[self.at].text, -1)) >= level and self.tokens[self.at].kind == "op":
            op = self.take().text
            right = self.expression(binds + 1)
            left = Binary(op, left, right, (left.span[0], right.span[1]))
        return left

    def percent(self) -> Expr:
        operand = self.signed()
        while self.sees("%"):
            operand = Unary("%", operand, (operand.span[0], self.take().end))
        return operand

    def signed(self) -> Expr:
        if not (self.sees("-") or self.sees("+")):
            return self.atom()
        sign = self.take()
        self.enter(sign)
        operand = self.signed()
        self.depth -= 1
        return Unary(sign.text, operand, (sign.start, operand.span[1]))

    def atom(self) -> Expr:
        token = self.tokens[self.at]
        if (token.kind == "op" and token.text not in "({") or token.kind in {"end", "other"}:
            raise BrokenError("formula-value-expected", token.span, token.text)
        self.at += 1
        match token.kind:
            case "number":
                return Number(number(token), token.text, token.span)
            case "text":
                return Text(token.text[1:-1].replace('""', '"'), token.span)
            case "error":
                return ErrorValue(token.text.upper(), token.span)
            case "column":
                return _column(None, token)
            case "name":
                return self.named(token)
        return self.inner(token) if token.text == "(" else self.array(token)

    def inner(self, opening: Token) -> Expr:
        self.enter(opening)
        tree = self.expression(0)
        self.depth -= 1
        self.expect(")")
        return tree

    def named(self, token: Token) -> Expr:
        """A name, TRUE or FALSE, a call, or another form's column."""
        following, name = self.tokens[self.at], without_file_prefix(token.text)
        if following.kind == "column" and following.start == token.end:
            self.at += 1
            return _column(name, following, token.start)
        if following.text == "(":
            return self.call(self.writing.english(name), token)
        if self.writing.english(name) in {"TRUE", "FALSE"}:
            return Truth(self.writing.english(name) == "TRUE", token.span)
        if is_a1(name):
            self.problems.append(FormulaProblem("formula-a1-reference", token.span, token.text, "", "[@column]"))
        return Name(name, token.span)

    def call(self, name: str, token: Token) -> Expr:
        if name in VOLATILE:
            self.problems.append(FormulaProblem("formula-volatile", token.span, token.text))
        self.enter(self.take())
        args: list[Expr] = []
        while not self.sees(")") or args:
            here = self.tokens[self.at]
            empty = here.text in {",", ")"} and here.kind == "op"
            args.append(Missing((here.start, here.start)) if empty else self.expression(0))
            if not self.sees(","):
                break
            self.at += 1
        self.depth -= 1
        return Call(name, tuple(args), (token.start, self.expect(")", f"{self.writing.separator} )").end))

    def array(self, opening: Token) -> Expr:
        rows: list[list[Expr]] = [[self.literal()]]
        while self.sees(",") or self.sees(";"):
            if self.take().text == ";":
                rows.append([])
            rows[-1].append(self.literal())
        span = opening.start, self.expect("}", f"{self.writing.column} ; }}").end
        if len({len(row) for row in rows}) > 1:
            raise BrokenError("formula-array-uneven", span)
        return Array(tuple(tuple(row) for row in rows), span)

    def literal(self) -> Expr:
        """One item of an array: text, truth, error or a number with its sign."""
        sign = self.take() if self.sees("-") or self.sees("+") else None
        token = self.tokens[self.at]
        item = Missing() if token.kind == "op" else self.atom()
        if isinstance(item, Number) and sign:
            minus = "-" if sign.text == "-" else ""
            return Number(-item.value if minus else item.value, minus + item.text, (sign.start, token.end))
        if sign or not isinstance(item, Number | Text | Truth | ErrorValue):
            raise BrokenError("formula-literal-expected", token.span, token.text)
        return item

    def enter(self, token: Token) -> None:
        self.depth += 1
        if self.depth > FORMULA_DEPTH_MAX:
            raise BrokenError("formula-too-deep", token.span, token.text, str(FORMULA_DEPTH_MAX))

    def sees(self, op: str) -> bool:
        return self.tokens[self.at].text == op and self.tokens[self.at].kind == "op"

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, op: str, expected: str = "") -> Token:
        if not self.sees(op):
            self.unexpected(expected or op)
        return self.take()

    def unexpected(self, expected: str) -> None:
        token = self.tokens[self.at]
        hint = self.writing.separator if token.text in {",", ";"} and token.text != self.writing.separator else ""
        raise BrokenError("formula-operator-expected", token.span, token.text, expected, hint)


def _column(form: str | None, token: Token, start: int | None = None) -> Expr:
    """`[c]`, `[@c]`, `[@[c]]` or `[[c]]`, with the form before it."""
    span = token.start if start is None else start, token.end
    inside = token.text[1:-1].strip()
    this_row = inside.startswith("@")
    inside = inside[this_row:].strip()
    if inside.startswith("[") and inside.endswith("]"):
        inside = inside[1:-1].strip()
    name = re.sub(r"'(.)", r"\1", inside, flags=re.DOTALL).strip()
    if not name or re.search(r"(?<!')(?:'')*[][#@]", inside):
        raise BrokenError("formula-column-unclear", token.span, token.text, "[@column]")
    return Column(form, name, this_row, span)


def _printed(expr: Expr, level: int, how: Writing) -> str:
    """The text of a tree, in parentheses where it binds more loosely than `level`."""
    match expr:
        case Binary(op, left, right):
            own, around = _LEVEL[op], "" if op == "^" else " "
            text = f"{_printed(left, own, how)}{around}{op}{around}{_printed(right, own + 1, how)}"
        case Unary("%", operand):
            own, text = _PERCENT, f"{_printed(operand, _PERCENT, how)}%"
        case Unary(op, operand):
            own, text = _SIGN, f"{op}{_printed(operand, _SIGN, how)}"
        case Call(name, args):
            return f"{how.shown(name)}({f'{how.separator} '.join(_printed(arg, 0, how) for arg in args)})"
        case _:
            return _printed_atom(expr, how)
    return f"({text})" if own < level else text


def _printed_atom(expr: Expr, how: Writing) -> str:
    match expr:
        case Number():
            return how.number(expr.text or _decimal(expr.value))
        case Text(value):
            return '"' + value.replace('"', '""') + '"'
        case Truth(value):
            return how.shown("TRUE" if value else "FALSE")
        case ErrorValue(code):
            return how.shown(code)
        case Name(name):
            return name
        case Column():
            return _printed_column(expr)
        case Array(rows):
            return "{" + ";".join(how.column.join(_printed_atom(item, how) for item in row) for row in rows) + "}"
    return ""


def _printed_column(column: Column) -> str:
    name = re.sub(r"([][#'@])", r"'\1", column.column)
    if column.this_row:
        name = f"@{name}" if re.fullmatch(r"[\w.]+", name) else f"@[{name}]"
    return f"{column.form or ''}[{name}]"


def _decimal(value: Fraction) -> str:
    """A finite decimal without an exponent, so that it reads back as the same number."""
    digits = 0
    while (value * 10**digits).denominator != 1 and digits < 2 * NUMBER_EXPONENT_MAX:
        digits += 1
    whole = f"{abs(int(value * 10**digits)):0{digits + 1}d}"
    text = f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole
    return f"-{text}" if value < 0 else text
