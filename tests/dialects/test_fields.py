"""Fields of the wrong type are as good as none."""

from typing import Any

import pytest

from exporter.dialects import fields


@pytest.mark.parametrize(
    ("data", "document"),
    [
        pytest.param(b'{"a": 1}', {"a": 1}, id="an object"),
        pytest.param(b" \n\n [1] \n", [1], id="white space around"),
        pytest.param(b"\xef\xbb\xbf{}", {}, id="a byte order mark, as some gateways on Windows write"),
        pytest.param(b"\xef\xbb\xbf", None, id="nothing but a byte order mark"),
        pytest.param(b"{", None, id="torn"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"\xff", None, id="no UTF-8"),
        pytest.param(b"[" * 100_000, None, id="too deep"),
    ],
)
def test_parse(data: bytes, document: Any) -> None:
    assert fields.parse_json(data) == document


@pytest.mark.parametrize(
    ("value", "number"),
    [
        pytest.param(7, 7, id="a count"),
        pytest.param(7.9, 7, id="a float, as Cohere sends"),
        pytest.param(0, 0, id="none"),
        pytest.param(-1, 0, id="a sentinel"),
        pytest.param(True, 0, id="a truth is no number"),
        pytest.param("7", 0, id="text is no number"),
        pytest.param(None, 0, id="null"),
        pytest.param(1e300, 0, id="absurd"),
        pytest.param(float("inf"), 0, id="endless"),
        pytest.param(float("nan"), 0, id="not a number"),
    ],
)
def test_count(value: Any, number: int) -> None:
    assert fields.as_count(value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [(0.5, 0.5), (0, 0.0), (-0.1, None), (False, None), ("1", None), (float("inf"), None), (float("nan"), None)],
)
def test_amount(value: Any, number: float | None) -> None:
    assert fields.as_amount(value) == number


@pytest.mark.parametrize("value", [None, 3, "x", [1], True])
def test_what_is_no_object_is_an_empty_one(value: Any) -> None:
    assert fields.as_object(value) == {}


@pytest.mark.parametrize("value", [None, 3, "x", {"a": 1}])
def test_what_is_no_list_is_an_empty_one(value: Any) -> None:
    assert fields.as_list(value) == []


def test_the_first_text_that_is_one() -> None:
    assert fields.find_first_text((None, "", 3, "found", "late")) == "found"
    assert fields.find_first_text((None, "")) == ""
    assert fields.as_text(3) == ""


def test_extra_fields_are_laid_over_what_is_there() -> None:
    base = {"model": "m", "config": {"cap": 16, "kept": True}}
    extra = {"config": {"cap": 64, "thinking": {"budget": 0}}, "effort": "low", "model": {"odd": 1}}
    assert fields.merge(base, extra) == {
        "model": {"odd": 1},
        "config": {"cap": 64, "kept": True, "thinking": {"budget": 0}},
        "effort": "low",
    }
    assert base["config"] == {"cap": 16, "kept": True}
