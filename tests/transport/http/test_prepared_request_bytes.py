"""The bytes of a request, and of the question for a tunnel."""

import pytest
from yarl import URL

from exporter import __version__
from exporter.transport.http.prepared_request import PreparedRequest, make_request, make_tunnel_request


def lines(data: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in rest), body


def out(url: str, *, body: bytes | None = b"{}", proxy: str | None = None, **headers: str) -> PreparedRequest:
    method = "GET" if body is None else "POST"
    via = None if proxy is None else URL(proxy)
    at = URL(url, encoded=True)
    return PreparedRequest(method=method, url=at, body=body, streamed=False, headers=headers, proxy=via)


def test_a_request_with_a_body() -> None:
    first, headers, body = lines(make_request(out("https://vendor.example/v1/a%3Ab?x=%20y"), keep_alive=False))
    assert first == "POST /v1/a%3Ab?x=%20y HTTP/1.1"
    assert headers == {
        "host": "vendor.example",
        "user-agent": f"ai-api-exporter/{__version__}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        "content-length": "2",
    }
    assert body == b"{}"


def test_a_request_without_one() -> None:
    first, headers, body = lines(make_request(out("https://vendor.example", body=None), keep_alive=True))
    assert (first, headers["connection"], body) == ("GET / HTTP/1.1", "keep-alive", b"")
    assert "content-length" not in headers


def test_what_is_told_outranks_what_is_added() -> None:
    _, headers, _ = lines(
        make_request(out("https://vendor.example", host="other.example", accept="text/x"), keep_alive=False)
    )
    assert (headers["host"], headers["accept"]) == ("other.example", "text/x")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://vendor.example:80/", "vendor.example"),
        ("http://vendor.example:443/", "vendor.example:443"),
        ("https://vendor.example:8443/", "vendor.example:8443"),
        ("https://[::1]:8443/", "[::1]:8443"),
    ],
)
def test_the_host_names_a_port_that_is_not_the_usual_one(url: str, host: str) -> None:
    assert lines(make_request(out(url), keep_alive=False))[1]["host"] == host


def test_a_name_beyond_ascii_is_sent_as_dns_has_it() -> None:
    sent = PreparedRequest(method="GET", url=URL("https://bücher.example/"), body=None, streamed=False, headers={})
    assert lines(make_request(sent, keep_alive=False))[1]["host"] == "xn--bcher-kva.example"


def test_a_proxy_passes_plain_http_on_by_its_whole_address() -> None:
    first, _, _ = lines(make_request(out("http://vendor.example/v1", proxy="http://p.example"), keep_alive=False))
    assert first == "POST http://vendor.example/v1 HTTP/1.1"


def test_a_tunnel_hides_the_proxy_from_the_server() -> None:
    through = out("https://vendor.example/v1", proxy="http://p.example")
    assert lines(make_request(through, keep_alive=False))[0] == "POST /v1 HTTP/1.1"
    first, headers, _ = lines(make_tunnel_request(through))
    assert (first, headers["host"]) == ("CONNECT vendor.example:443 HTTP/1.1", "vendor.example:443")
