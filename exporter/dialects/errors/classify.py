"""From an answer that is an error to a `Failure`: reads the error, asks the table, adds what only headers tell."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exporter.core.exchange import Finished, RemoteError
from exporter.core.outcome import Failure, Reason
from exporter.dialects.errors.retry_after import REEXPORTED, retry_after
from exporter.dialects.errors.rules import Row, judge
from exporter.dialects.errors.vendor_error import VendorError, describe, error_in, flat_error_in

LONGEST_DETAIL = 500
LONGEST_CODE = 100
Verdict = RemoteError | Finished
"""`Finished` only where reasoning ate the cap and the vendor calls that an error."""


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Name an answer whose status is not 2xx. Header names are lower-case."""
    error, row = read_error(status, headers, body)
    named = _named(error, row, Reason.INVALID_RESPONSE)
    if isinstance(named, Finished):
        return named
    told = retry_after(headers)
    return RemoteError(
        replace(
            named.failure,
            detail=_detail(status, headers, error.message),
            http_status=status,
            retry_after=named.failure.retry_after if told is None else told,
        )
    )


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> tuple[VendorError, Row | None]:
    """What the vendor said, and the row of the table that names it (None: no row does)."""
    error = describe(body)
    kind = headers.get("x-amzn-errortype", "").partition(":")[0]
    if kind:
        error = replace(error, words=(kind, *error.words))
    return error, judge(error, status, own=_own(headers, error.message))


def in_answer(document: Any, *, known: bool = True) -> Verdict | None:
    """The error in a whole document that came with a 200, or None. `known` False: it is no answer of the protocol."""
    error = error_in(document)
    if error is None and not known:
        error = flat_error_in(document)
    return None if error is None else _named(error, judge(error, None), Reason.SERVER_ERROR)


def in_stream(error: VendorError, *, after_output: bool) -> Verdict:
    """Name an error event. Before any output the table decides; after it the answer was cut, whatever its name."""
    named = _named(error, judge(error, None), Reason.STREAM_INTERRUPTED)
    return interrupted(named) if after_output and isinstance(named, RemoteError) else named


def interrupted(error: RemoteError) -> RemoteError:
    """The same error as the end of an answer that had begun."""
    return RemoteError(replace(error.failure, reason=Reason.STREAM_INTERRUPTED))


def _named(error: VendorError, row: Row | None, otherwise: Reason) -> Verdict:
    verdict = otherwise if row is None else row.verdict
    if isinstance(verdict, Finished):
        return verdict
    return RemoteError(
        Failure(
            reason=verdict,
            detail=(error.message or "an error without words")[:LONGEST_DETAIL],
            fault=None if row is None else row.fault,
            retry_after=error.retry_after,
            code=None if error.code is None else error.code[:LONGEST_CODE],
            bare=error.bare,
        )
    )


def _detail(status: int, headers: Mapping[str, str], message: str) -> str:
    if 300 <= status < 400:  # noqa: PLR2004 (HTTP's class of redirects)
        place = headers.get("location", "nowhere")
        return f"HTTP {status} points to {place}; redirects are not followed: put the final address into base_url"
    return (message or f"HTTP {status} without words")[:LONGEST_DETAIL]


def _own(headers: Mapping[str, str], message: str) -> bool:
    """Whether LiteLLM itself failed: its headers are there, nothing of an upstream is."""
    if not any(name.startswith("x-litellm-") for name in headers):
        return False
    upstream = any(name.startswith(REEXPORTED) for name in headers)
    return not upstream and not message.startswith("litellm.")
