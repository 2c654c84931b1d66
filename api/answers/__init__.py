"""What every route answers, as shapes that OpenAPI tells and a test holds each answer against.

They stand here and are not run: an answer goes out as it is made, and no edit waits for its own description. Amounts of
money are texts of whole tiyn, cells are as `wire` says, texts for people are {kk, ru, en}.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.answers import beside, forms, life, problem, publishing, reference
from api.problems import MEDIA_TYPE

PREFIX = "/api/v1"
ANSWERS: dict[str, type[BaseModel]] = {
    "GET /health": beside.Health,
    "GET /ready": beside.Ready,
    "POST /session": beside.Who,
    "GET /session": beside.Who,
    "GET /start": beside.Start,
    "GET /search": beside.Found,
    "GET /layout": beside.Layout,
    "PUT /layout": beside.Layout,
    "GET /submissions": forms.Submissions,
    "POST /submissions": life.Begun,
    "GET /submissions/{number}/steps": life.Steps,
    "POST /submissions/{number}/steps": life.Stepped,
    "GET /submissions/{number}/editions": life.Editions,
    "POST /submissions/{number}/editions": life.Moved,
    "POST /cycles/{cycle}/editions": life.MovedMany,
    "GET /submissions/{number}/before": life.Before,
    "POST /submissions/{number}/before": forms.Delta,
    "GET /submissions/{number}": forms.Submission,
    "GET /submissions/{number}/forms/{form}": forms.Rows,
    "GET /submissions/{number}/forms/{form}/help": forms.FormHelp,
    "GET /submissions/{number}/findings": forms.Findings,
    "GET /submissions/{number}/explain": forms.Explained,
    "PATCH /submissions/{number}/cells": forms.Delta,
    "POST /submissions/{number}/rows": forms.Delta,
    "POST /submissions/{number}/rows/move": forms.Delta,
    "POST /submissions/{number}/rows/remove": forms.Delta,
    "POST /submissions/{number}/undo": forms.Delta,
    "POST /submissions/{number}/redo": forms.Delta,
    "GET /submissions/{number}/history": beside.History,
    "GET /submissions/{number}/remarks": beside.Remarks,
    "POST /submissions/{number}/remarks": beside.Done,
    "POST /submissions/{number}/remarks/{remark_id}/close": beside.Done,
    "GET /submissions/{number}/attachments": beside.Files,
    "POST /submissions/{number}/attachments": beside.Attached,
    "DELETE /submissions/{number}/attachments/{attachment_id}": beside.Done,
    "POST /submissions/{number}/import": forms.Imported,
    "GET /submissions/{number}/lines": forms.Lines,
    "GET /submissions/{number}/lines/cells": forms.Sources,
    "GET /totals": forms.Totals,
    "GET /totals/limits": forms.Totals,
    "GET /scenarios": life.Scenarios,
    "POST /scenarios": life.WholeScenario,
    "GET /scenarios/{link}": life.WholeScenario,
    "PUT /scenarios/{link}": life.WholeScenario,
    "POST /scenarios/compare": life.Compared,
    "GET /scenarios/compared/{digest}": life.Compared,
    "POST /publications/try": publishing.Tried,
    "GET /publications/tried/{digest}": publishing.Tried,
    "POST /publications": publishing.Publication,
    "GET /publications": publishing.Publications,
    "GET /editions/{digest}": publishing.Edition,
    "GET /editions/{digest}/text": publishing.Text,
    "GET /editions/{digest}/differences": publishing.Differences,
    "GET /norms": reference.Norms,
    "GET /norms/{name}": reference.NormValues,
    "GET /classifications": reference.Classifications,
    "GET /classifications/{name}": reference.Codes,
    "GET /cycles": reference.Cycles,
    "GET /cycles/changes": reference.CycleChanges,
    "PUT /cycles/{name}": reference.Arranged,
    "GET /organisations": reference.Organisations,
    "GET /organisations/changes": reference.Changes,
    "POST /organisations/changes": reference.Changed,
    "POST /imports/{kind}": reference.Taken,
}
"""Route → the shape of its answer. Files, deltas as events and empty answers say for themselves what they are."""


class Described(FastAPI):
    """An application whose description tells the shapes of all answers, and problems as what they are."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            _describe(super().openapi())
        assert self.openapi_schema is not None
        return self.openapi_schema


def _describe(told: dict[str, Any]) -> None:
    mode: Literal["serialization"] = "serialization"
    all_shapes: set[type[BaseModel]] = {*ANSWERS.values(), problem.Problem}
    shapes = [(shape, mode) for shape in all_shapes]
    references, components = models_json_schema(shapes, ref_template="#/components/schemas/answer.{model}")
    told["components"]["schemas"] |= {f"answer.{name}": shape for name, shape in components["$defs"].items()}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            if method == "get" and path.startswith(f"{PREFIX}/") and not path.endswith("/events"):
                operation["responses"]["304"] = {"description": "The same as the one whose ETag is in If-None-Match"}
            shape = ANSWERS.get(f"{method.upper()} {path.removeprefix(PREFIX)}")
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {MEDIA_TYPE: {"schema": references[problem.Problem, mode]}}
                elif shape is not None and status in ("200", "201", "202"):
                    answer["content"] = {"application/json": {"schema": references[shape, mode]}}
