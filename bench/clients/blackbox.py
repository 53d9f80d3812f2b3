"""The same question asked by blackbox_exporter's HTTP prober, as Prometheus would have it ask.

It measures in a process of its own; what is asked of it here is one small page per probe, and that page tells.
"""

import asyncio
import json
import re
import subprocess
import tempfile
from pathlib import Path

import aiohttp
import yaml

from bench.clients.base import KEY, QUESTION, Errand, Seen
from bench.serving import answers
from tests.parts.process import free_port
from tests.parts.programs import installed

WAITED = re.compile(r'^probe_http_duration_seconds\{phase="processing"\} (\S+)$', re.MULTILINE)


class Blackbox:
    """A real blackbox_exporter with one module: a POST of the question, the answer read to its end."""

    def __init__(self, errand: Errand) -> None:
        found = installed("prometheus-blackbox-exporter")
        if found is None:
            raise FileNotFoundError("no blackbox_exporter on this machine; make parts fetches one where it can")
        self._errand = errand
        self._folder = tempfile.TemporaryDirectory()
        self._url = f"http://127.0.0.1:{free_port()}"
        config = Path(self._folder.name) / "blackbox.yml"
        config.write_text(yaml.safe_dump({"modules": {"chat": self._module()}}))
        address = self._url.removeprefix("http://")
        command = [str(found), f"--config.file={config}", f"--web.listen-address={address}", "--log.level=error"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def open(self) -> None:
        await asyncio.to_thread(answers, self._url)
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    def _module(self) -> dict[str, object]:
        http = {
            "method": "POST",
            "body": json.dumps(QUESTION),
            "headers": {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"},
            "preferred_ip_protocol": "ip4",
            "tls_config": {"ca_file": str(self._errand.ca)},
        }
        return {"prober": "http", "timeout": "60s", "http": http}

    async def ask(self, number: int) -> Seen | None:
        name = f"b{number}"
        target = f"{self._errand.base}/chat/completions?id={name}"
        async with self._session.get(f"{self._url}/probe", params={"target": target, "module": "chat"}) as answer:
            page = await answer.text()
        waited = WAITED.search(page)
        return Seen(name, None, None, None, float(waited[1])) if waited and "\nprobe_success 1\n" in page else None

    async def close(self) -> None:
        await self._session.close()
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def process(self) -> int:
        return self._process.pid
