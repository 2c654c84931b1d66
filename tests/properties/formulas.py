"""Random formulas as text, well typed for where they stand: in a row or not, in a month or not, inside a whole column.

A `Sheet` is what is declared so far; a `Scope` says what a part of a formula may name. `Grammar` draws a formula of a
wanted kind (number, bool, date or code) from hypothesis; it says nothing of what the formula gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

LITERALS = "0 1 2 3 4 5 7 10 12 100 365 1000 0.5 0.05 0.005 0.125 1.005 0.1 2.675 0.000001 1000000 -1 -0.5 50%".split()
WIDE = ["999999999999", "9007199254740991", "123456789.123456789", 'NORM("huge")', 'NORM("fine")']
DIGITS = ["0", "1", "2", "3", "-1", "-3"]
CODES = {"grade": ["A", "B", "C", "D"], "place": ["001", "002", "003"]}
HEADER = {"pot": "number", "since": "date", "open": "bool", "rank": "code"}
"""Header fields that formulas may name; `rank` is a grade."""

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Known:
    """A declared column."""

    form: str
    name: str
    kind: str
    of: str = ""
    """The classification of a code."""
    monthly: bool = False


@dataclass
class Sheet:
    """The columns declared so far and the root of each form."""

    roots: dict[str, str] = field(default_factory=dict)
    columns: list[Known] = field(default_factory=list)
    """Those that a formula may read now."""
    every: list[Known] = field(default_factory=list)
    """All there will be: of the year before any may be read."""


@dataclass(frozen=True)
class Scope:
    """Where a part of a formula stands. `whole` is the root whose whole columns it may name; `month` says that a month
    is bound, `yearly` that the formula around is a yearly one all the same; without `row` there is no `[@…]`."""

    form: str
    month: bool = False
    yearly: bool = True
    row: bool = True
    whole: str | None = None
    names: tuple[tuple[str, str], ...] = ()

    @property
    def plain(self) -> bool:
        """Whether this is the formula's own row, not a part inside an aggregate."""
        return self.whole is None and self.row and self.month != self.yearly


@dataclass
class Grammar:
    """Draws formulas over a sheet."""

    draw: Draw
    sheet: Sheet

    def formula(self, kind: str, of: str, scope: Scope, depth: int) -> str:
        """A formula of a kind; of numbers every other is a plain use of one function, the rest may be anything."""
        shapes = [self._total, self._total, self._conditional, self._norm, self._halved, self._aggregate]
        shapes += [self._previous, self._population] if scope.plain else []
        if kind == "number" and self.draw(st.booleans()):
            return "=" + str(self.one(shapes)(scope, depth - 1))
        return "=" + self.value(kind, of, scope, depth)

    def value(self, kind: str, of: str, scope: Scope, depth: int) -> str:
        """A part of a formula that gives a kind."""
        if kind == "code":
            return self.code(of, scope, depth)
        return {"number": self.number, "bool": self.truth, "date": self.date}[kind](scope, depth)

    def number(self, scope: Scope, depth: int) -> str:
        """A number."""
        if depth <= 0:
            return self._number_leaf(scope)
        choices = [self._binary, self._halved, self._rounding, self._choice, self._one, self._one, self._aggregate]
        choices += [self._aggregate, self._norm, self._calendar, self._calendar, self._let, self._number_leaf]
        if scope.whole is None:
            choices += [self._conditional, self._previous] if scope.row else [self._conditional]
        if not scope.yearly and scope.whole is None:
            choices.append(self._to_date)
        if scope.plain:
            choices.append(self._population)
        return str(self.one(choices)(scope, depth - 1))

    def truth(self, scope: Scope, depth: int) -> str:
        """A truth."""
        choices: list[Callable[[], str]] = [lambda: self._compared("number", scope, depth - 1)] * 3
        choices.append(lambda: self._compared("date", scope, depth - 1))
        choices.append(lambda: self._same_code(scope, depth - 1))
        choices.append(
            lambda: f"IF({self.truth(scope, depth - 1)}, {self._leaf_truth(scope)}, {self._leaf_truth(scope)})"
        )
        leaves = self._refs("bool", "", scope)
        if leaves:
            choices.append(lambda: self.one(leaves))
        if depth > 0:
            choices.append(
                lambda: f"({self.truth(scope, depth - 1)} {self.one(['=', '<>'])} {self._leaf_truth(scope)})"
            )
            choices.append(lambda: f"NOT({self.truth(scope, depth - 1)})")
            choices.append(lambda: f"{self.one(['AND', 'OR'])}({self._list(self.truth, scope, depth - 1)})")
        return self.one(choices)()

    def date(self, scope: Scope, depth: int) -> str:
        """A date."""
        leaves = [*self._refs("date", "", scope), "DATE(2024, 2, 29)", "DATE(year, 1, 1)", *["month"] * scope.month]
        if depth <= 0:
            return self.one(leaves)
        inner = depth - 1
        return self.one(
            [
                lambda: self.one(leaves),
                lambda: f"{self.one(['EDATE', 'EOMONTH'])}({self.date(scope, inner)}, {self._small(scope)})",
                lambda: f"DATE(year + {self._small(scope)}, {self._small(scope)}, {self._small(scope)})",
                lambda: f"({self.date(scope, inner)} + {self._small(scope)})",
                lambda: f"IF({self.truth(scope, inner)}, {self.date(scope, inner)}, {self.date(scope, inner)})",
            ]
        )()

    def code(self, of: str, scope: Scope, depth: int) -> str:
        """A code of a classification."""
        leaves = self._refs("code", of, scope)
        if depth <= 0 or not leaves:
            return self.one(leaves or [f'"{code}"' for code in CODES[of]])
        other = self.one([f'"{code}"' for code in CODES[of]])
        return self.one(
            [
                lambda: self.one(leaves),
                lambda: f"IF({self.truth(scope, depth - 1)}, {self.one(leaves)}, {self.one(leaves)})",
                lambda: f"IF({self.truth(scope, depth - 1)}, {self.one(leaves)}, {other})",
                lambda: (
                    f'IF({self.truth(scope, depth - 1)}, "{CODES[of][0]}", IF({self.truth(scope, 0)}, {other}, ""))'
                ),
            ]
        )()

    def one(self, choices: Sequence[Any]) -> Any:
        """One of several."""
        return self.draw(st.sampled_from(choices))

    def _leaf_truth(self, scope: Scope) -> str:
        return self.one(
            [*self._refs("bool", "", scope), "TRUE", f"({self.number(scope, 0)} > {self.number(scope, 0)})"]
        )

    def _refs(self, kind: str, of: str, scope: Scope) -> list[str]:
        """What may be named here that is of a kind."""
        named = [name for name, other in scope.names if other == kind]
        if of in ("", "grade"):
            named += [name for name, other in HEADER.items() if other == kind]
        root = scope.whole or self.sheet.roots[scope.form]
        mark = "" if scope.whole else "@"
        for column in self.sheet.columns:
            fits = column.kind == kind and column.of == of and (scope.month or not column.monthly)
            if fits and self.sheet.roots[column.form] == root and (scope.row or scope.whole):
                named += [self._ref(column, mark, scope)] * 3
        return named

    def _ref(self, column: Known, mark: str, scope: Scope) -> str:
        return f"{'' if column.form == scope.form else column.form}[{mark}{column.name}]"

    def _number_leaf(self, scope: Scope, depth: int = 0) -> str:
        refs = self._refs("number", "", scope)
        return self.one([*refs * 2, self.one(LITERALS), self.one(LITERALS), "year", self.one(WIDE)])

    def _small(self, scope: Scope) -> str:
        refs = self._refs("number", "", scope)
        return self.one([*"0 1 2 11 12 13 24 31 -1 -13 0.5 1.9".split(), *refs[:2]])

    def _list(self, part: Callable[[Scope, int], str], scope: Scope, depth: int) -> str:
        return ", ".join(part(scope, depth) for _ in range(self.draw(st.integers(1, 3))))

    def _binary(self, scope: Scope, depth: int) -> str:
        return f"({self.number(scope, depth)} {self.one('+-**//')} {self.number(scope, depth)})"

    def _halved(self, scope: Scope, depth: int) -> str:
        """What ends at a tie more often than not."""
        return f"({self.number(scope, 0)} {self.one(['/ 2', '/ -2', '* 0.5', '* 0.05', '/ 8', '/ 200'])})"

    def _rounding(self, scope: Scope, depth: int) -> str:
        name = self.one(["ROUND", "ROUND", "ROUNDUP", "ROUNDDOWN"])
        return f"{name}({self.number(scope, depth)}, {self.one(DIGITS)})"

    def _one(self, scope: Scope, depth: int) -> str:
        x = self.number(scope, depth)
        return self.one(
            [
                lambda: f"INT({x})",
                lambda: f"({x} {self.one('+-*')} {self.truth(scope, 0)})",
                lambda: f"({self.truth(scope, depth)} / {x})",
                lambda: f"{self.one(['-', 'ABS', 'MAX'])}({self.truth(scope, depth)})",
                lambda: f"ABS({x})",
                lambda: f"-({x})",
                lambda: f"({x})%",
                lambda: f"({x})^{self.one('23')}",
                lambda: f"MOD({x}, {self.number(scope, depth)})",
                lambda: f"CLIP({x}, {self.number(scope, 0)}, {self.number(scope, 0)})" if scope.row else f"ABS({x})",
                lambda: f"IFERROR({x}, {self.number(scope, depth)})",
                lambda: f"IFERROR({x} / {self.number(scope, 0)}, {self.number(scope, 0)})",
            ]
        )()

    def _choice(self, scope: Scope, depth: int) -> str:
        test, x, y = self.truth(scope, depth), self.number(scope, depth), self.number(scope, depth)
        return self.one(
            [
                lambda: f"IF({test}, {x}, {y})",
                lambda: f"IFS({test}, {x}, {self.truth(scope, depth)}, {y})",
                lambda: (
                    f"SWITCH({self.number(scope, 0)}, {self.one(LITERALS)}, {x}, "
                    f"{self.number(scope, 0)}, {y}{self._last(scope)})"
                ),
                lambda: f'SWITCH({self.code("grade", scope, 0)}, "A", {x}, "C", {y}{self._last(scope)})',
            ]
        )()

    def _last(self, scope: Scope) -> str:
        return self.one(["", f", {self.number(scope, 0)}"])

    def _compared(self, kind: str, scope: Scope, depth: int) -> str:
        sign = self.one(["=", "<>", "<", "<=", ">", ">="])
        return f"({self.value(kind, '', scope, depth)} {sign} {self.value(kind, '', scope, depth)})"

    def _same_code(self, scope: Scope, depth: int) -> str:
        of = self.one(list(CODES))
        return f"({self.code(of, scope, depth)} {self.one(['=', '<>'])} {self.code(of, scope, 0)})"

    def _norm(self, scope: Scope, depth: int) -> str:
        def steps() -> str:
            return self.one([f"YEARS({self.date(scope, 0)}, {self.date(scope, 0)})", self.number(scope, 0)])

        keys = self.one(
            [
                lambda: '"flat"',
                lambda: '"holes"',
                lambda: f'"by.grade", {self.code("grade", scope, 0)}',
                lambda: f'"by.place", {self.code("place", scope, 0)}',
                lambda: f'"by.step", {steps()}',
                lambda: f'"by.all", {self.code("grade", scope, 0)}, {self.code("place", scope, 0)}, {steps()}',
            ]
        )()
        return self.one([f"NORM({keys})", f"NORM({keys})", f"NORM.IF({keys}, {self.number(scope, 0)})"])

    def _calendar(self, scope: Scope, depth: int) -> str:
        a, b = self.date(scope, depth), self.date(scope, 0)
        choices = [f"{self.one(['YEAR', 'MONTH', 'DAY'])}({a})", f"DAYS({a}, {b})", f"YEARS({a}, {b})", f"({a} - {b})"]
        return self.one([*choices, *[f"YEARS({a}, month)"] * scope.month])

    def _let(self, scope: Scope, depth: int) -> str:
        name = f"part_{len(scope.names)}"
        inner = replace(scope, names=(*scope.names, (name, "number")))
        return f"LET({name}, {self.number(scope, depth)}, {self.number(inner, depth)} + {name})"

    def _opened(self, scope: Scope) -> Scope:
        """The scope inside an aggregate: whole columns of some form, or months, or both."""
        whole = self.one([None, *sorted(set(self.sheet.roots.values()))]) if scope.whole is None else scope.whole
        opens = scope.yearly and (whole is None or self.draw(st.booleans()))
        return replace(scope, whole=whole, month=scope.month or opens)

    def _total(self, scope: Scope, depth: int) -> str:
        """A column's total, and what is made of it."""
        opened = replace(
            scope, whole=self.one(sorted(set(self.sheet.roots.values()))), month=scope.month or scope.yearly
        )
        refs = [ref for ref in self._refs("number", "", opened) if "[" in ref]
        if not refs:
            return self._number_leaf(scope)
        total = f"{self.one('SUM SUM SUM MIN MAX COUNT AVERAGE'.split())}({self.one(refs)})"
        return self.one([total, total, f"({self.number(scope, 0)} / {total})", f"({total} - {self.number(scope, 0)})"])

    def _aggregate(self, scope: Scope, depth: int) -> str:
        name = self.one("SUM SUM MIN MAX AVERAGE COUNT SUMPRODUCT".split())
        opened = self._opened(scope)
        if name == "SUMPRODUCT":
            if opened.whole is None or not self._refs("number", "", opened):
                return self._number_leaf(scope)
            columns = [ref for ref in self._refs("number", "", opened) if "[" in ref]
            return f"SUMPRODUCT({self.one(columns)}, {self.one(columns)})" if columns else self._number_leaf(scope)
        refs = [ref for ref in self._refs("number", "", opened) if "[" in ref]
        if refs and self.draw(st.booleans()):
            return f"{name}({self.one(refs)})"
        parts = [self.number(opened, depth)]
        if self.draw(st.integers(0, 3)) == 0:
            parts.append(self.number(scope, 0))
        if self.draw(st.integers(0, 7)) == 0:
            parts.append(self.truth(opened, 0))
        return f"{name}({', '.join(parts)})"

    def _conditional(self, scope: Scope, depth: int) -> str:
        """A total over the rows that meet criteria."""
        opened = replace(scope, whole=self.one(sorted(set(self.sheet.roots.values()))), names=())
        criteria = [pair for pair in self._criteria(opened, scope) for _ in range(2)]
        sums = [ref for ref in self._refs("number", "", opened) if "[" in ref]
        if not criteria or not sums:
            return self._number_leaf(scope)
        pair, more, summed = self.one(criteria), self.one(criteria), self.one(sums)
        return self.one(
            [
                f"SUMIF({pair}, {summed})",
                f"AVERAGEIF({pair}, {summed})",
                f"COUNTIF({pair})",
                f"COUNTIFS({pair}, {more})",
                f"SUMIFS({summed}, {pair}, {more})",
                f"MINIFS({summed}, {pair})",
                f"MAXIFS({summed}, {pair}, {more})",
            ]
        )

    def _criteria(self, opened: Scope, scope: Scope) -> Iterator[str]:
        for kind, of in (("code", "grade"), ("code", "place"), ("number", ""), ("bool", ""), ("date", "")):
            asked = self._refs(kind, of, scope) + {"number": ["0", "1", "5", '">0"'], "code": []}.get(kind, [])
            asked += [f'"{code}"' for code in CODES.get(of, [])] + ['"<>A"'] * (of == "grade")
            for ranged in self._refs(kind, of, opened):
                if asked and "[" in ranged:
                    yield f"{ranged}, {self.one(asked)}"

    def _previous(self, scope: Scope, depth: int) -> str:
        root = self.sheet.roots[scope.form]
        columns = [c for c in self.sheet.every if c.kind == "number" and self.sheet.roots[c.form] == root]
        columns = [c for c in columns if scope.month or not c.monthly]
        return f"PREVIOUS({self._ref(self.one(columns), '@', scope)})" if columns else "0"

    def _to_date(self, scope: Scope, depth: int) -> str:
        refs = [ref for ref in self._refs("number", "", scope) if "[" in ref]
        return f"TO.DATE({self.one(refs)})" if refs else "0"

    def _population(self, scope: Scope, depth: int) -> str:
        numbers = [ref for ref in self._refs("number", "", scope) if ref.startswith("[")]
        codes = [ref for ref in self._refs("code", "grade", scope) if ref.startswith("[")] or numbers
        if not numbers:
            return self._number_leaf(scope)
        x, y, by = self.one(numbers), self.one(numbers), self.one(codes)
        return self.one(
            [
                f"STRATUM.MEAN({x}, {by})",
                f"SHARE({x})",
                f"SHARE({x}, {by})",
                f"RANK.BY({x}, {self.one('01')}, {y})",
                f"DISTRIBUTE(pot, ABS({x}), {self.one('02')}, {y})",
            ]
        )
