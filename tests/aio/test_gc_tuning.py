"""What lives when things have settled is not looked through again. In a process of its own: it is the interpreter's."""

import subprocess
import sys

import pytest

SETTLED = """
import gc, sys
from weakref import ref
from exporter.aio.gc_tuning import giving_way, quieten, settle
class Each:
    pass
{before}
settle()
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
            "with giving_way(): meanwhile = sys.getswitchinterval()",
            "meanwhile < sys.getswitchinterval() == 0.005",
            "True",
            id="short turns meanwhile",
        ),
        pytest.param("quieten()", "gc.get_threshold()[2] > 10", "True", id="quiet"),
    ],
)
def test_what_is_settled(before: str, shown: str, expected: str) -> None:
    code = SETTLED.format(before=before, shown=shown)
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == expected
