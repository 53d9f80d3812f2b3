"""Run a command so that Ctrl-C reaches it alone: `python tools/foreground.py COMMAND [ARGUMENT ...]`.

make answers an interrupt with an error of its own, however well the command it runs came to its end. So the command
becomes the terminal's foreground process group, and make, which is in another, never hears the interrupt.
"""

import os
import signal
import sys

TERMINAL = 0


def take_the_terminal() -> None:
    """Make this process a foreground group of its own. Ctrl-Z is off: nobody would be left to bring it back."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(TERMINAL, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)


def main(command: list[str]) -> None:
    """Replace this process by the command."""
    if os.isatty(TERMINAL) and os.tcgetpgrp(TERMINAL) == os.getpgrp():
        take_the_terminal()
    os.execvp(command[0], command)  # noqa: S606 (a command given by the Makefile, no shell wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
