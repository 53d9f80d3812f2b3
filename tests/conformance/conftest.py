"""One llmock for all tests here, and the report they add to."""

from collections.abc import AsyncIterator
from importlib.metadata import version

import pytest
import pytest_asyncio

from tests.conformance.llmock import Llmock, running_llmock
from tests.conformance.report import Report, report_of


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def llmock(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> AsyncIterator[Llmock]:
    report_of(pytestconfig).part("llmock", version("llmock"))
    async with running_llmock(tmp_path_factory.mktemp("llmock"), "--stream-chunk-delay-ms", "3") as started:
        yield started


@pytest.fixture
def report(pytestconfig: pytest.Config) -> Report:
    return report_of(pytestconfig)
