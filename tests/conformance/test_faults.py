"""Every fault that llmock can inject, in every dialect, shows as the right reason and the right fault."""

import asyncio
from pathlib import Path

import pytest

from tests.conformance.asking import run, signs
from tests.conformance.faults import CASES, Case
from tests.conformance.llmock import Llmock
from tests.conformance.report import Report
from tests.conformance.ways import MAIN


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
async def test_each_fault_is_named(llmock: Llmock, tmp_path: Path, report: Report, case: Case) -> None:
    await llmock.script(case.model, *case.behaviours)
    runs = await asyncio.gather(
        *(
            run(way.written(llmock.url, case.model, case.probe, **case.tunables), tmp_path / way.dialect, case.probe)
            for way in MAIN
        )
    )
    seen = {way.dialect: each.outcome for way, each in zip(MAIN, runs, strict=True)}
    report.add("llmock: every fault", fault=case.name, **{name: signs(outcome) for name, outcome in seen.items()})
    assert {name: signs(outcome) for name, outcome in seen.items()} == {
        way.dialect: case.expected(way.dialect) for way in MAIN
    }
    assert {outcome.retry_after for outcome in seen.values()} == {case.retry_after}
    for outcome in seen.values():
        assert {flag.value for flag in outcome.flags} == case.flags
        assert outcome.ok or outcome.detail
