import pytest
from pydantic import BaseModel, ValidationError

from exporter.demo.catalog import MODELS
from exporter.demo.dialects.base import Call, Part, Shelf, find_first_mistake, join_texts, make_event


def call(**headers: str) -> Call:
    return Call(method="GET", path="/", query={}, headers=headers, body=b"", request_id="req_1", at=0.0)


@pytest.mark.parametrize(
    ("value", "key"),
    [("Bearer abc", "abc"), ("bearer abc", "abc"), ("Basic abc", None), ("Bearer ", None), ("", None)],
)
def test_a_bearer_key_is_read(value: str, key: str | None) -> None:
    assert call(authorization=value).read_bearer() == key
    assert call().read_bearer() is None


def test_models_are_found_by_name_and_snapshot() -> None:
    shelf = Shelf(models=(MODELS["gpt-4o"],))
    assert shelf.find("gpt-4o") is shelf.find("gpt-4o-2024-08-06") is MODELS["gpt-4o"]
    assert shelf.find("gpt-4o-mini") is None


def test_text_is_gathered_from_parts() -> None:
    assert join_texts("plain") == "plain"
    assert join_texts([Part(text="one"), Part(), Part(text="two")]) == "one\n\ntwo"
    assert join_texts(None) == ""


def test_events_are_framed() -> None:
    assert make_event({"a": 1}) == b'data: {"a":1}\n\n'
    assert make_event({"a": 1}, "ping") == b'event: ping\ndata: {"a":1}\n\n'


def test_the_first_mistake_is_told_with_its_place() -> None:
    class Inner(BaseModel):
        number: int

    class Outer(BaseModel):
        rows: list[Inner]

    with pytest.raises(ValidationError) as raised:
        Outer.model_validate({"rows": [{"number": "x"}]})
    assert find_first_mistake(raised.value)[0] == "rows.0.number"
