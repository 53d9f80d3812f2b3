"""Finding a secret again, in whatever clothes it wears."""

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

RUN = 8
"""So many characters in a row are a leak; fewer are what a vendor may show of a key ("sk-...wxyz")."""


def disguises(secret: str) -> Iterator[str]:
    """The secret as it is, escaped for JSON, percent-encoded, and in base64 wherever it may begin."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret)[1:-1].replace("/", "\\/")
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield encoded.lower()
    for before in ("", "x", "xx"):
        # Characters of base64 that also carry bits of what stands around the secret are not the secret's own.
        whole = base64.b64encode((before + secret).encode()).decode().rstrip("=")
        own = whole[(len(before) * 8 + 5) // 6 : (len(before + secret) * 8) // 6]
        yield own
        yield own.replace("+", "-").replace("/", "_")


def traces(secrets: Iterable[str], text: str) -> list[str]:
    """The runs of characters in `text` that give a secret away."""
    runs = {
        disguise[start : start + RUN]
        for secret in secrets
        for disguise in disguises(secret)
        for start in range(len(disguise) - RUN + 1)
    }
    return sorted(run for run in runs if run in text)
