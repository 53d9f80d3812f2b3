"""Read an error out of any body: every vendor wraps its own differently, and gateways wrap those again.

Shapes: `{"error": {...}}` (OpenAI, Anthropic, Gemini, most), the same in a one-element array (Gemini),
`{"error": "words"}` (Ollama), `{"code": "words", "error": "words"}` (xAI), `{"errors": [...]}` (Cloudflare),
`{"base_resp": {"status_code": ..., "status_msg": ...}}` (MiniMax), `{"error_code": ...}` (Baidu),
`{"Response": {"Error": {"Code": ...}}}` (Tencent), flat `{"message":
...}` (Cohere, Mistral, old vLLM), `{"detail": ...}` (FastAPI), `{"__type": ...}` (AWS), `{"html-message":
...}` (Portkey), an HTML page of something in between. A gateway quotes its upstream's error in its own message, as JSON
or as Python writes a dict: its codes count too. No judgement here: that is the table in rules.py.
"""

import ast
import contextlib
import json
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from exporter.dialects.fields import as_list, as_object, as_text, find_first_text, parse_json
from exporter.dialects.times import read_duration

LONGEST_MESSAGE = 2000
LONGEST_QUOTED = 4000
"""Characters of an error quoted inside a message that are read."""

MOST_QUOTES = 2
"""Errors quoted inside one another that are read: a gateway's upstream may be a gateway."""

QUOTED_STATUS = re.compile(r"(?:error code|status code|status|http)\W{1,3}([45]\d\d)\b", re.IGNORECASE)
LONGEST_WORD = 200
STATUSES = range(100, 600)
MESSAGES = ("message", "Message", "detail", "error_msg", "msg", "html-message")
NOTHING = frozenset({"", "None", "null"})
"""What stands where a gateway had no word (LiteLLM writes Python's)."""
HTML_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
ENVELOPE = frozenset(
    {
        *("message", "detail", "msg", "error_msg", "id", "object", "type", "param", "code", "error_code", "status"),
        *("request_id", "requestId", "trace_id", "raw_status_code", "success", "data", "timestamp", "path"),
    }
)
"""The only keys a flat error has: an answer of any protocol has others, or data."""

FIRST_VALUE = json.JSONDecoder()
"""Reads a value that other text follows, which the faster parser does not."""

WELL = frozenset({0, 200, "0", "200", "success", "ok", "OK"})
"""Codes of an envelope by which a server says that all is well."""

OF_AN_UPSTREAM = frozenset(
    {
        "upstream_error",  # new-api, one-api
        "bad_response_status_code",  # new-api
        "provider_response_error",  # claude-code-router
        "provider_error",
    }
)
"""Words by which a gateway says that what it tells is its upstream's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorError:
    """One error as the vendor told it.

    `words` are its codes and types, the most specific first; `status` the HTTP-like code written inside; `retry_after`
    seconds told in the body; `bare` a body that is in no vendor's form; `page` an HTML page; `quoted` that a gateway
    quotes its upstream's error, so that the codes are the upstream's.
    """

    words: tuple[str, ...] = ()
    message: str = ""
    status: int | None = None
    retry_after: float | None = None
    bare: bool = False
    page: bool = False
    quoted: bool = False

    @property
    def code(self) -> str | None:
        """The most specific code that is a word; a status repeated as text is none."""
        return next((word for word in self.words if not word.isdecimal()), None)


def find_error(document: Any) -> VendorError | None:
    """Find the error in a document that came with a 200; None if it is an answer."""
    if isinstance(document, list):
        document = document[0] if document else None
    if not isinstance(document, dict):
        return None
    if document.get("error") or "error" in (document.get("type"), document.get("object")):
        return read_error_object(document)
    if document.get("errors") and document.get("success") is False:
        return read_error_object(document)
    if document.get("success") is False or as_object(document.get("Response")).get("Error"):
        return read_error_object(document)
    failed = as_object(document.get("base_resp")).get("status_code") or document.get("error_code")
    return read_error_object(document) if failed not in (None, 0, "0") else None


def find_flat_error(document: Any) -> VendorError | None:
    """Find the error in a document that is no known answer and has only the fields of a flat error."""
    body = as_object(document)
    if not any(as_text(body.get(key)) or key == "detail" for key in MESSAGES if key in body):
        return None
    well = body.get("success") is True or body.get("code") in WELL or body.get("data")
    return None if well or not body.keys() <= ENVELOPE else read_error_object(body)


def read_error_body(body: bytes) -> VendorError:
    """Read the body of an error status, whatever it is: JSON of any shape, a page, a line of text, nothing."""
    document = parse_json(body)
    if isinstance(document, list) and document:
        document = document[0]
    if isinstance(document, dict):
        return read_error_object(document)
    return VendorError(message=describe_body(body), bare=True, page=body.lstrip()[:1] == b"<")


def describe_body(body: bytes) -> str:
    """Describe a body that is not JSON for a person: a page's title or the beginning of the text."""
    start = body.lstrip()[:LONGEST_WORD]
    if start.startswith(b"<"):
        title = HTML_TITLE.search(body[: 1 << 16])
        return "an HTML page" + (f": {_to_printable(title[1])}" if title else "")
    return _to_printable(start)


def _to_printable(raw: bytes) -> str:
    """Print bytes of unknown kind on one line, without invisible characters."""
    line = " ".join(raw.decode("utf-8", "replace").split())
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


def read_error_object(body: dict[str, Any], quotes: int = MOST_QUOTES) -> VendorError:
    """Read the error in an object that is known to be one; `quotes` is how deep errors quoted in it are read."""
    inner = body.get("error")
    error = _find_inner(body)
    message = _read_message(error, inner)
    quoted = _read_quoted(message, quotes)
    words = dict.fromkeys(
        word
        for word in (*(quoted.words if quoted else ()), *_read_codes(error, body))
        if word not in NOTHING and len(word) <= LONGEST_WORD
    )
    return VendorError(
        words=tuple(words),
        message=message[:LONGEST_MESSAGE],
        status=(quoted.status if quoted else None) or _read_status(error),
        retry_after=_read_retry_delay(error),
        quoted=bool(quoted and (quoted.words or quoted.status)) or _is_of_an_upstream(words, body),
    )


def _is_of_an_upstream(words: Iterable[str], body: dict[str, Any]) -> bool:
    """Return whether a gateway says that this is its upstream's error: by a word, or by Bifrost's own field."""
    return not OF_AN_UPSTREAM.isdisjoint(words) or body.get("is_bifrost_error") is False


def _find_inner(body: dict[str, Any]) -> dict[str, Any]:
    """Return the object that has the code and the message."""
    inner = body.get("error")
    if isinstance(inner, dict):
        return inner
    for several in (inner, body.get("errors")):
        if isinstance(several, list) and several:
            first = several[0]
            return first if isinstance(first, dict) else {"message": as_text(first)}
    if tencent := as_object(as_object(body.get("Response")).get("Error")):
        return tencent
    told = as_object(body.get("base_resp"))
    if told:
        return {"code": told.get("status_code"), "message": told.get("status_msg")}
    return body


def _read_quoted(message: str, quotes: int) -> VendorError | None:
    """Read the error that a message quotes, with the status written before it."""
    begin, end = message.find("{"), message.rfind("}")
    if quotes <= 0 or begin < 0 or not begin < end <= begin + LONGEST_QUOTED:
        return None
    document = _parse_first(message[begin : end + 1])
    if not isinstance(document, dict):
        return None
    error = read_error_object(document, quotes - 1)
    written = QUOTED_STATUS.search(message[:begin])
    return replace(error, status=error.status or (int(written[1]) if written else None))


def _parse_first(text: str) -> Any:
    """Parse the value that a text begins with; claude-code-router repeats it, with a stack trace, after it."""
    document = parse_json(text.encode(errors="replace"))
    if document is None:
        document = _parse_python(text)
    if document is None:
        with contextlib.suppress(ValueError, RecursionError):
            document, _ = FIRST_VALUE.raw_decode(text)
    return document


def _parse_python(text: str) -> Any:
    """Parse a value as Python writes it; None unless it is one that JSON could hold as well."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that are none
            return parse_json(orjson.dumps(ast.literal_eval(text)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _read_codes(error: dict[str, Any], body: dict[str, Any]) -> Iterator[str]:
    details = error.get("details")
    yield as_text(as_object(details).get("error_code"))
    for detail in map(as_object, as_list(details)):
        yield as_text(detail.get("reason"))
        for violation in as_list(detail.get("violations")):
            yield as_text(as_object(violation).get("quotaId"))
    yield as_text(as_object(error.get("metadata")).get("limit_source"))
    yield as_text(as_object(error.get("innererror")).get("code"))
    yield from (_to_word(error.get(key)) for key in ("code", "Code", "error_code", "error_type", "status", "type"))
    yield as_text(error.get("__type")).rpartition("#")[2]
    yield as_text(body.get("code"))
    word = as_text(body.get("error"))
    yield word if word.replace("-", "_").isidentifier() else ""


def _to_word(value: Any) -> str:
    """Return a code as a word; a vendor's own number counts, a status written as a number does not."""
    if isinstance(value, int) and not isinstance(value, bool) and value not in STATUSES:
        return str(value)
    return as_text(value)


def _read_message(error: dict[str, Any], inner: Any) -> str:
    """Read the vendor's message; the parameter it names and a gateway's upstream text are part of it."""
    said = find_first_text(_to_sentence(error.get(key)) for key in MESSAGES)
    if isinstance(inner, str) and inner not in said:
        said = f"{inner}: {said}" if said else inner
    upstream = as_text(as_object(error.get("metadata")).get("raw"))
    if upstream:
        said = f"{said}: {upstream}" if said else upstream
    param = as_text(error.get("param"))
    return said if param in NOTHING or param in said else f"{said} (parameter: {param})"


def _to_sentence(value: Any) -> str:
    """Convert a message to text: a string, FastAPI's list of complaints, or an object as its JSON."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "; ".join(_read_complaint(as_object(each)) for each in value)
    if not isinstance(value, dict) or not value:
        return ""
    return _to_sentence(value.get("detail")) or orjson.dumps(value).decode()


def _read_complaint(each: dict[str, Any]) -> str:
    place = ".".join(str(step) for step in as_list(each.get("loc")))
    return f"{place}: {as_text(each.get('msg'))}"


def _read_status(error: dict[str, Any]) -> int | None:
    for key in ("code", "status", "status_code"):
        value = error.get(key)
        if isinstance(value, str) and value.isdecimal() and len(value) == len("200"):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:  # noqa: PLR2004 (HTTP's)
            return value
    return None


def _read_retry_delay(error: dict[str, Any]) -> float | None:
    """Read Gemini's `RetryInfo.retryDelay`, like `38s`."""
    delays = (read_duration(as_text(as_object(detail).get("retryDelay"))) for detail in as_list(error.get("details")))
    return next((delay for delay in delays if delay is not None), None)
