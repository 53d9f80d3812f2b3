"""Peers that take minutes to build are asked only by `make test-peers`, which also writes down what was seen."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.conformance.conftest import llmock, report
from tests.conformance.llmock import Llmock
from tests.conformance.report import report_of
from tests.parts.programs import ROOT
from tests.peers.litellm import litellm_version, running_litellm
from tests.peers.page import page

__all__ = ["llmock", "report"]
ASKED = os.environ.get("TEST_PEERS") == "1"
FOLDERS = {"tests/conformance", "tests/peers"}
"""The page is written by a run of all of it, not of a part."""

collect_ignore_glob = [] if ASKED else ["test_*.py"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def litellm(
    llmock: Llmock, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> AsyncIterator[str]:
    """The address of a proxy in front of llmock."""
    report_of(pytestconfig).part("LiteLLM proxy", await litellm_version())
    async with running_litellm(llmock.url, tmp_path_factory.mktemp("litellm")) as address:
        yield address


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if ASKED and set(session.config.args) == FOLDERS and not session.config.option.keyword:
        (ROOT / "docs" / "conformance.md").write_text(page(report_of(session.config), passed=exitstatus == 0))
