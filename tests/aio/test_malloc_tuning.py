"""Memory that was used once is given back. In processes of their own, whose memory nothing else moves."""

import subprocess
import sys

import pytest

from exporter.aio.malloc_tuning import tune_malloc

MOVES = """
import sys
from pathlib import Path
from exporter.aio.malloc_tuning import trim_heap, tune_malloc
{before}
large = bytearray(20_000_000)
del large
blocks, pins = [], []
for _ in range(100):
    blocks.append(bytearray(1_000_000))
    pins.append(bytes(1000))
del blocks
{after}
pages = int(Path("/proc/self/statm").read_text().split()[1])
print(pages * 4096 // 1_000_000)
"""


def measure_memory(before: str = "", after: str = "") -> int:
    """MB that are left of 100 blocks of 1 MB with small ones between, all large ones freed, after a larger one."""
    code = MOVES.format(before=before, after=after)
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's memory so")
class TestMemory:
    def test_large_blocks_are_given_back(self) -> None:
        assert measure_memory(before="tune_malloc()") < measure_memory() - 80

    def test_a_trim_gives_back_what_was_kept(self) -> None:
        assert measure_memory(after="trim_heap()") < measure_memory() - 80


def test_a_library_without_such_settings_is_left_alone() -> None:
    assert tune_malloc(object()) is False
