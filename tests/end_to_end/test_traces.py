"""The search for secrets finds them: without this, finding nothing would prove nothing."""

import base64
import json
from urllib.parse import quote

import pytest

from tests.end_to_end.traces import traces

SECRET = 'Zq"7x/Wv\\9Lm+Rk=2T&s'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SECRET, id="as it is"),
        pytest.param(SECRET[5:13], id="eight characters of it"),
        pytest.param(json.dumps({"key": SECRET}), id="in JSON"),
        pytest.param(json.dumps({"key": SECRET}).replace("/", "\\/"), id="in JSON with escaped slashes"),
        pytest.param(quote(SECRET, safe=""), id="percent-encoded"),
        pytest.param(quote(SECRET, safe="").lower(), id="percent-encoded in lower case"),
        *(
            pytest.param(base64.b64encode((before + SECRET + after).encode()).decode(), id=f"base64 {before}...{after}")
            for before in ("", "a", "ab", "user:")
            for after in ("", "z", "zz")
        ),
        pytest.param(base64.urlsafe_b64encode(SECRET.encode()).decode(), id="base64 for addresses"),
    ],
)
def test_a_secret_is_found(text: str) -> None:
    assert traces([SECRET], f"before {text} after")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"{SECRET[:7]}...{SECRET[-7:]}", id="both ends, seven characters each"),
        pytest.param(base64.b64encode(b"something else altogether").decode(), id="other base64"),
    ],
)
def test_what_is_no_secret_is_not_found(text: str) -> None:
    assert traces([SECRET], text) == []
