"""The oracle's own reading of which rows a form of groups has, one submission and row after the other.

A row whose key is an error is in no group; keys that Excel would call equal are one, spelled as the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.formula import Text
from engine.functions.values import Code, ExcelError, Scalar
from engine.ruleset import Column, Form, HeaderField

if TYPE_CHECKING:
    from engine.oracle import Oracle

Key = tuple[Scalar, ...]


def groups_of(oracle: Oracle, submission: int, form: Form) -> list[Key]:
    """The keys of a submission's rows of a form of groups, in their order."""
    found: dict[Key, Key] = {}
    for key in _keys(oracle, submission, form):
        if not any(isinstance(part, ExcelError) for part in key):
            found.setdefault(tuple(part.upper() if isinstance(part, str) else part for part in key), key)
    return sorted(found.values(), key=lambda key: [_rank(oracle, form, *part) for part in enumerate(key)])


def _keys(oracle: Oracle, submission: int, form: Form) -> Iterator[Key]:
    for name in form.rows.forms:
        source = oracle.ruleset.forms[name]
        for row in range(oracle.rows(submission, name)):
            yield tuple(_part(oracle, submission, source, column, row) for column in form.rows.by)


def _part(oracle: Oracle, submission: int, source: Form, name: str, row: int) -> Scalar:
    column = source.columns.get(name)
    if column is None:
        return oracle.header(submission, name)
    if column.formula is not None:
        return Code(column.formula.tree.value) if isinstance(column.formula.tree, Text) else ExcelError("#VALUE!")
    return oracle.input(submission, source.name, column, row, oracle.workbook.years[0])


def _rank(oracle: Oracle, form: Form, place: int, part: Scalar) -> object:
    declared: Column | HeaderField = form.columns[form.rows.by[place]]
    if declared.type.kind == "code":
        positions = oracle.norms.classifications[declared.type.classification or ""].positions
        return positions.get(str(part), -1)
    return part.upper() if isinstance(part, str) else part
