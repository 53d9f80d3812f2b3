"""What lives when things have settled is not looked through again. In a process of its own: it is the interpreter's."""

import subprocess
import sys

import pytest

SETTLED = """
import gc, sys
from weakref import ref
from exporter.aio.gc_tuning import freeze_heap, shorter_switch_interval, tune_gc
class Each:
    pass
{before}
freeze_heap()
print({shown})
"""


@pytest.mark.parametrize(
    ("before", "shown", "expected"),
    [
        pytest.param(
            "kept = [[] for _ in range(5000)]", "any(each is kept for each in gc.get_objects())", "False", id="kept"
        ),
        pytest.param("kept = [[] for _ in range(5000)]", "gc.get_freeze_count() > 5000", "True", id="frozen"),
        pytest.param(
            "gc.disable(); each = Each(); each.own = each; dead = ref(each); del each", "dead()", "None", id="dead"
        ),
        pytest.param(
            "with shorter_switch_interval(): meanwhile = sys.getswitchinterval()",
            "meanwhile < sys.getswitchinterval() == 0.005",
            "True",
            id="short turns meanwhile",
        ),
        pytest.param("tune_gc()", "gc.get_threshold()[2] > 10", "True", id="quiet"),
    ],
)
def test_a_frozen_heap(before: str, shown: str, expected: str) -> None:
    code = SETTLED.format(before=before, shown=shown)
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == expected
