"""The exporter, started and killed again and again: `python -m tests.end_to_end.forked WORDS...`.

A line on standard input forks: the child is `ai-api-exporter WORDS`. The next line kills it, which is said in a line. A
fork has all modules loaded, so the moments lie in the work of the exporter, not in its imports.
"""

import os
import signal
import sys

import exporter.commands.run
from exporter.cli import main as exporter_main

LOADED = exporter.commands.run
"""The command imports what it needs when it is named; here before the fork."""


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"it ended by itself with {status}"


def main(words: list[str]) -> None:
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            os._exit(exporter_main(words))
        sys.stdin.readline()
        kill(child)
        sys.stdout.write("killed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
