"""Embeddings without a model: a unit vector that depends on the text alone."""

import base64
import math
import random
import struct

DIMENSIONS = 1536


def make_vector(text: str, dimensions: int = DIMENSIONS) -> tuple[float, ...]:
    """Make a pseudo-random direction of length 1, the same for the same text."""
    chance = random.Random(text)  # noqa: S311 (a plausible vector, not a secret)
    raw = [chance.gauss(0, 1) for _ in range(dimensions)]
    length = math.sqrt(sum(each * each for each in raw))
    return tuple(each / length for each in raw)


def pack_vector(numbers: tuple[float, ...]) -> str:
    """Base64 of little-endian 32-bit floats, as OpenAI's `encoding_format: base64` is."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
