"""A transport per test, and an authority whose certificates it can be told to trust."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exporter.clock import SystemClock
from exporter.transport import HttpTransport
from tests.fakes.certificates import Authority


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    made = HttpTransport(SystemClock())
    yield made
    await made.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)
