"""Who pays for a run on the command line, and from which ledger."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exporter.commands.billing import open_admission
from exporter.config.settings import load_settings
from exporter.core.plan import Plan
from exporter.run.admission import FreeAdmission, Permit
from exporter.store import InUseError
from tests.metrics.make import answered
from tests.simulated_day import COST, paid_check

PLAN = Plan(source="x", providers=(), checks=(paid_check(),))


async def test_without_a_state_directory_nobody_does() -> None:
    async with open_admission(PLAN, load_settings({}), ledger=True) as gate:
        assert isinstance(gate, FreeAdmission)


async def test_no_ledger_leaves_it_alone(tmp_path: Path) -> None:
    async with open_admission(PLAN, load_settings({}, state_dir=tmp_path), ledger=False) as gate:
        assert isinstance(gate, FreeAdmission)
    assert list(tmp_path.iterdir()) == []


async def test_a_run_is_entered_as_one_on_demand(tmp_path: Path) -> None:
    settings = load_settings({}, state_dir=tmp_path)
    async with open_admission(PLAN, settings, ledger=True) as gate:
        admission = await gate.admit(PLAN.checks[0], demand=True)
        assert isinstance(admission, Permit)
        with pytest.raises(InUseError):
            async with open_admission(PLAN, settings, ledger=True):
                pass
        gate.settle(admission, answered(tokens=None, cost_usd=COST / 1e9))
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        assert connection.execute("SELECT demand, settled FROM ledger").fetchall() == [(1, COST)]
