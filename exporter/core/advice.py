"""What is wrong with a model's name or an address that a user wrote, and what to write instead."""

import re
from urllib.parse import urlsplit

LONGEST = 128
"""Characters; a label value is no longer."""

OPERATIONS = re.compile(
    r"/(?:(?:chat/)?completions|embeddings|responses|messages|rerank|models|api/(?:chat|generate|tags)"
    r"|models/[^/]+:\w+|model/[^/]+/converse(?:-stream)?)$"
)
"""How an address ends that is already the whole address of a question."""

VERSION = re.compile(r"/v\d+(?:beta|alpha)?\d*$")
"""How an address ends that has the version of a protocol in it."""


def find_name_problem(name: str) -> str | None:
    """Return why a model of this name cannot be asked; None if it can.

    Nearly any name is one: a file's path, a route after a comma, a deployment after a `#`. In an address it is encoded.
    """
    if not name.isprintable():
        return "a model name cannot hold control characters"
    if not name or name != name.strip():
        return "a model name cannot be empty, or have a space at its ends"
    return f"a model name has at most {LONGEST} characters" if len(name) > LONGEST else None


def suggest_base_url(base_url: str, *, holds_version: bool | None) -> str | None:
    """Return what a base URL should probably be; None if nothing about it is suspicious.

    `holds_version`: the protocol has its version in the base URL (`/v1`), not in its own paths; None: either.
    """
    better = base_url
    while (shorter := OPERATIONS.sub("", better)) != better:
        better = shorter
    path = urlsplit(better).path
    if holds_version is False:
        better = VERSION.sub("", better)
    elif holds_version and path in ("", "/"):
        better = f"{better.rstrip('/')}/v1"
    elif (version := VERSION.search(path)) is not None and path.endswith(version[0] * 2):
        better = better.removesuffix(version[0])
    return None if better == base_url else better
