"""The exporter, killed again and again at random moments: `python -m tests.end_to_end.forked SECONDS SEED WORDS...`.

For each line on standard input it forks. The child is `ai-api-exporter WORDS`, which is killed after at most SECONDS;
then it says so in a line. A fork has all modules loaded, so the moments lie in the work of the exporter, not in its
imports.
"""

import os
import random
import signal
import sys
import time

import exporter.commands.run
from exporter.cli import main as exporter_main

LOADED = exporter.commands.run
"""The command imports what it needs when it is named; here before the fork."""


def killed(words: list[str], after: float) -> None:
    """Start an exporter and kill it after so many seconds."""
    child = os.fork()
    if child == 0:
        os._exit(exporter_main(words))
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"it ended by itself with {status}"


def main(most: float, seed: int, words: list[str]) -> None:
    dice = random.Random(seed)
    for _ in sys.stdin:
        killed(words, dice.uniform(0.0, most))
        sys.stdout.write("killed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
