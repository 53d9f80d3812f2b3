"""Errors in all their wrappings."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.dialects.errors.vendor_error import (
    VendorError,
    describe_body,
    find_error,
    find_flat_error,
    read_error_body,
    read_error_object,
)

WRAPPED = [
    pytest.param(
        {"error": {"message": "No.", "type": "kind", "param": "n", "code": "word"}},
        VendorError(words=("word", "kind"), message="No. (parameter: n)"),
        id="OpenAI",
    ),
    pytest.param(
        {"type": "error", "error": {"type": "kind", "message": "No.", "details": {"error_code": "exact"}}},
        VendorError(words=("exact", "kind"), message="No."),
        id="Anthropic",
    ),
    pytest.param(
        [
            {
                "error": {
                    "code": 429,
                    "message": "No.",
                    "status": "KIND",
                    "details": [
                        {"reason": "WHY"},
                        {"violations": [{"quotaId": "PerDay"}, {}]},
                        {"retryDelay": "38s"},
                        "odd",
                    ],
                }
            }
        ],
        VendorError(words=("WHY", "PerDay", "KIND"), message="No.", status=429, retry_after=38.0),
        id="Gemini, in an array",
    ),
    pytest.param(
        {"code": "A sentence", "error": "Another."},
        VendorError(words=("A sentence",), message="Another."),
        id="xAI",
    ),
    pytest.param({"error": "model 'x' not found"}, VendorError(message="model 'x' not found"), id="Ollama"),
    pytest.param(
        {"error": "unauthorized", "message": "Sign in."},
        VendorError(words=("unauthorized",), message="unauthorized: Sign in."),
        id="a word and a sentence",
    ),
    pytest.param(
        {"object": "error", "message": {"detail": [{"loc": ["body", "n"], "msg": "extra"}]}, "type": "kind"},
        VendorError(words=("kind",), message="body.n: extra"),
        id="Mistral, a message that is an object",
    ),
    pytest.param(
        {"object": "error", "message": {"odd": 1}, "code": 404},
        VendorError(message='{"odd":1}', status=404),
        id="a message that is another object",
    ),
    pytest.param(
        {"error": {"code": 400, "message": "No.", "metadata": {"raw": "upstream says no", "limit_source": "x"}}},
        VendorError(words=("x",), message="No.: upstream says no", status=400),
        id="OpenRouter",
    ),
    pytest.param(
        {"error": {"metadata": {"raw": "upstream says no"}}},
        VendorError(message="upstream says no"),
        id="OpenRouter, nothing of its own",
    ),
    pytest.param(
        {"error": {"message": "No.", "type": "None", "param": "None", "code": "429"}},
        VendorError(words=("429",), message="No.", status=429),
        id="LiteLLM",
    ),
    pytest.param(
        {"error": {"code": "content_filter", "message": "No.", "status": 400, "innererror": {"code": "Exact"}}},
        VendorError(words=("Exact", "content_filter"), message="No.", status=400),
        id="Azure",
    ),
]
FLAT = [
    pytest.param({"message": "No."}, VendorError(message="No."), id="Cohere"),
    pytest.param({"detail": "Unauthorized"}, VendorError(message="Unauthorized"), id="FastAPI"),
    pytest.param(
        {"detail": [{"loc": ["body"], "msg": "bad"}, {"msg": "worse"}, "odd"]},
        VendorError(message="body: bad; : worse; : "),
        id="FastAPI's list",
    ),
]
AWS = {"__type": "com.amazon.coral#ThrottlingException", "Message": "Slow down."}


@pytest.mark.parametrize(("document", "error"), WRAPPED)
def test_an_error_is_found_in_an_answer(document: Any, error: VendorError) -> None:
    assert find_error(document) == error
    assert read_error_body(orjson.dumps(document)) == error


@pytest.mark.parametrize(("document", "error"), FLAT)
def test_a_flat_error_is_one_only_where_nothing_else_was_known(document: Any, error: VendorError) -> None:
    assert find_error(document) is None
    assert find_flat_error(document) == error
    assert read_error_body(orjson.dumps(document)) == error


def test_aws() -> None:
    assert read_error_body(orjson.dumps(AWS)) == VendorError(words=("ThrottlingException",), message="Slow down.")


@pytest.mark.parametrize(
    "document",
    [
        {"error": None, "choices": []},
        {"error": "", "choices": []},
        {"error": {}, "choices": []},
        {"type": "message", "content": []},
        {"object": "list"},
        {"message": "I am an answer", "choices": []},
        {"code": 0, "message": "success", "data": None},
        {"code": "200", "msg": "ok"},
        {"success": True, "message": "done"},
        {"message": "a list of mine", "data": [1]},
        {"base_resp": {"status_code": 0, "status_msg": ""}},
        {"error_code": 0, "error_msg": ""},
        [],
        [1],
        None,
        "text",
        7,
    ],
)
def test_what_is_no_error(document: Any) -> None:
    assert find_error(document) is None
    assert find_flat_error(document) is None


@pytest.mark.parametrize(
    ("words", "code"),
    [((), None), (("429",), None), (("429", "kind"), "kind"), (("exact", "kind"), "exact")],
)
def test_the_code_is_the_most_exact_word(words: tuple[str, ...], code: str | None) -> None:
    assert VendorError(words=words).code == code


@pytest.mark.parametrize("status", [True, 99, 600, "4290", "abc", "²²²", 404.0, None, [404]])
def test_a_status_that_is_none(status: Any) -> None:
    assert read_error_body(orjson.dumps({"error": {"code": status, "message": "No."}})).status is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"  page not found\n", "page not found", id="a line"),
        pytest.param(b"<html><title> 502 Bad\n Gateway </title>", "an HTML page: 502 Bad Gateway", id="a page"),
        pytest.param(b"\n<!doctype html><p>hello", "an HTML page", id="a page without a title"),
        pytest.param(b"\x1b[31mred\x00\xff", "\ufffd[31mred\ufffd\ufffd", id="bytes one cannot see"),
        pytest.param(b"x" * 1000, "x" * 200, id="a lot"),
    ],
)
def test_a_body_that_is_no_json_in_words(body: bytes, words: str) -> None:
    assert describe_body(body) == words
    assert read_error_body(body) == VendorError(message=words, bare=True, page=words.startswith("an HTML page"))


@pytest.mark.parametrize(
    "quoted",
    [
        "{[]: 1}",
        "{1: 2}",
        "{'message': {1: 2}}",
        "{'error': {3}}",
        "{'code': b'x'}",
        "{'code': 1j, 'message': ...}",
        "{'code': '\\d'}",
        "{" + "[" * 3000 + "}",
        "{'a': " * 900 + "}" * 900,
        "{'code': " + "9" * 3900 + "}",
        "{}",
        "}{",
        "{\x00}",
        "{\ud800}",
    ],
    ids=lambda quoted: quoted[:12].encode("ascii", "replace").decode(),
)
def test_what_is_quoted_is_read_or_left_alone(quoted: str) -> None:
    message = f"Error code: 429 - {quoted}"
    error = read_error_object({"error": {"message": message}})
    assert error.message == message[:2000]


@given(st.text(st.sampled_from("{}[]'\": ,1abx.\\"), max_size=60))
def test_whatever_is_quoted(noise: str) -> None:
    assert read_error_object({"error": {"message": f"Error code: 500 - {{'error': {noise}}}"}}).message
    assert read_error_object({"error": {"message": f"x{{{noise}}}"}}).message


def test_what_a_vendor_says_is_bounded() -> None:
    error = read_error_body(orjson.dumps({"error": {"message": "x" * 10_000, "code": "y" * 1000, "type": "kind"}}))
    assert error == VendorError(words=("kind",), message="x" * 2000)
