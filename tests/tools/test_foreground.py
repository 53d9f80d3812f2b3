"""Ctrl-C on a real terminal reaches the command alone, and make takes its exit code for its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.programs import ROOT, program

ON_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
UNTIL_INTERRUPTED = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # one that comes before it is waited for is not lost
print("ready", flush=True)
signal.sigwait({signal.SIGINT})
"""


def exit_code_after(keys: bytes, recipe: str, folder: Path) -> int:
    """What make says after a person pressed these keys while its recipe ran."""
    (folder / "Makefile").write_text(f"demo:\n\t@exec {recipe}\n")
    (folder / "child.py").write_text(UNTIL_INTERRUPTED)
    command = [sys.executable, "-c", ON_A_TERMINAL, str(program("make")), "demo"]
    # Without what an outer make tells an inner one.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with subprocess.Popen(command, cwd=folder, env=alone, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        try:
            assert started.stdin is not None
            assert started.stdout is not None
            assert b"ready" in started.stdout.readline()
            started.stdin.write(keys)
            started.stdin.flush()
            return started.wait(timeout=30)
        finally:
            started.kill()


@pytest.mark.parametrize("keys", [pytest.param(b"\x03", id="Ctrl-C"), pytest.param(b"\x1a\x03", id="Ctrl-Z, Ctrl-C")])
def test_ctrl_c_ends_in_good_order(tmp_path: Path, keys: bytes) -> None:
    recipe = f"{sys.executable} {ROOT / 'tools/foreground.py'} {sys.executable} child.py"
    assert exit_code_after(keys, recipe, tmp_path) == 0


def test_without_it_make_calls_ctrl_c_an_error(tmp_path: Path) -> None:
    assert exit_code_after(b"\x03", f"{sys.executable} child.py", tmp_path) != 0


def test_without_a_terminal_the_command_just_runs() -> None:
    words: list[str | Path] = [
        sys.executable,
        ROOT / "tools/foreground.py",
        sys.executable,
        "-c",
        "print('done'); raise SystemExit(7)",
    ]
    ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, "done\n", "")
