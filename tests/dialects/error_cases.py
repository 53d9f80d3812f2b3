"""Errors as vendors send them, and what each means: reads the files under tests/transcripts/errors.

Each entry has a name, the row of the decision table it shows, the status (200: an error inside an answer), headers
(names in lower case), the body, and what is expected: reason, fault, code and retry_after, or `finished`.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from exporter.core.exchange import Finished, RemoteError
from tests.dialects.transcripts import ROOT


@dataclass(frozen=True, kw_only=True)
class ErrorCase:
    """One error of one vendor."""

    vendor: str
    name: str
    row: str | None
    status: int
    body: bytes
    expect: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.vendor}: {self.name}"


def error_cases() -> list[ErrorCase]:
    """All of them."""
    return [
        ErrorCase(vendor=path.stem, **{**told, "body": told["body"].encode()})
        for path in sorted((ROOT / "errors").glob("*.yaml"))
        for told in yaml.safe_load(path.read_text())
    ]


def summary(verdict: RemoteError | Finished | None) -> dict[str, Any]:
    """A verdict in the words of the files."""
    if isinstance(verdict, Finished):
        return {"finished": verdict.why.value}
    assert verdict is not None
    failure = verdict.failure
    told = {"reason": failure.reason.value, "fault": failure.blamed.value, "code": failure.code}
    return told if failure.retry_after is None else {**told, "retry_after": failure.retry_after}
