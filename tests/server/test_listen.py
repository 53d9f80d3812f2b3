"""How addresses are written, and the sentence for each that cannot be read."""

import pytest

from exporter.errors import UsageError
from exporter.server.listen import Listen, parse_listen


@pytest.mark.parametrize(
    ("text", "listen", "written"),
    [
        pytest.param("127.0.0.1:10115", Listen("127.0.0.1", 10115), "127.0.0.1:10115", id="an IPv4 address"),
        pytest.param(":10115", Listen(None, 10115), ":10115", id="all addresses"),
        pytest.param("[::1]:10115", Listen("::1", 10115), "[::1]:10115", id="an IPv6 address"),
        pytest.param("[::]:80", Listen("::", 80), "[::]:80", id="all IPv6 addresses"),
        pytest.param(" localhost:0 ", Listen("localhost", 0), "localhost:0", id="a name and any port"),
        pytest.param("host-1.example:65535", Listen("host-1.example", 65535), "host-1.example:65535", id="the last"),
    ],
)
def test_an_address_is_read_and_written(text: str, listen: Listen, written: str) -> None:
    assert parse_listen(text) == listen
    assert str(listen) == written


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("", "it has no port", id="nothing"),
        pytest.param("10115", "it has no port", id="only a port"),
        pytest.param("localhost", "it has no port", id="only a host"),
        pytest.param("localhost:", "'' is not a port", id="an empty port"),
        pytest.param("localhost:http", "'http' is not a port", id="a named port"),
        pytest.param("localhost:65536", "'65536' is not a port", id="a port too high"),
        pytest.param("localhost:-1", "'-1' is not a port", id="a negative port"),
        pytest.param("localhost:²", "'²' is not a port", id="a digit that is none"),
        pytest.param("::1:10115", "an IPv6 address stands in brackets", id="IPv6 without brackets"),
        pytest.param("[localhost]:80", "'[localhost]' is not a host", id="a name in brackets"),
        pytest.param("http://localhost:80", "an IPv6 address stands in brackets", id="an URL"),
        pytest.param("user@localhost:80", "'user@localhost' is not a host", id="a user"),
        pytest.param("local host:80", "'local host' is not a host", id="a space"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(text: str, wrong: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_listen(text)
    sentence = str(raised.value)
    assert sentence.startswith(f"cannot listen on {text!r}: {wrong}")
    assert sentence.endswith("write HOST:PORT, :PORT for all addresses, or [::1]:PORT for IPv6")
