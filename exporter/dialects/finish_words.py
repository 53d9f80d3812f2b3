"""Why a model stopped, in the words of vendors and of the gateways that pass them on: one reading for all dialects.

A word may come in any case (`MAX_TOKENS` through a gateway of OpenAI's form). A word that no table has is read by what
it says: what names an error, a cancellation or a limit of time is no success, what names a filter is one.
"""

import re
from collections.abc import Mapping

from exporter.core.exchange import Finish

BROKEN_OFF = re.compile(r"error|fail|abort|cancel|time_?out|interrupt|disconnect|exception|malformed")
FILTERED = re.compile(
    r"filter|safety|sensitive|prohibited|blocked|blocklist|moderation|policy|recitation|spii|guardrail"
)
AT_THE_LIMIT = re.compile(r"length|max_?(?:output_|new_)?tokens|context_window")
DONE = re.compile(r"stop|eos|end_?turn|complete|finished")


def find_finish(native: str, known: Mapping[str, Finish]) -> Finish:
    """Find what a word means: by the dialect's own table, whose keys are in any one case, else by what it says."""
    for spelled in (native, native.lower(), native.upper()):
        if spelled in known:
            return known[spelled]
    word = native.lower()
    for pattern, meaning in (
        (BROKEN_OFF, Finish.ERROR),
        (FILTERED, Finish.FILTERED),
        (AT_THE_LIMIT, Finish.LENGTH),
        (DONE, Finish.STOP),
    ):
        if pattern.search(word):
            return meaning
    return Finish.OTHER
