"""curl as a judge of servers: the status it got, or that it got none."""

import asyncio
from pathlib import Path

from tests.parts.programs import program

REFUSED = "refused"


async def curl(url: str, *options: str | Path) -> str:
    """The status code of the answer; `refused` where no answer came, whatever end that had."""
    words = (program("curl"), "-q", "-sS", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}", *options, url)
    process = await asyncio.create_subprocess_exec(
        *map(str, words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    out, _ = await process.communicate()
    return out.decode() if process.returncode == 0 else REFUSED
