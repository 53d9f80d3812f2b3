"""Turn an answer that is an error into a `Failure`: read the error, ask the table, add what the headers tell."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exporter.core.exchange import Finished, RemoteError
from exporter.core.outcome import NOTHING_THERE, Failure, Fault, Reason
from exporter.dialects.errors.error_rule import CLIENT, ErrorRule
from exporter.dialects.errors.rules import find_rule
from exporter.dialects.errors.vendor_error import VendorError, find_error, find_flat_error, read_error_body
from exporter.dialects.times import read_http_date, read_number

REEXPORTED = "llm_provider-"

LONGEST_WAIT = 86400.0
"""Seconds: a vendor may ask for any time, up to 1e300; what is longer than a day is taken as a day."""


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, counted from the answer and at most a day, or None where it does not tell."""
    told = (_read_one(headers, prefix) for prefix in ("", REEXPORTED))
    return next((min(seconds, LONGEST_WAIT) for seconds in told if seconds is not None), None)


def _read_one(headers: Mapping[str, str], prefix: str) -> float | None:
    milliseconds = read_number(headers.get(f"{prefix}retry-after-ms", ""))
    if milliseconds is not None and milliseconds >= 0:
        return milliseconds / 1000
    text = headers.get(f"{prefix}retry-after", "")
    seconds = read_number(text)
    if seconds is None:
        seconds = _seconds_until(text, headers.get("date", ""))
    return seconds if seconds is not None and seconds >= 0 else None


def _seconds_until(text: str, answered: str) -> float | None:
    """Return the seconds from the answer's own date to the given one: both are the server's clock."""
    until, since = read_http_date(text), read_http_date(answered)
    return None if until is None or since is None else max(0.0, until - since)


RATE_OR_TIME = (408, 429)
"""Statuses that a proxy on the way may answer with a page and that mean the same there."""

NOT_HERE = ErrorRule("a web page instead of the API", Reason.INVALID_RESPONSE, fault=Fault.US)
"""The address leads to a web server: `base_url` is wrong."""

OF_AN_ACCOUNT = frozenset({Reason.AUTH, Reason.PERMISSION, Reason.QUOTA_EXHAUSTED, Reason.RATE_LIMITED})
"""Reasons that are about the account whose key was sent."""

LONGEST_DETAIL = 500
LONGEST_CODE = 100
LONGEST_PLACE = 200
"""Characters of a redirect's target; its query may hold a token and is left out."""

Verdict = RemoteError | Finished
"""`Finished` only where reasoning ate the cap and the vendor calls that an error."""


def classify_error(status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Name an answer whose status is not 2xx. Header names are lower-case."""
    error, row = read_error(status, headers, body)
    if error.page and status in CLIENT and status not in RATE_OR_TIME:
        row = NOT_HERE if status in NOTHING_THERE else None  # a status counts only if an API answered
    named = _make_verdict(error, row, Reason.INVALID_RESPONSE)
    if isinstance(named, Finished):
        return named
    told = read_retry_after(headers)
    return RemoteError(
        replace(
            named.failure,
            detail=_make_detail(status, headers, error.message),
            http_status=status,
            retry_after=named.failure.retry_after if told is None else told,
        )
    )


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> tuple[VendorError, ErrorRule | None]:
    """Read the vendor's error, and find the row of the table that names it (None if no row does)."""
    error = read_error_body(body)
    kind = headers.get("x-amzn-errortype", "").partition(":")[0]
    if kind:
        error = replace(error, words=(kind, *error.words))
    own = _is_litellm_error(headers, error.message) or headers.get("x-portkey-gateway-exception", "") == "true"
    return error, find_rule(error, status, own=own)


def find_error_in_answer(document: Any, *, known: bool = True) -> Verdict | None:
    """Find the error in a whole document that came with a 200. `known` False: it is no answer of the protocol."""
    error = find_error(document)
    if error is None and not known:
        error = find_flat_error(document)
    return None if error is None else _make_verdict(error, find_rule(error, None), Reason.SERVER_ERROR)


def classify_stream_error(error: VendorError, *, after_output: bool) -> Verdict:
    """Name an error event. Before any output the table decides; after it the answer was cut, whatever its name."""
    named = _make_verdict(error, find_rule(error, None), Reason.SERVER_ERROR)
    return as_interruption(named) if after_output and isinstance(named, RemoteError) else named


def as_interruption(error: RemoteError) -> RemoteError:
    """Return the same error as the end of an answer that had begun."""
    return RemoteError(replace(error.failure, reason=Reason.STREAM_INTERRUPTED))


def _make_verdict(error: VendorError, row: ErrorRule | None, otherwise: Reason) -> Verdict:
    verdict = otherwise if row is None else row.verdict
    if isinstance(verdict, Finished):
        return verdict
    return RemoteError(
        Failure(
            reason=verdict,
            detail=(error.message or "an error without words")[:LONGEST_DETAIL],
            fault=_find_fault(error, row, verdict),
            retry_after=error.retry_after,
            code=None if error.code is None else error.code[:LONGEST_CODE],
            bare=error.bare,
        )
    )


def _find_fault(error: VendorError, row: ErrorRule | None, reason: Reason) -> Fault | None:
    """Return whose fault it is where the reason does not say: an upstream that refuses a gateway does not refuse us."""
    if row is not None and row.fault is not None:
        return row.fault
    return Fault.GATEWAY if error.quoted and reason in OF_AN_ACCOUNT else None


def _make_detail(status: int, headers: Mapping[str, str], message: str) -> str:
    if 300 <= status < 400:  # noqa: PLR2004 (HTTP's class of redirects)
        place = headers.get("location", "nowhere").partition("?")[0][:LONGEST_PLACE]
        return f"HTTP {status} points to {place}; redirects are not followed: put the final address into base_url"
    return (message or f"HTTP {status} without words")[:LONGEST_DETAIL]


def _is_litellm_error(headers: Mapping[str, str], message: str) -> bool:
    """Return whether LiteLLM itself failed: its headers are there, nothing of an upstream is."""
    if not any(name.startswith("x-litellm-") for name in headers):
        return False
    upstream = any(name.startswith(REEXPORTED) for name in headers)
    return not upstream and not message.startswith("litellm.")
