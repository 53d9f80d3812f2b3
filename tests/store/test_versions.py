"""A state directory that an earlier version wrote opens in this one: `data/version-N.db` was written by version N."""

import shutil
from pathlib import Path

import pytest

from exporter.core.health_state import State
from tests.metrics.make import check
from tests.store.kept import Kept, spent

WRITTEN = sorted((Path(__file__).parent / "data").glob("version-*.db"))


@pytest.mark.parametrize("written", [pytest.param(path, id=path.stem) for path in WRITTEN])
async def test_a_file_of_an_earlier_version_opens(tmp_path: Path, written: Path) -> None:
    shutil.copy(written, tmp_path / "state.db")
    kept = Kept(tmp_path)
    assert (kept.failures, kept.said) == (0, [])
    assert spent(kept.store) == 700
    assert kept.store.remembered.checks[check().id].health.state is State.UP
    assert await kept.requests() == 20
    await kept.store.close()
