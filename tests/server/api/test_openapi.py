"""The OpenAPI document is true: what it describes is what is served, and every answer has the shape it says."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

from jsonschema_rs import validator_for

from exporter.core.outcome import Limit, ListedModel, Reason
from exporter.report.render import make_report
from exporter.server.api.answers import make_report_routes
from exporter.server.api.openapi import OPERATIONS, REPORT, make_document
from exporter.server.sources import Notice, PageSources
from tests.metrics.make import STARTED, answered, check, failed, listing
from tests.report.samples import figures
from tests.server.running import World, serving


async def a_report(seconds: float) -> dict[str, Any]:
    """Of a model with two routes, and of one that never answered."""
    found = [figures("openai"), figures("azure", errors=3), figures("relay", runs=0, alias="another")]
    return make_report(found, STARTED - seconds, STARTED)


def world() -> World:
    """Checks of every kind: run, failed, never run, with slashes, without a model."""
    limit = Limit(resource="requests", window="minute", limit=10, remaining=3, reset_at=STARTED)
    made = World(
        routes=make_report_routes(a_report),
        sources=PageSources(notices=lambda: [Notice("network down", "")], costs=lambda: {check().id: 0.1}),
    )
    for each in (check(), check("meta/llama"), listing(), check("new")):
        made.declare(each)
    made.ran(check(), answered(limits=(limit,)))
    made.ran(check("meta/llama"), failed(Reason.AUTH))
    made.ran(listing(), answered(models=(ListedModel(id="gpt-4o"),), tokens=None))
    return made


def test_every_operation_is_described_by_types_that_stand_in_it() -> None:
    told = make_document()
    assert list(told["paths"]) == [operation.path for operation in OPERATIONS]
    references = set(json.dumps(told).split('"#/components/schemas/')[1:])
    assert {each.split('"')[0] for each in references} <= set(told["components"]["schemas"])
    assert told["openapi"].startswith("3.1.")


def test_configured_checks_stand_as_examples() -> None:
    (parameter,) = make_document(["a/b/chat"])["paths"]["/api/v1/checks/{id}"]["get"]["parameters"]
    assert parameter["examples"] == {"1": {"value": "a/b/chat"}}
    assert "examples" not in make_document()["paths"]["/api/v1/checks/{id}"]["get"]["parameters"][0]


async def test_answers_are_of_the_shape_that_is_described() -> None:
    told = make_document(operations=(*OPERATIONS, REPORT))
    async with serving(world()) as session:
        for path, name, status in (
            ("/api/v1/status", "StatusSent", 200),
            ("/api/v1/checks/openai/gpt-4o/chat", "CheckDetail", 200),
            ("/api/v1/checks/openai/meta%2Fllama/chat", "CheckDetail", 200),
            ("/api/v1/checks/openai//models", "CheckDetail", 200),
            ("/api/v1/checks/openai/new/chat", "CheckDetail", 200),
            ("/api/v1/checks/nobody", "ErrorSent", 404),
            ("/api/v1/report?window=1h", "ReportSent", 200),
        ):
            async with session.get(path) as response:
                assert response.status == status
                answer = await response.json()
            schema = {"$ref": f"#/components/schemas/{name}", "components": told["components"]}
            validator_for(schema).validate(answer)


def test_the_report_is_described_to_its_last_figure() -> None:
    """Nothing in it may be anything: a free object would agree with every answer."""
    schemas = make_document(operations=(REPORT,))["components"]["schemas"]
    assert {"ReportSent", "ModelFigures", "SummarySent", "RoutesSent", "RouteFigures"} <= set(schemas)
    for name, schema in schemas.items():
        assert schema["additionalProperties"] is False, name


async def test_a_stranger_finds_no_untruth(tmp_path: Path) -> None:
    """Schemathesis reads the served document and asks whatever it allows, and more."""
    async with serving(world()) as session:
        url = str(session._build_url("/api/v1/openapi.json"))
        command = ("-m", "schemathesis.cli", "run", url, "--max-examples=30", "--no-color", "--seed=1")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert f"Tested: {len(OPERATIONS) + 1}\n" in said.decode()
    assert not re.search(r"\b404\b", said.decode()), "the examples name checks that are there"
