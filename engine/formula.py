"""Excel's formula language as a tree that prints back to the same formula.

`parse("=SUM([salary]) * [@staff]")` gives an `Expr`, a finding or both; `print_formula` is its inverse up to white space
and needless parentheses. The canonical text has English names, `.` in decimals and `,` between arguments. Nodes compare
equal by what they mean: `span` (first and past-the-last character, counted from the `=`) and a number's spelling do not
take part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

Span = tuple[int, int]


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
    """`{1,2;3,4}`: rows of literals."""

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
