"""A real process: its output goes to files, it is stopped by its id, and it never outlives its test."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, Signals

import aiohttp

from tests.parts.waiting import PATIENCE, eventually

PORTS = range(20_000, 32_000)
"""Below those that a kernel gives to connections: none of those can take one before the program does."""


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(frozen=True, slots=True)
class Running:
    """A started process; `folder` holds its files `stdout` and `stderr`."""

    process: asyncio.subprocess.Process
    folder: Path

    @property
    def stdout(self) -> str:
        """What it has written to standard output so far."""
        return (self.folder / "stdout").read_text(errors="replace")

    @property
    def stderr(self) -> str:
        """What it has written to standard error so far."""
        return (self.folder / "stderr").read_text(errors="replace")

    async def exit_code(self) -> int:
        """Wait for its end; TimeoutError if it does not come."""
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    async def stop(self, signal: Signals) -> int:
        """Send the signal and wait for the end: the exit code."""
        self.process.send_signal(signal)
        return await self.exit_code()

    async def answers(self, url: str, seconds: float = PATIENCE) -> None:
        """Wait until the address answers 200; fail early, with its last words, if the process ends before."""
        async with aiohttp.ClientSession() as session:

            async def look() -> bool:
                assert self.process.returncode is None, f"it ended before it was ready:\n{self.stderr}"
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(url) as answer:
                        return answer.status == 200
                return False

            await eventually(look, lambda: f"200 from {url}; standard error:\n{self.stderr}", seconds)


@contextlib.asynccontextmanager
async def running(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """Start a command in `folder`; whatever the test does, it is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = await asyncio.create_subprocess_exec(
            *map(str, command), cwd=folder, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=err
        )
    try:
        yield Running(process, folder)
    finally:
        if process.returncode is None:
            process.send_signal(SIGKILL)
            await process.wait()
