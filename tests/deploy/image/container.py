"""A container of the image, run in three ways: the demo, `run` with a state directory, and on a read-only root."""

import contextlib
import os
import shlex
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import Any

import aiohttp

from tests.deploy.image.builder import Builder
from tests.parts.process import Running, free_port, running
from tests.parts.waiting import eventually

STATE = "/var/lib/ai-api-exporter"
CONFIGURATION = """providers:
  nobody: {preset: openai-compatible, base_url: "http://127.0.0.1:1/v1", api_key: none}
models:
  - {model: any, provider: nobody, interval: 5s}
"""


@dataclass(frozen=True, slots=True)
class Container:
    """One that can be run again and again; `root` is its file system as this machine sees it."""

    builder: Builder
    name: str
    root: Path
    settings: dict[str, Any]

    @property
    def user(self) -> int:
        """The number of the user it runs as."""
        return int(self.settings["User"].partition(":")[0])

    def command(self, **variables: str) -> list[str]:
        """What runs words in it, as its user, with its environment."""
        given = [f"--env={name}={value}" for name, value in variables.items()]
        return ["buildah", "run", "--isolation=chroot", *given, self.name, "--"]

    def command_read_only(self, **variables: str) -> list[str]:
        """The same on a root file system that cannot be written; /tmp is a memory of its own."""
        root = shlex.quote(str(self.root))
        mounts = f"mount --bind {root} {root}; mount -o remount,bind,ro {root}; mount -t tmpfs tmpfs {root}/tmp"
        given = [*self.settings["Env"], *(f"{name}={value}" for name, value in variables.items())]
        script = f'set -e; {mounts}; exec chroot --userspec={self.settings["User"]} {root} /usr/bin/env -i "$@"'
        return ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh", *given]


async def demo(container: Container, folder: Path) -> str:
    """The demo probes its simulated vendors."""
    address = f"127.0.0.1:{free_port()}"
    words = [*container.command(AI_API_EXPORTER_LISTEN=address), *container.settings["Entrypoint"], "demo"]
    async with started(container, words, folder, address):
        await shows(address, "ai_api_probe_success{")
        await is_healthy(container, address, folder)
    assert await looked(container, address, folder) == 1, "healthy, though nobody is there"
    return "demo: answers /-/healthy and /metrics as a user without rights; its health check sees it come and go"


async def run_with_state(container: Container, folder: Path) -> str:
    """What the image does unless told otherwise, with a configuration and a directory for its state."""
    (container.root / STATE[1:] / "exporter.yml").write_text(CONFIGURATION)
    address = f"127.0.0.1:{free_port()}"
    variables = {"LISTEN": address, "CONFIG": f"{STATE}/exporter.yml", "STATE_DIR": STATE}
    given = {f"AI_API_EXPORTER_{name}": value for name, value in variables.items()}
    words = [*container.command(**given), *container.settings["Entrypoint"], *container.settings["Cmd"]]
    async with started(container, words, folder, address):
        await shows(address, 'ai_api_errors_total{provider="nobody",model="any",probe="chat",error_type="connect"} 1')
        await is_healthy(container, address, folder)
    return f"run: keeps its state in {STATE}"


async def demo_read_only(container: Container, folder: Path) -> str:
    """The demo with nothing to write to but /tmp; without a builder between, so this is the start that is timed."""
    address = f"127.0.0.1:{free_port()}"
    command = container.command_read_only(AI_API_EXPORTER_LISTEN=address)
    begun = time.monotonic()
    async with started(container, [*command, *container.settings["Entrypoint"], "demo"], folder, address) as daemon:
        took, worked = time.monotonic() - begun, seconds_of_cpu(daemon)
        await shows(address, "ai_api_probe_success{")
    return f"read-only root: answers /-/healthy {took:.1f} s after its start, {worked:.1f} s of them on a CPU"


@contextlib.asynccontextmanager
async def started(container: Container, words: list[str], folder: Path, address: str) -> AsyncIterator[int]:
    """The words run and answer: the daemon's process. Afterwards it is asked to end, and does."""
    async with running(words, folder, container.builder.environment) as process:
        await process.answers(f"http://{address}/-/healthy", seconds=60)
        daemon = daemon_of(process)
        assert owner(daemon) == container.user != 0, f"it runs as {owner(daemon)}"
        yield daemon
        os.kill(daemon, SIGTERM)
        assert await process.exit_code() == 0, process.stderr


async def shows(address: str, text: str) -> None:
    """Wait for a text in /metrics."""
    async with aiohttp.ClientSession() as session:

        async def look() -> bool:
            async with session.get(f"http://{address}/metrics") as answer:
                return text in await answer.text()

        await eventually(look, f"{text} in /metrics of {address}", 60)


async def is_healthy(container: Container, address: str, folder: Path) -> None:
    """The image's own check, run by hand."""
    assert await looked(container, address, folder) == 0, "it serves, but its health check does not see that"


async def looked(container: Container, address: str, folder: Path) -> int:
    """The exit code of the image's health check."""
    kind, *words = container.settings["Healthcheck"]["Test"]
    assert kind == "CMD", "a health check needs no shell"
    async with running(
        [*container.command(AI_API_EXPORTER_LISTEN=address), *words], folder / "check", container.builder.environment
    ) as process:
        return await process.exit_code()


def daemon_of(process: Running) -> int:
    """The process that was started at the end of a chain of starters."""
    return list(chain(process.process.pid))[-1]


def chain(process: int) -> Iterator[int]:
    """A process, its child, the child of that."""
    yield process
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    for child in [each for task in tasks for each in task.read_text().split()]:
        yield from chain(int(child))


def owner(process: int) -> int:
    """The user that a process runs as."""
    return Path(f"/proc/{process}").stat().st_uid


def seconds_of_cpu(process: int) -> float:
    """What a process has used so far; unlike the time it took, this says little of what else the machine does."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
