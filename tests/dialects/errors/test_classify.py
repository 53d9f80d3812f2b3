"""From an answer that is an error to a Failure: what the table does not decide."""

import orjson
import pytest

from exporter.core.exchange import Finish, Finished, RemoteError
from exporter.core.outcome import Failure, Fault, Reason
from exporter.dialects.errors.classify import (
    as_interruption,
    classify_error,
    classify_stream_error,
    find_error_in_answer,
)
from exporter.dialects.errors.vendor_error import VendorError

STARVED = VendorError(message="Could not finish the message because max_tokens or model output limit was reached.")


def failure(verdict: RemoteError | Finished | None) -> Failure:
    assert isinstance(verdict, RemoteError)
    return verdict.failure


@pytest.mark.parametrize("status", [100, 199, 600, 999])
def test_a_status_of_nobody_is_no_protocol(status: int) -> None:
    assert failure(classify_error(status, {}, b"")) == Failure(
        reason=Reason.INVALID_RESPONSE, detail=f"HTTP {status} without words", http_status=status, bare=True
    )


def test_a_redirect_says_where_it_points() -> None:
    told = failure(classify_error(308, {"location": "https://new.example/v1"}, b"<html>"))
    assert told.reason is Reason.INVALID_RESPONSE
    assert told.detail == (
        "HTTP 308 points to https://new.example/v1; redirects are not followed: put the final address into base_url"
    )


def test_headers_tell_the_time_to_wait_before_the_body() -> None:
    body = b'{"error": {"message": "No.", "details": [{"retryDelay": "38s"}]}}'
    assert failure(classify_error(429, {"retry-after": "5"}, body)).retry_after == 5.0
    assert failure(classify_error(429, {}, body)).retry_after == 38.0


def test_details_and_codes_are_bounded() -> None:
    told = failure(classify_error(500, {}, orjson.dumps({"error": {"message": "x" * 9000, "code": "y" * 150}})))
    assert told.detail == "x" * 500
    assert told.code == "y" * 100


@pytest.mark.parametrize(
    ("error", "before", "code", "fault"),
    [
        pytest.param(
            VendorError(words=("overloaded_error",)), Reason.OVERLOADED, "overloaded_error", None, id="a code"
        ),
        pytest.param(VendorError(status=429), Reason.RATE_LIMITED, None, None, id="a status written inside"),
        pytest.param(VendorError(message="Oh no"), Reason.SERVER_ERROR, None, None, id="nothing specific"),
        pytest.param(VendorError(), Reason.SERVER_ERROR, None, None, id="nothing at all"),
        pytest.param(
            VendorError(message="No deployments available"), Reason.OVERLOADED, None, Fault.GATEWAY, id="a gateway"
        ),
    ],
)
def test_an_error_event(error: VendorError, before: Reason, code: str | None, fault: Fault | None) -> None:
    """Before any output the table decides; after it the answer was cut, code and words are kept."""
    early = failure(classify_stream_error(error, after_output=False))
    late = failure(classify_stream_error(error, after_output=True))
    assert early.reason is before
    assert late.reason is Reason.STREAM_INTERRUPTED
    for told in (early, late):
        assert told.detail == (error.message or "an error without words")
        assert (told.code, told.fault, told.http_status) == (code, fault, None)


def test_reasoning_that_ate_the_cap_is_no_error_wherever_it_is_told() -> None:
    body = orjson.dumps({"error": {"message": STARVED.message, "type": "invalid_request_error"}})
    alive = Finished(Finish.LENGTH, "max_tokens")
    assert classify_error(400, {}, body) == alive
    assert find_error_in_answer(orjson.loads(body)) == alive
    assert (
        classify_stream_error(STARVED, after_output=False) == classify_stream_error(STARVED, after_output=True) == alive
    )


def test_an_error_inside_a_200_that_names_nothing_is_the_server_s() -> None:
    assert failure(find_error_in_answer({"error": {"message": "Oh no"}})).reason is Reason.SERVER_ERROR


def test_a_flat_error_needs_to_be_no_answer() -> None:
    assert find_error_in_answer({"message": "No."}) is None
    assert failure(find_error_in_answer({"message": "No."}, known=False)).detail == "No."


def test_an_interrupted_answer_keeps_what_was_told() -> None:
    told = Failure(reason=Reason.SERVER_ERROR, detail="No.", code="x", retry_after=3.0, fault=Fault.GATEWAY)
    assert failure(as_interruption(RemoteError(told))) == Failure(
        reason=Reason.STREAM_INTERRUPTED, detail="No.", code="x", retry_after=3.0, fault=Fault.GATEWAY
    )


@pytest.mark.parametrize(
    ("headers", "message", "fault"),
    [
        pytest.param({"x-litellm-call-id": "c"}, "broken", Fault.GATEWAY, id="LiteLLM's own"),
        pytest.param(
            {"x-litellm-call-id": "c", "llm_provider-date": "d"}, "broken", Fault.PROVIDER, id="an upstream answered"
        ),
        pytest.param({"x-litellm-call-id": "c"}, "litellm.APIError: x", Fault.PROVIDER, id="an upstream is named"),
        pytest.param({"server": "nginx"}, "broken", Fault.PROVIDER, id="no gateway is seen"),
    ],
)
def test_whose_fault_a_5xx_is(headers: dict[str, str], message: str, fault: Fault) -> None:
    assert failure(classify_error(500, headers, orjson.dumps({"error": {"message": message}}))).blamed is fault
