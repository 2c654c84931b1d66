"""Formulas of a ruleset as formulas of a sheet.

A tree is rewritten to another tree, in which references are names of cells, and printed by the printer of our own
formulas, so that precedence is right by construction. One formula is written for a column, year and month; the line of
the row stands in it as a mark. Whole columns stand only where Excel takes ranges; there a row with an error is left out
as the engine leaves it out, by a criterion that no error meets. What would not mean the same is `NotInExcelError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from api.exchange.functions import AS_EXCEL, PREFIXED, VECTOR
from api.exchange.layout import Layout, Moment, is_key, quoted
from api.exchange.norm_sheet import MISSING, NormSheet, NotInExcelError
from engine.formula import Array, Binary, Call, Expr, Name, Number, Text, Truth, Unary, children, print_formula
from engine.formula import Column as Reference
from engine.functions import CLOSING
from engine.limits import FORMULA_LENGTH_MAX
from engine.norms import Classification, under
from engine.oracle.cell import LINES, exposed
from engine.ruleset import Column, Formula

NUMBERS_ONLY = Text("<9.99E+307")
"""A criterion that every number meets and no error."""
UNDER_MAX = 200
CONDITIONAL = frozenset("SUMIF SUMIFS AVERAGEIF AVERAGEIFS COUNTIF COUNTIFS MINIFS MAXIFS".split())
BLANK_COUNTS = frozenset("COUNT AVERAGE MIN MAX".split())
"""To these a blank that counts as 0 is another thing than a blank cell."""


@dataclass(frozen=True, slots=True)
class Written:
    """A formula for a sheet; `array` if it has to be entered as one over arrays."""

    text: str
    array: bool


@dataclass(frozen=True, slots=True)
class Rewriting:
    """One formula where it stands: a form, a year and perhaps a month. `vector` says that whole columns may stand."""

    layout: Layout
    norms: NormSheet
    form: str
    moment: Moment
    yearly: bool
    sheet: str = ""
    """Where the formula will stand; its own cells need no sheet's name."""
    vector: bool = False
    names: dict[str, Expr] = field(default_factory=dict)

    def column(self, column: Column) -> Written:
        """A computed column's formula, rounded as the engine rounds."""
        assert column.formula is not None, "only computed columns have a formula"
        tree = self.tree(column.formula.tree)
        match column.type.kind:
            case "number" | "date":
                tree = Call("ROUND", (tree, Number(Fraction(column.digits or 0))))
            case "bool":
                tree = Call("IF", (tree, Truth(True), Truth(False)))
            case _:
                tree = Binary("&", tree, Text(""))
        return _written(tree)

    def truth(self, formula: Formula) -> Written:
        """A check's formula."""
        return _written(Call("IF", (self.tree(formula.tree), Truth(True), Truth(False))))

    def tree(self, expr: Expr) -> Expr:
        """The tree in which references are those of cells."""
        match expr:
            case Name(name):
                return self._name(name)
            case Reference():
                return self._reference(expr)
            case Unary(op, operand):
                return Unary(op, self.tree(operand))
            case Binary(op, left, right):
                return Binary(op, self.tree(left), self.tree(right))
            case Call():
                return self._call(expr)
            case Array():
                raise NotInExcelError("{…}")
        return expr

    def _name(self, name: str) -> Expr:
        year, month = self.moment
        if name.lower() in self.names:
            return self.names[name.lower()]
        if name.lower() == "year":
            return Number(Fraction(year or 0))
        if name.lower() == "month":
            if month is None:
                raise NotInExcelError("month")
            return Name(f"DATE({year},{month},1)")
        return _needed(self.layout.field(name))

    def _reference(self, column: Reference) -> Expr:
        form, declared = self._declared(column)
        if not column.this_row:
            if not self.vector:
                raise NotInExcelError(f"[{column.column}]")
            return self._range(replace(column, form=form))
        if declared.per_month and self.moment[1] is None:
            raise NotInExcelError(f"[@{column.column}]")
        cell = self._here(self.layout.cell(form, column.column, self.moment))
        if declared.formula is not None or is_key(self.layout.plan.ruleset.forms[form], declared):
            return Name(cell)
        if not declared.optional:
            return _needed(cell)
        return Binary("&", Name(cell), Text("")) if declared.type.kind in ("code", "text") else Name(cell)

    def _declared(self, column: Reference) -> tuple[str, Column]:
        form = column.form or self.form
        if form == LINES:
            raise NotInExcelError(LINES)
        return form, self.layout.plan.ruleset.forms[form].columns[column.column]

    def _call(self, call: Call) -> Expr:
        if self.vector and call.name not in VECTOR:
            raise NotInExcelError(call.name)
        if call.name in _OWN:
            return _OWN[call.name](self, call)
        if call.name in CONDITIONAL:
            return self._conditional(call)
        if call.name == "SUMPRODUCT":
            return self._products(call)
        if call.name in CLOSING:
            return self._closing(call)
        if call.name not in AS_EXCEL:
            raise NotInExcelError(call.name)
        return Call(PREFIXED.get(call.name, call.name), tuple(self.tree(arg) for arg in call.args))

    def let(self, call: Call) -> Expr:
        """LET, with what it names written out."""
        here = self
        for name, value in zip(call.args[:-1:2], call.args[1::2], strict=True):
            assert isinstance(name, Name), "LET names by names"
            here = replace(here, names={**here.names, name.name.lower(): here.tree(value)})
        return here.tree(call.args[-1])

    def norm(self, call: Call) -> Expr:
        """NORM and NORM.IF, looked up on the sheet of norms."""
        name, *keys = call.args
        otherwise = keys.pop() if call.name == "NORM.IF" else None
        if not isinstance(name, Text):
            raise NotInExcelError(call.name)
        year, month = self.moment
        written = [_text(self.tree(key)) for key in keys]
        found = self.norms.look_up(name.value, written, date(year or 1, month or 1, 1))
        if otherwise is None:
            return Name(found)
        default = self.tree(otherwise)
        if found == MISSING and not written:
            return default
        for key in (key for key, of in zip(written, keys, strict=True) if not isinstance(of, Text)):
            default = Call("IF", (Name(f"ISERROR({key})"), Name(MISSING), default))
        return Name(f"IFERROR({found},{_text(default)})")

    def previous(self, call: Call) -> Expr:
        """PREVIOUS: the same row a year earlier."""
        column, (year, month) = call.args[0], self.moment
        if not isinstance(column, Reference) or not column.this_row or year is None:
            raise NotInExcelError(call.name)
        form, declared = self._declared(column)
        years = self.layout.plan.years
        if declared.formula is None and not declared.by_year and year > years[0]:
            return self._reference(column)
        before = (year - 1, month if declared.per_month else None)
        cell = self._here(self.layout.cell(form, column.column, before))
        return Name(cell) if declared.formula is not None and year > years[0] else _needed(cell)

    def to_date(self, call: Call) -> Expr:
        """TO.DATE: the months from January to the one at hand."""
        year, month = self.moment
        if month is None:
            raise NotInExcelError(call.name)
        moments = [(year, m) for m in range(1, month + 1)]
        return Call("SUM", tuple(replace(self, moment=moment).tree(call.args[0]) for moment in moments))

    def under(self, call: Call) -> Expr:
        """UNDER: the codes that stand below one now, written out."""
        code, ancestor = call.args
        if not isinstance(code, Name | Reference) or not isinstance(ancestor, Text):
            raise NotInExcelError(call.name)
        listed = self._classification(code)
        norms = self.layout.plan.norms
        codes = [one for one in listed.codes if under(norms, listed.name, one, ancestor.value)]
        if len(codes) > UNDER_MAX:
            raise NotInExcelError(call.name)
        tests = tuple(Binary("=", self.tree(code), Text(one)) for one in codes)
        return Call("OR", tests) if tests else Truth(False)

    def clip(self, call: Call) -> Expr:
        """CLIP: not below the low bound nor, above all, above the high one."""
        x, low, high = (self.tree(arg) for arg in call.args)
        return Call("MIN", (Call("MAX", (x, low)), high))

    def years(self, call: Call) -> Expr:
        """YEARS: completed years by calendar."""
        return Call("DATEDIF", (*(self.tree(arg) for arg in call.args), Text("y")))

    def share(self, call: Call) -> Expr:
        """SHARE: this row's part of the sum, of its stratum if there is one."""
        return Binary("/", self._own(call.args[0]), self._stratum("SUMIFS", call))

    def stratum_mean(self, call: Call) -> Expr:
        """STRATUM.MEAN: the mean of this row's stratum."""
        return self._stratum("AVERAGEIFS", call)

    def _stratum(self, name: str, call: Call) -> Expr:
        x, *by = [self._plain_column(arg) for arg in call.args]
        pairs: list[Expr] = [self._range(x), NUMBERS_ONLY]
        for column in by:
            if not self._exact_codes(column):
                raise NotInExcelError(f"[{column.column}]")
            pairs += [self._range(column), self._own(column)]
        return Call(name, (self._range(x), *pairs))

    def _own(self, expr: Expr) -> Expr:
        return self._reference(replace(self._plain_column(expr), this_row=True))

    def _plain_column(self, expr: Expr) -> Reference:
        if not isinstance(expr, Reference):
            raise NotInExcelError(print_formula(expr))
        form, declared = self._declared(expr)
        if declared.per_month and self.yearly:
            raise NotInExcelError(f"[{expr.column}]")
        return replace(expr, form=form)

    def _range(self, column: Reference) -> Expr:
        return Name(self._here(self.layout.range(column.form or self.form, column.column, self.moment)))

    def _here(self, reference: str) -> str:
        return reference.removeprefix(f"{quoted(self.sheet)}!")

    def _conditional(self, call: Call) -> Expr:
        """SUMIFS and its kin over whole columns; sums and means leave out rows with an error."""
        name, args = call.name, list(call.args)
        if name in ("SUMIF", "AVERAGEIF"):
            name, args = name + "S", [args[2] if len(args) > 2 else args[0], *args[:2]]
        values = [] if name.startswith("COUNT") else [self._range(self._plain_column(args.pop(0)))]
        pairs = [(self._plain_column(of), wanted) for of, wanted in zip(args[::2], args[1::2], strict=True)]
        made = self._by_criteria(name, values, pairs)
        for _, wanted in pairs:
            if self._doubtful(wanted):
                made = Call("IF", (Call("ISERROR", (self.tree(wanted),)), Name(MISSING), made))
        return made

    def _by_criteria(self, name: str, values: Sequence[Expr], pairs: Sequence[tuple[Reference, Expr]]) -> Expr:
        if any(self._blank_counts(column) for column, _ in pairs):
            raise NotInExcelError(f"{name}: {pairs[0][0].column}")
        if not all(self._exact_codes(column) for column, _ in pairs):
            return self._by_equality(name, values, pairs)
        criteria = [part for column, wanted in pairs for part in (self._range(column), self.tree(wanted))]
        guard = [values[0], NUMBERS_ONLY] if values else []
        return Call(PREFIXED.get(name, name), (*values, *criteria, *guard))

    def _by_equality(self, name: str, values: Sequence[Expr], pairs: Sequence[tuple[Reference, Expr]]) -> Expr:
        """The same for codes that criteria would confuse: rows compared one by one."""
        if name not in ("SUMIFS", "COUNTIFS", "COUNTIF") or not all(self._is_code(*pair) for pair in pairs):
            raise NotInExcelError(name)
        factors = [Binary("=", self._range(column), self.tree(wanted)) for column, wanted in pairs]
        tree: Expr = values[0] if values else Number(Fraction(1))
        for factor in factors:
            tree = Binary("*", tree, factor)
        return _over_rows(tree)

    def _is_code(self, column: Reference, wanted: Expr) -> bool:
        """Whether a criterion asks a column of codes for one code."""
        plain = isinstance(wanted, Name | Reference) or (isinstance(wanted, Text) and wanted.value.isalnum())
        return plain and self._declared(column)[1].type.kind == "code"

    def _doubtful(self, wanted: Expr) -> bool:
        """Whether a criterion may be an error, which is then the result."""
        if isinstance(wanted, Reference):
            form, declared = self._declared(wanted)
            return not is_key(self.layout.plan.ruleset.forms[form], declared)
        return not isinstance(wanted, Text | Number | Truth)

    def _products(self, call: Call) -> Expr:
        """SUMPRODUCT over rows, each row's product 0 where it has an error."""
        if any(self._is_monthly(arg) for arg in call.args):
            raise NotInExcelError(call.name)
        product = [replace(self, vector=True).tree(arg) for arg in call.args]
        tree = product[0]
        for factor in product[1:]:
            tree = Binary("*", tree, factor)
        return _over_rows(tree)

    def _closing(self, call: Call) -> Expr:
        """An aggregate: months of the row side by side, whole columns as ranges."""
        if call.name not in AS_EXCEL:
            raise NotInExcelError(call.name)
        alone = len(call.args) == 1
        args = [made for arg in call.args for made in self._aggregated(call.name, arg, alone)]
        if len(args) == 1 and isinstance(args[0], Call) and args[0].name in _RANGED.values():
            return args[0]
        return Call(PREFIXED.get(call.name, call.name), tuple(args))

    def _aggregated(self, name: str, arg: Expr, alone: bool) -> Iterator[Expr]:
        whole = any(isinstance(node, Reference) and not node.this_row for node in exposed(arg))
        if whole and self._is_monthly(arg) and name != "SUM":
            raise NotInExcelError(name)
        if isinstance(arg, Reference) and arg.this_row and self._is_monthly(arg):
            form, _ = self._declared(arg)
            yield Name(self._here(self.layout.months(form, arg.column, self.moment[0] or 0)))
            return
        for moment in [(self.moment[0], m) for m in range(1, 13)] if self._is_monthly(arg) else [self.moment]:
            here = replace(self, moment=moment)
            yield here._over_whole(name, arg, alone) if whole else here.tree(arg)

    def _over_whole(self, name: str, arg: Expr, alone: bool) -> Expr:
        if not isinstance(arg, Reference):
            if name != "SUM":
                raise NotInExcelError(name)
            return _over_rows(replace(self, vector=True).tree(arg))
        form, _ = self._declared(arg)
        of = replace(arg, form=form)
        range_ = self._range(of)
        if name in BLANK_COUNTS and self._blank_counts(of):
            raise NotInExcelError(f"{name}: {arg.column}")
        if name not in _RANGED:
            return range_
        if name != "SUM" and not alone:
            raise NotInExcelError(name)
        return Call(_RANGED[name], (range_, range_, NUMBERS_ONLY))

    def _blank_counts(self, column: Reference) -> bool:
        _, declared = self._declared(column)
        return declared.formula is None and declared.optional and declared.type.kind not in ("code", "text")

    def _exact_codes(self, column: Reference) -> bool:
        """Criteria of Excel take 011 for 11 and `*` for anything: of such codes they cannot be asked."""
        _, declared = self._declared(column)
        if declared.type.kind != "code":
            return True
        codes = self._classification(column).codes
        return len({_as_excel_compares(code) for code in codes}) == len(codes) and not set("".join(codes)) & set("*?~")

    def _classification(self, code: Name | Reference) -> Classification:
        ruleset = self.layout.plan.ruleset
        declared = ruleset.header[code.name] if isinstance(code, Name) else self._declared(code)[1]
        return self.layout.plan.norms.classifications[declared.type.classification or ""]

    def _is_monthly(self, expr: Expr) -> bool:
        if not self.yearly or self.moment[1] is not None:
            return False
        return any(
            self._declared(node)[1].per_month
            if isinstance(node, Reference)
            else isinstance(node, Name) and node.name.lower() == "month"
            for node in exposed(expr)
        )


_OWN = {
    "LET": Rewriting.let,
    "NORM": Rewriting.norm,
    "NORM.IF": Rewriting.norm,
    "PREVIOUS": Rewriting.previous,
    "TO.DATE": Rewriting.to_date,
    "UNDER": Rewriting.under,
    "CLIP": Rewriting.clip,
    "YEARS": Rewriting.years,
    "SHARE": Rewriting.share,
    "STRATUM.MEAN": Rewriting.stratum_mean,
}
_RANGED = {"SUM": "SUMIFS", "AVERAGE": "AVERAGEIFS", "MIN": "_xlfn.MINIFS", "MAX": "_xlfn.MAXIFS"}
"""Aggregates of a whole column, as those that leave out what is no number."""


def _needed(cell: str) -> Expr:
    """A cell that must not be blank: a blank is an error, not 0."""
    return Name(f'IF({cell}="",{MISSING},{cell})')


def _over_rows(tree: Expr) -> Expr:
    return Call("SUM", (Call("IFERROR", (tree, Number(Fraction(0)))),))


def _written(tree: Expr) -> Written:
    text = print_formula(tree)
    if len(text) > FORMULA_LENGTH_MAX:
        raise NotInExcelError(str(len(text)))
    return Written(text, _has_arrays(tree))


def _has_arrays(tree: Expr) -> bool:
    over = isinstance(tree, Call) and tree.name == "IFERROR"
    return over or any(_has_arrays(child) for child in children(tree))


def _text(tree: Expr) -> str:
    return print_formula(tree)[1:]


def _as_excel_compares(code: str) -> str | Fraction:
    try:
        return Fraction(code)
    except (ValueError, ZeroDivisionError):
        return code.casefold()


def used_codes(trees: Sequence[Expr]) -> dict[tuple[str, int], set[str]]:
    """For each key of each norm, the fields of the header that it is asked with; "" where it is something else."""
    found: dict[tuple[str, int], set[str]] = {}
    for tree in trees:
        for call in calls(tree):
            name, *keys = call.args
            for i, key in enumerate(keys[:-1] if call.name == "NORM.IF" else keys):
                asked = key.name if isinstance(key, Name) else ""
                found.setdefault((name.value if isinstance(name, Text) else "", i), set()).add(asked)
    return found


def calls(tree: Expr) -> Iterator[Call]:
    """The look-ups in a formula."""
    if isinstance(tree, Call) and tree.name in ("NORM", "NORM.IF"):
        yield tree
    for child in children(tree):
        yield from calls(child)
