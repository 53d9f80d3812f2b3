"""What dialects share unless they say otherwise."""

from exporter.core.exchange import RemoteError, ServedBy
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Quirks
from exporter.dialects.base_dialect import Ordinary


def test_errors_are_named_by_the_table() -> None:
    named = Ordinary().classify(529, {}, b'{"error": {"type": "overloaded_error", "message": "Overloaded"}}')

    assert isinstance(named, RemoteError)
    assert named.failure.reason is Reason.OVERLOADED
    assert named.failure.http_status == 529


def test_there_is_one_form_of_question() -> None:
    refused = Failure(reason=Reason.BAD_REQUEST, code="unsupported_parameter")

    assert Ordinary().adapt(Quirks(), refused) is None


def test_headers_tell_the_request() -> None:
    assert Ordinary().head({"x-request-id": "req_1"}, 0.0) == (ServedBy(request_id="req_1"),)
