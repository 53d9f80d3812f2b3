import base64
import math
import struct

import pytest

from exporter.demo.samples import make_vector, pack_vector


@pytest.mark.parametrize("dimensions", [256, 1536])
def test_vectors_have_length_one(dimensions: int) -> None:
    made = make_vector("ping", dimensions)
    assert len(made) == dimensions
    assert math.isclose(math.hypot(*made), 1)


def test_the_text_decides() -> None:
    assert make_vector("ping") == make_vector("ping")
    assert make_vector("ping") != make_vector("pong")


def test_packed_is_little_endian_floats() -> None:
    assert struct.unpack("<2f", base64.b64decode(pack_vector((0.5, -0.25)))) == (0.5, -0.25)
