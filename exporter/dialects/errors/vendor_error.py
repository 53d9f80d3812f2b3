"""Reads an error out of any body: every vendor wraps its own differently, and gateways wrap those again.

Shapes: `{"error": {...}}` (OpenAI, Anthropic, Gemini, most), the same in a one-element array (Gemini),
`{"error": "words"}` (Ollama), `{"code": "words", "error": "words"}` (xAI), flat `{"message": ...}` (Cohere, Mistral,
old vLLM), `{"detail": ...}` (FastAPI), `{"__type": ...}` (AWS), an HTML page of something in between. No judgement
here: that is the table in verdicts.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from exporter.dialects.fields import first_text, items, parse, record, text
from exporter.dialects.times import duration

LONGEST_MESSAGE = 2000
LONGEST_WORD = 200
NOTHING = frozenset({"", "None", "null"})
"""What stands where a gateway had no word (LiteLLM writes Python's)."""
HTML_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
ENVELOPE = frozenset(
    {"message", "detail", "id", "object", "type", "param", "code", "status", "request_id", "raw_status_code"}
)
"""The only keys a flat error has: an answer of any protocol has others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorError:
    """One error as the vendor told it.

    `words` are its codes and types, the most specific first; `status` the HTTP-like code written inside; `retry_after`
    seconds told in the body; `bare` a body that is in no vendor's form.
    """

    words: tuple[str, ...] = ()
    message: str = ""
    status: int | None = None
    retry_after: float | None = None
    bare: bool = False

    @property
    def code(self) -> str | None:
        """The most specific code that is a word; a status repeated as text is none."""
        return next((word for word in self.words if not word.isdecimal()), None)


def error_in(document: Any) -> VendorError | None:
    """The error in a document that came with a 200, or None where it is an answer."""
    if isinstance(document, list):
        document = document[0] if document else None
    if not isinstance(document, dict):
        return None
    if document.get("error") or "error" in (document.get("type"), document.get("object")):
        return read(document)
    return None


def flat_error_in(document: Any) -> VendorError | None:
    """The error in a document that is no known answer and consists of nothing but what flat errors have."""
    body = record(document)
    if ("message" in body or "detail" in body) and body.keys() <= ENVELOPE:
        return read(body)
    return None


def describe(body: bytes) -> VendorError:
    """Whatever can be told of the body of an error status: JSON of any shape, a page, a line of text, nothing."""
    document = parse(body)
    if isinstance(document, list) and document:
        document = document[0]
    if isinstance(document, dict):
        return read(document)
    return VendorError(message=in_words(body), bare=True)


def in_words(body: bytes) -> str:
    """What a body that is not JSON seems to be, for a person: a page's title or the beginning of the text."""
    start = body.lstrip()[:LONGEST_WORD]
    if start.startswith(b"<"):
        title = HTML_TITLE.search(body[: 1 << 16])
        return "an HTML page" + (f": {_shown(title[1])}" if title else "")
    return _shown(start)


def _shown(raw: bytes) -> str:
    """Bytes of unknown kind on one line, without characters one cannot see."""
    line = " ".join(raw.decode("utf-8", "replace").split())
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


def read(body: dict[str, Any]) -> VendorError:
    """The error in an object that is known to be one."""
    inner = body.get("error")
    error = inner if isinstance(inner, dict) else body
    words = dict.fromkeys(word for word in _words(error, body) if word not in NOTHING and len(word) <= LONGEST_WORD)
    return VendorError(
        words=tuple(words),
        message=_message(error, inner)[:LONGEST_MESSAGE],
        status=_status(error),
        retry_after=_retry_delay(error),
    )


def _words(error: dict[str, Any], body: dict[str, Any]) -> Iterator[str]:
    details = error.get("details")
    yield text(record(details).get("error_code"))
    for detail in map(record, items(details)):
        yield text(detail.get("reason"))
        for violation in items(detail.get("violations")):
            yield text(record(violation).get("quotaId"))
    yield text(record(error.get("metadata")).get("limit_source"))
    yield text(record(error.get("innererror")).get("code"))
    yield from (text(error.get(key)) for key in ("code", "status", "type"))
    yield text(error.get("__type")).rpartition("#")[2]
    yield text(body.get("code"))
    word = text(body.get("error"))
    yield word if word.replace("-", "_").isidentifier() else ""


def _message(error: dict[str, Any], inner: Any) -> str:
    """What the vendor said; the parameter it names and a gateway's upstream text are part of it."""
    said = first_text(
        (_sentence(error.get("message")), _sentence(error.get("Message")), _sentence(error.get("detail")))
    )
    if isinstance(inner, str) and inner not in said:
        said = f"{inner}: {said}" if said else inner
    upstream = text(record(error.get("metadata")).get("raw"))
    if upstream:
        said = f"{said}: {upstream}" if said else upstream
    param = text(error.get("param"))
    return said if param in NOTHING or param in said else f"{said} (parameter: {param})"


def _sentence(value: Any) -> str:
    """A message as text: a string, FastAPI's list of complaints, or an object as its JSON."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "; ".join(_complaint(record(each)) for each in value)
    if not isinstance(value, dict) or not value:
        return ""
    return _sentence(value.get("detail")) or orjson.dumps(value).decode()


def _complaint(each: dict[str, Any]) -> str:
    place = ".".join(str(step) for step in items(each.get("loc")))
    return f"{place}: {text(each.get('msg'))}"


def _status(error: dict[str, Any]) -> int | None:
    for key in ("code", "status", "status_code"):
        value = error.get(key)
        if isinstance(value, str) and value.isdecimal() and len(value) == len("200"):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:  # noqa: PLR2004 (HTTP's)
            return value
    return None


def _retry_delay(error: dict[str, Any]) -> float | None:
    """Gemini's `RetryInfo.retryDelay`, like `38s`."""
    delays = (duration(text(record(detail).get("retryDelay"))) for detail in items(error.get("details")))
    return next((delay for delay in delays if delay is not None), None)
