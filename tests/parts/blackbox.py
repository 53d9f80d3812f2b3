"""A real blackbox_exporter on a free loopback port: the exporter whose web configuration ours is held against."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from tests.parts.process import free_port, running
from tests.parts.programs import program
from tests.parts.waiting import eventually


def listens(address: str) -> bool:
    """Whether a connection can be made."""
    host, _, port = address.rpartition(":")
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex((host, int(port))) == 0


@contextlib.asynccontextmanager
async def running_blackbox(web_config: Path, folder: Path) -> AsyncIterator[str]:
    """Start one with this web configuration file and wait until it listens: its address, HOST:PORT."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "blackbox.yml").write_text("modules: {http_2xx: {prober: http}}\n")
    address = f"127.0.0.1:{free_port()}"
    command = (
        program("prometheus-blackbox-exporter"),
        "--config.file=blackbox.yml",
        f"--web.config.file={web_config}",
        f"--web.listen-address={address}",
    )

    async def look() -> bool:
        return await asyncio.to_thread(listens, address)

    async with running(command, folder) as process:
        await eventually(look, lambda: f"a listener at {address}; standard error:\n{process.stderr}")
        yield address
