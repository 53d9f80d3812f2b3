"""Files that are damaged: they are set aside, and what is known of what was spent goes on."""

from pathlib import Path

import pytest

from exporter.store.storage import RETRY
from tests.metrics.make import STARTED, check, seen
from tests.store.kept import Kept, run, spent, spent_in


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"not a database" * 500, id="no database"), pytest.param(b"SQLite format 3\0" * 500, id="torn")],
)
async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.db").write_bytes(content)
    kept = Kept(tmp_path)
    assert kept.failures == len(kept.said) == 1
    assert "a new one was begun; monitoring goes on, and what it learns is kept in the new file" in kept.said[0]
    assert kept.store.is_durable
    assert not kept.store.remembered.known
    (aside,) = tmp_path.glob("state.db.2*")
    assert aside.read_bytes() == content
    await kept.store.reserve(check(), 1, STARTED)
    await kept.store.close()
    again = Kept(tmp_path)
    assert len(again.store.remembered.entries) == 1
    assert again.store.remembered.forgot_at == STARTED, "what was spent before is still not known"
    await again.store.close()


async def test_a_file_that_was_away_and_comes_back_damaged(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    kept = Kept(tmp_path / "state")
    await kept.store.reserve(check(), 100, STARTED)
    (tmp_path / "state").unlink()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "state.db").write_bytes(b"nonsense" * 1000)
    kept.later(RETRY)
    await kept.store.close()
    assert kept.store.is_durable
    again = Kept(tmp_path / "state")
    assert (spent(again.store), again.store.remembered.forgot_at) == (100, STARTED + RETRY)
    await again.store.close()


async def test_what_a_file_knows_that_was_away_at_the_start_counts_too(tmp_path: Path) -> None:
    """What was spent, and that what was spent before it is not known, in whatever file comes after it."""
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "state.db").write_bytes(b"nonsense" * 1000)
    first = Kept(folder)
    first.store.settle(await first.store.reserve(check(), 1000, STARTED), 700)
    await first.store.close()
    folder.rename(tmp_path / "away")
    folder.write_text("")
    kept = Kept(folder)
    assert (kept.store.is_durable, kept.store.remembered.known) == (False, False)
    await kept.store.reserve(check(), 100, STARTED)
    folder.unlink()
    (tmp_path / "away").rename(folder)
    kept.later(RETRY)
    await kept.written()
    assert kept.store.is_durable
    await kept.spoil()
    await kept.store.reserve(check(), 3, STARTED)
    await kept.store.close()
    assert await spent_in(folder) == 803
    again = Kept(folder)
    assert again.store.remembered.forgot_at == STARTED
    await again.store.close()


async def test_a_file_that_is_damaged_in_use_is_replaced_and_the_new_ledger_knows_what_was_spent(
    tmp_path: Path,
) -> None:
    first = Kept(tmp_path)
    first.store.settle(await first.store.reserve(check(), 1000, STARTED), 700)
    await first.store.close()
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    settled, open_ = [await kept.store.reserve(check(), 100, STARTED) for _ in range(2)]
    kept.store.settle(settled, 20)
    await kept.spoil()
    await kept.store.reserve(check(), 3, STARTED)
    kept.store.settle(open_, 50)
    kept.store.record_run(seen(check(), run()))
    assert await kept.requests() == 1
    assert (kept.failures, kept.store.is_durable, len(kept.said)) == (1, True, 1)
    await kept.store.close()
    assert len(list(tmp_path.glob("state.db.2*"))) == 1
    assert await spent_in(tmp_path) == 700 + 20 + 50 + 3


async def test_a_file_whose_damage_shows_in_housekeeping_is_replaced(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    await kept.store.reserve(check(), 100, STARTED)
    await kept.spoil()
    kept.store.schedule_cleanup()
    for _ in range(2):
        await kept.written()
    assert (kept.failures, kept.store.is_durable) == (1, True)
    assert "a new one was begun" in kept.said[0]
    await kept.store.close()
    assert await spent_in(tmp_path) == 100


async def test_a_ledger_that_was_lost_once_is_still_missed_in_every_later_file(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)
    await Kept(tmp_path).store.close()
    kept = Kept(tmp_path)
    kept.later(60)
    await kept.spoil()
    await kept.store.reserve(check(), 3, STARTED)
    await kept.store.close()
    again = Kept(tmp_path)
    assert again.store.remembered.forgot_at == STARTED
    await again.store.close()


async def test_what_was_spent_after_a_ledger_was_lost_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)
    kept = Kept(tmp_path)
    await kept.store.reserve(check(), 100, STARTED)
    await kept.break_off()
    await kept.store.reserve(check(), 10, STARTED)
    kept.later(RETRY)
    await kept.store.close()
    assert await spent_in(tmp_path) == 110


async def test_a_file_that_is_damaged_while_memory_takes_its_place(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    await kept.store.reserve(check(), 100, STARTED)
    await kept.break_off()
    await kept.store.reserve(check(), 10, STARTED)
    kept.store.record_run(seen(check(), run()))
    for each in tmp_path.glob("state.db*"):
        each.unlink()
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)
    kept.later(RETRY)
    await kept.store.close()
    assert kept.store.is_durable
    assert await spent_in(tmp_path) == 110
    again = Kept(tmp_path)
    assert await again.requests() == 1
    await again.store.close()


async def test_a_file_that_is_damaged_shows_when_a_report_is_read_beside_the_writer(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    kept.store.record_run(seen(check(), run()))
    await kept.spoil()
    assert await kept.requests() == 0
    assert (kept.failures, kept.store.is_durable) == (1, True)
    kept.store.record_run(seen(check(), run(1)))
    assert await kept.requests() == 1
    await kept.store.close()
