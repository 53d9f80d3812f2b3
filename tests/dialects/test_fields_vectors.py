"""What counts as an embedding."""

import base64
import math
import struct
from typing import Any

import pytest

from exporter.dialects.fields import read_vector


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        pytest.param([1, -0.5], (1.0, -0.5), id="numbers"),
        pytest.param(base64.b64encode(struct.pack("<2f", 1, -0.5)).decode(), (1.0, -0.5), id="base64"),
        pytest.param([], None, id="no number"),
        pytest.param([True], None, id="no numbers"),
        pytest.param(["1"], None, id="text in a list"),
        pytest.param("AAA=", None, id="half a number"),
        pytest.param("", None, id="nothing"),
        pytest.param("not base64!", None, id="a text"),
        pytest.param({"0": 1}, None, id="an object"),
    ],
)
def test_vectors(value: Any, numbers: tuple[float, ...] | None) -> None:
    assert read_vector(value) == numbers


def test_null_is_no_number() -> None:
    found = read_vector([1.0, None])
    assert found is not None
    assert math.isnan(found[1])
