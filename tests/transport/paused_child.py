"""One question to a vendor from a process that the test stops: `python -m tests.transport.paused_child URL TOTAL`."""

import json
import sys

from exporter.aio.instrumented_loop import run_instrumented
from exporter.core.clock import SystemClock
from exporter.core.target import Deadlines
from exporter.transport import HttpTransport
from tests.transport.asking import ask, provider


async def main() -> int:
    total = float(sys.argv[2])
    transport = HttpTransport(SystemClock())
    seen = await ask(
        transport, provider(sys.argv[1]), deadlines=Deadlines(connect=total, first_token=total, total=total)
    )
    await transport.close()
    failure = seen.failure
    told = {"reason": "ok" if failure is None else failure.reason.value, "ended": seen.ended}
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(run_instrumented(main))
