"""Which requests another site's page made, and which names lead to this machine alone."""

import pytest

from exporter.server.access.guard import is_cross_site, is_expected_host, is_loopback_host

HOST = "localhost:10115"


@pytest.mark.parametrize(
    ("headers", "crosses"),
    [
        pytest.param({}, False, id="a program"),
        pytest.param({"Sec-Fetch-Site": "none"}, False, id="typed in"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, False, id="our own page"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, True, id="a sibling"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, True, id="another site"),
        pytest.param({"Sec-Fetch-Site": ""}, True, id="nonsense"),
        pytest.param({"Origin": "http://localhost:10115"}, False, id="our own origin"),
        pytest.param({"Origin": "HTTP://LOCALHOST:10115"}, False, id="our own origin, loud"),
        pytest.param({"Origin": "https://localhost:10115"}, True, id="another scheme"),
        pytest.param({"Origin": "http://localhost:8080"}, True, id="another port"),
        pytest.param({"Origin": "http://evil.example"}, True, id="another origin"),
        pytest.param({"Origin": "null"}, True, id="a sandboxed page"),
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True, id="of two the worse"),
    ],
)
def test_cross_site(headers: dict[str, str], *, crosses: bool) -> None:
    assert is_cross_site(headers, "http", HOST) is crosses


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("LocalHost.", True),
        ("exporter.localhost", True),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
    ],
)
def test_loopback(host: str, *, own: bool) -> None:
    assert is_loopback_host(host) is own


@pytest.mark.parametrize(
    ("header", "fine"),
    [
        (None, True),
        ("localhost", True),
        ("localhost:10115", True),
        ("127.0.0.1:10115", True),
        ("[::1]:10115", True),
        ("[::1]", True),
        ("evil.example:10115", False),
        ("evil.example", False),
        ("localhost:evil.example", False),
        ("", False),
    ],
)
def test_expected(header: str | None, *, fine: bool) -> None:
    assert is_expected_host(header) is fine
