"""What every shape of an answer is, and a problem with its findings."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Words = dict[str, str]
"""kk, ru, en"""


class Answer(BaseModel):
    """An answer has what is told here and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Where(Answer):
    """A cell of a finding: its row by number and by place."""

    form: str
    column: str | None
    row: int | None
    place: int | None
    year: int | None
    month: int | None


class Written(Answer):
    """Where in a text a finding is, from 1."""

    file: str
    line: int
    column: int


class Told(Answer):
    """A finding: what is wrong, in three languages, with the facts in it."""

    code: str
    severity: Literal["error", "warning", "note"]
    text: Words
    args: dict[str, Any]
    cell: Where | None = None
    place: Written | None = None


class Problem(Answer):
    """An answer that is not what was asked for (RFC 9457)."""

    type: str = Field(examples=["revision-stale"])
    title: str
    status: int
    findings: list[Told]
