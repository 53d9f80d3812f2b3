"""Reading beside the one who writes, and where nobody does."""

from pathlib import Path

import pytest
import structlog

from exporter.store import Store, StoreUnreadableError, read_runs
from tests.metrics.make import STARTED, StoppedClock, answered, check, seen


async def test_the_window_has_a_beginning_and_an_end(tmp_path: Path) -> None:
    store = Store(tmp_path, StoppedClock(), structlog.get_logger())
    store.declare(check())
    for second in range(5):
        store.observed(seen(check(), answered(started_at=STARTED + second)))
    await store.close()
    assert [run.at - STARTED for run in read_runs(tmp_path, STARTED + 1, STARTED + 3)] == [1, 2]
    tmp_path.chmod(0o500)
    assert len(read_runs(tmp_path, STARTED, STARTED + 9)) == 5
    tmp_path.chmod(0o700)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_runs(tmp_path, 0, 1)
    (tmp_path / "state.db").write_bytes(b"x" * 4096)
    with pytest.raises(StoreUnreadableError, match="not a database"):
        read_runs(tmp_path, 0, 1)
