"""Where `fetch.sh` put the peers."""

import os
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ai-api-exporter-peers"


def fetched(name: str) -> Path:
    """The path of something in the cache; whoever asks for peers without fetching them is told so."""
    path = CACHE / name
    if not path.exists():
        pytest.fail(f"{name} is not in the cache of peers; fetch it with sh tests/peers/fetch.sh")
    return path
