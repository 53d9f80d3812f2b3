"""What dialects share unless they say otherwise."""

from exporter.core.exchange import RemoteError, ServedBy
from exporter.core.outcome import Failure, Reason
from exporter.core.target import Quirks
from exporter.dialects.base import BaseDialect


def test_errors_are_named_by_the_table() -> None:
    named = BaseDialect().classify_error(529, {}, b'{"error": {"type": "overloaded_error", "message": "Overloaded"}}')

    assert isinstance(named, RemoteError)
    assert named.failure.reason is Reason.OVERLOADED
    assert named.failure.http_status == 529


def test_there_is_one_form_of_question() -> None:
    refused = Failure(reason=Reason.BAD_REQUEST, code="unsupported_parameter")

    assert BaseDialect().adapt_quirks(Quirks(), refused) is None


def test_headers_tell_the_request() -> None:
    assert BaseDialect().read_headers({"x-request-id": "req_1"}, 0.0) == (ServedBy(request_id="req_1"),)
