"""Where the freshness of prompts comes from: nothing asked twice can be answered by a cache."""

import secrets
from collections.abc import Callable

Draw = Callable[[int], int]
"""A whole number from 0 up to, not including, the bound; by default the system's own randomness."""

draw: Draw = secrets.randbelow


def make_nonce(source: Draw) -> str:
    """Eight hexadecimal digits that stand first in a prompt, so that no cached beginning fits it either."""
    return f"{source(16**8):08x}"
