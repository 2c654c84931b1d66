"""Judges every formula of a ruleset against what it is declared to give."""

from __future__ import annotations

from engine.check.judge import Judge
from engine.check.judged import Judged, joined, of_type
from engine.check.review import Review
from engine.check.words import Owner, of_column, of_form, of_kind, owner
from engine.findings import Place
from engine.ruleset import Check, Column, Form, Formula
from engine.ruleset.dependencies import cycles, references
from engine.units import PLAIN, Unit


def check_formulas(review: Review) -> None:
    """Add what is wrong with the formulas of columns and checks, published norms and rolling forward."""
    for form in review.unsure():
        for column in form.columns.values():
            if column.formula:
                _column(review, form, column, column.formula)
        for check in form.checks.values():
            _check(review, form, check)
    _around(review)
    _cycles(review)


def _column(review: Review, form: Form, column: Column, formula: Formula) -> None:
    words = of_column(form, column)
    value = Judge(review, words, formula, form, month=column.per_month).result()
    declared = of_type(column.type)
    if value.kind == "any" or declared.kind == "any":
        return
    both = joined(declared, value)
    if value.kind == declared.kind == "number" and both is None:
        _unit_mismatch(review, form, column, (formula, value))
    elif both is None and (declared.kind, value.kind) != ("code", "text"):
        review.finding("type-mismatch", formula.place, owner=words, got=value.words, expected=declared.words)
    elif declared.kind == "code" and declared.classification:
        for text in value.texts:
            review.code(text.value, declared.classification, formula.at(text.span[0]))


def _unit_mismatch(review: Review, form: Form, column: Column, judged: tuple[Formula, Judged]) -> None:
    formula, value = judged
    got, expected = value.unit or PLAIN, column.type.unit
    factor = _factor(review, form, column, expected / got, "* ") or _factor(review, form, column, got / expected, "/ ")
    words = of_column(form, column)
    told = {"got": of_kind("number", got), "expected": of_kind("number", expected)}
    review.finding("unit-mismatch", formula.place, owner=words, factor=factor, **told)


def _factor(review: Review, form: Form, column: Column, missing: Unit, operation: str) -> str:
    """What is probably forgotten: an input of this row with just the unit that is missing."""
    assert column.formula is not None
    read = {(reference.form or form.name, reference.column) for reference in references(column.formula.tree)}
    parent = form.rows.forms[:1] if form.rows.kind == "each" else ()
    for name in (form.name, *parent):
        source = review.ruleset.forms.get(name)
        for other in source.columns.values() if source else ():
            fits = other.type.kind == "number" and other.type.unit == missing and not other.per_month
            if fits and other.formula is None and (name, other.name) not in read:
                return operation + (f"[@{other.name}]" if name == form.name else f"{name}[@{other.name}]")
    return ""


def _check(review: Review, form: Form, check: Check) -> None:
    words = of_form(form, "check", check.name)
    _gives(Judge(review, words, check.asserts, form, row=check.by_row), "bool")
    for formula in check.given.values():
        Judge(review, words, formula, form, row=check.by_row).result()


def _around(review: Review) -> None:
    """Formulas outside forms: from when a norm is published, which rows are dropped, by what columns are indexed."""
    ruleset = review.ruleset
    for published in ruleset.publishes.values():
        form = ruleset.forms.get(published.form)
        if form:
            _gives(Judge(review, owner(("publishes", published.norm)), published.start, form), "date")
    for name, formula in ruleset.roll_forward.drop.items():
        if name in ruleset.forms:
            _gives(Judge(review, _rolled(ruleset.forms[name]), formula, ruleset.forms[name]), "bool")
    for name, factors in ruleset.roll_forward.index.items():
        for formula in factors.values() if name in ruleset.forms else ():
            _gives(Judge(review, _rolled(ruleset.forms[name]), formula, ruleset.forms[name]), "number")


def _rolled(form: Form) -> Owner:
    return of_form(form, "roll-forward")


def _gives(judge: Judge, kind: str) -> None:
    """Tell a formula that gives something else than a truth, a date, or a plain number."""
    value = judge.result()
    if value.kind not in {kind, "any"} or not (kind != "number" or value.plain_or_free):
        place = judge.formula.place
        judge.review.finding("type-mismatch", place, owner=judge.owner, got=value.words, expected=of_kind(kind))


def _cycles(review: Review) -> None:
    for way in cycles(review.ruleset):
        form, column = way[0]
        place = _reference(review, way[0], way[1])
        words = of_column(review.ruleset.forms[form], review.ruleset.forms[form].columns[column])
        path = " → ".join(f"{form}.{column}" for form, column in way)
        review.finding("cycle", place, owner=words, path=path)


def _reference(review: Review, reader: tuple[str, str], read: tuple[str, str]) -> Place:
    """Where a column's formula reads another column."""
    column = review.ruleset.forms[reader[0]].columns[reader[1]]
    for reference in references(column.formula.tree) if column.formula else ():
        if (reference.form or reader[0], reference.column) == read and column.formula:
            return column.formula.at(reference.span[0])
    return column.place
