"""The bytes of a request of HTTP/1.1, and of the one that asks a proxy for a tunnel."""

from collections.abc import Mapping

from yarl import URL

from exporter import __version__
from exporter.transport.http.prepared_request import PreparedRequest

USER_AGENT = f"ai-api-exporter/{__version__}"
_PORTS = {"http": 80, "https": 443}


def make_request(out: PreparedRequest, *, keep_alive: bool) -> bytes:
    """Head and body in one piece, so that they leave in one write. What `out` says outranks what is added here."""
    passed_on = out.proxy is not None and not out.is_tunnelled
    target = str(out.url) if passed_on else out.url.raw_path_qs
    headers = {
        "host": _make_host(out.url),
        "user-agent": USER_AGENT,
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "keep-alive" if keep_alive else "close",
        **out.headers,
    }
    if out.body is not None:
        headers["content-length"] = str(len(out.body))
    return _make_head(f"{out.method} {target} HTTP/1.1", headers) + (out.body or b"")


def make_tunnel_request(out: PreparedRequest) -> bytes:
    """Make the request to the proxy for a tunnel to the target."""
    where = f"{_bracket_ipv6(out.url)}:{out.url.port}"
    headers = {"host": where, "user-agent": USER_AGENT, **(out.proxy_headers or {})}
    return _make_head(f"CONNECT {where} HTTP/1.1", headers)


def _make_head(first: str, headers: Mapping[str, str]) -> bytes:
    lines = [first, *[f"{name}: {value}" for name, value in headers.items()], "", ""]
    return "\r\n".join(lines).encode()


def _make_host(url: URL) -> str:
    host = _bracket_ipv6(url)
    return host if url.port in (None, _PORTS[url.scheme]) else f"{host}:{url.port}"


def _bracket_ipv6(url: URL) -> str:
    host = url.raw_host or ""
    return f"[{host}]" if ":" in host else host
