"""What two rulesets have alike, so that what was found out about one need not be found out again about the other.

Formulas see of one another's columns what is declared of them, not how they are computed. Where all of that is the
same, a form that did not change means what it meant, whatever happened to the formulas of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.formula import Text
from engine.ruleset import Column, Form, Ruleset


def declared_alike(old: Ruleset, new: Ruleset) -> bool:
    """Whether two rulesets have the same columns of the same types, so that cells of one may stand in the other."""
    return old.years == new.years and _shapes(old.forms) == _shapes(new.forms) and _fields(old) == _fields(new)


def seen_alike(old: Ruleset, new: Ruleset) -> bool:
    """Whether all that formulas see of one another, of the header and of rows is the same in both."""
    return old is new or (declared_alike(old, new) and _sources(old) == _sources(new))


def same_forms(old: Ruleset, new: Ruleset) -> Iterator[str]:
    """The forms that were read from the very same text and came out the same."""
    for name, form in new.forms.items():
        page = new.pages.get(form.place.file)
        if page is not None and page is old.pages.get(form.place.file) and form == old.forms.get(name):
            yield name


def same_meaning(old: Column, new: Column) -> bool:
    """Whether a column is computed alike in rulesets that are seen alike; where its text stands does not matter."""
    if old.formula is None or new.formula is None:
        return False
    return (old.formula.tree, *_shape(old)) == (new.formula.tree, *_shape(new))


def _shapes(forms: Mapping[str, Form]) -> dict[tuple[str, str], tuple[object, ...]]:
    return {(form.name, column.name): _shape(column) for form in forms.values() for column in form.columns.values()}


def _shape(column: Column) -> tuple[object, ...]:
    return column.type, column.digits, column.by_year, column.per_month, column.optional, column.formula is None


def _fields(ruleset: Ruleset) -> dict[str, object]:
    return {field.name: (field.type, field.digits) for field in ruleset.header.values()}


def _sources(ruleset: Ruleset) -> tuple[object, object, object]:
    """Where rows come from, which columns are one literal, and what is published."""
    rows = {form.name: (form.rows.kind, form.rows.forms, form.rows.by) for form in ruleset.forms.values()}
    literal = {
        (form.name, column.name): column.formula.tree
        for form in ruleset.forms.values()
        for column in form.columns.values()
        if column.formula is not None and isinstance(column.formula.tree, Text)
    }
    published = {norm.norm: (norm.form, norm.keys, norm.value) for norm in ruleset.publishes.values()}
    return rows, literal, published
