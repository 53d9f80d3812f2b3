"""The OpenAPI document of the JSON API, made from the types that the answers are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from exporter import __version__
from exporter.server.api.models import CheckDetail, ErrorSent, ReportSent, StatusSent

REFERENCE = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One path that can be read: its answers by status (None is text), its parameters as OpenAPI has them."""

    path: str
    name: str
    summary: str
    answers: dict[int, tuple[type[BaseModel] | None, str]]
    parameters: Sequence[dict[str, Any]] = ()


OPERATIONS: Sequence[Operation] = (
    Operation(
        path="/api/v1/status",
        name="status",
        summary="All checks as they stand",
        answers={200: (StatusSent, "All checks, whatever their state.")},
    ),
    Operation(
        path="/api/v1/checks/{id}",
        name="check",
        summary="One check with what it did lately",
        answers={200: (CheckDetail, "The check."), 404: (ErrorSent, "No check of this id is configured.")},
        parameters=(
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "provider/model/probe; slashes may stand as they are or percent-encoded.",
                "schema": {"type": "string", "minLength": 1},
            },
        ),
    ),
)

WINDOW = "^([1-9][0-9]{0,3}[sm]|[1-9][0-9]?h|[1-6][0-9]{2}h|([1-9]|[12][0-9]|3[01])d)$"

REPORT = Operation(
    path="/api/v1/report",
    name="report",
    summary="What a window that ends now came to",
    answers={200: (ReportSent, "The report."), 400: (None, "The window is not understood; the sentence says why.")},
    parameters=(
        {
            "name": "window",
            "in": "query",
            "description": "A number and s, m, h or d; at most 31d.",
            "schema": {"type": "string", "pattern": WINDOW, "default": "24h"},
        },
    ),
)
"""Described where a store keeps what it is made of."""


def make_document(ids: Sequence[str] = (), operations: Sequence[Operation] = OPERATIONS) -> dict[str, Any]:
    """Make the whole document (OpenAPI 3.1) with the `ids` of some checks as examples."""
    told = dict.fromkeys(model for each in operations for model, _ in each.answers.values() if model is not None)
    _, definitions = models_json_schema([(model, "serialization") for model in told], ref_template=REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AI API Exporter",
            "version": __version__,
            "description": "What is known of every check. Read-only. Times are UTC, lengths seconds.",
        },
        "paths": {operation.path: {"get": _describe_operation(operation, ids)} for operation in operations},
        "components": {"schemas": definitions["$defs"]},
    }


def _describe_operation(operation: Operation, ids: Sequence[str]) -> dict[str, Any]:
    examples = {"examples": {str(number): {"value": each} for number, each in enumerate(ids, 1)}} if ids else {}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [each | (examples if each["name"] == "id" else {}) for each in operation.parameters],
        "responses": {str(status): _describe_answer(*answer) for status, answer in operation.answers.items()},
    }


def _describe_answer(model: type[BaseModel] | None, description: str) -> dict[str, Any]:
    if model is None:
        return {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
