"""The story of a figure as JSON, for answers and for `--json`: formula, numbers, norms with their acts, and parts."""

from __future__ import annotations

from typing import Any

from engine.explain import Block, NormStep, Step
from engine.explain.numbers import exact_text


def story(step: Step) -> dict[str, Any]:
    """A step with all its parts; rows count from 1, as people count them."""
    told: dict[str, Any] = {"form": step.form, "column": step.column.name, "row": step.row + 1, "year": step.year}
    if step.months:
        told["months"] = list(step.months)
    told |= {"value": step.value, "input": step.formula is None}
    if step.column.type.kind == "number":
        told["unit"] = step.column.type.unit.declared
    if step.formula is not None:
        told |= {"formula": step.formula, "numbers": step.numbers, "approximate": step.approximate}
        told |= {"header": {read.field.name: read.value for read in step.header}}
        told |= {"norms": [_norm(use) for use in step.norms]}
        told |= {"parts": [_block(part) if isinstance(part, Block) else story(part) for part in step.parts]}
    return told


def _block(block: Block) -> dict[str, Any]:
    told = {"form": block.form, "column": block.column.name, "year": block.year, "rows": block.rows}
    return told | {"total": block.total, "errors": block.errors, "first": [story(step) for step in block.first]}


def _norm(use: NormStep) -> dict[str, Any]:
    told: dict[str, Any] = {"norm": use.norm.name, "keys": list(use.keys), "on": use.on, "unit": use.norm.unit.declared}
    if use.row is None:
        return told | {"value": None}
    value = None if use.row.value is None else exact_text(use.row.value)
    told |= {"value": value, "from": str(use.row.start), "to": str(use.row.end) if use.row.end else None}
    return told | {"source": use.row.source, "verified": use.row.verified, "note": use.row.note}
