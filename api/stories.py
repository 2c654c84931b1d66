"""The story of a figure as JSON, for answers and for `--json`: formula, numbers, norms with their acts, and parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.explain import Block, NormStep, Step
from engine.explain.numbers import exact_text

Number = Callable[[str, int], int]
"""The number that a row bears, by its form and place."""


def story(step: Step, number: Number | None = None) -> dict[str, Any]:
    """A step with all its parts; rows count from 1, as people count them, and where it is known bear their number."""
    told: dict[str, Any] = {"form": step.form, "column": step.column.name, "row": step.row + 1, "year": step.year}
    if number is not None:
        told["number"] = number(step.form, step.row)
    if step.title:
        told["title"] = dict(step.title)
    if step.months:
        told["months"] = list(step.months)
    told |= {"value": step.value, "input": step.formula is None}
    if step.column.type.kind == "number":
        told["unit"] = step.column.type.unit.declared
    if step.formula is not None:
        told |= {"formula": step.formula, "numbers": step.numbers, "approximate": step.approximate}
        told |= {"header": {read.field.name: read.value for read in step.header}}
        told |= {"norms": [_norm(use) for use in step.norms]}
        told |= {"parts": [_part(part, number) for part in step.parts]}
    return told


def _part(part: Step | Block, number: Number | None) -> dict[str, Any]:
    return _block(part, number) if isinstance(part, Block) else story(part, number)


def _block(block: Block, number: Number | None) -> dict[str, Any]:
    told = {"form": block.form, "column": block.column.name, "year": block.year, "rows": block.rows}
    return told | {"total": block.total, "errors": block.errors, "first": [story(step, number) for step in block.first]}


def _norm(use: NormStep) -> dict[str, Any]:
    told: dict[str, Any] = {"norm": use.norm.name, "title": dict(use.norm.title)}
    told |= {"keys": list(use.keys), "on": use.on, "unit": use.norm.unit.declared}
    if use.row is None:
        return told | {"value": None}
    value = None if use.row.value is None else exact_text(use.row.value)
    told |= {"value": value, "from": str(use.row.start), "to": str(use.row.end) if use.row.end else None}
    told |= {"source": use.row.source, "verified": use.row.verified, "note": use.row.note}
    return told | {"from_verified": use.row.start_verified}
