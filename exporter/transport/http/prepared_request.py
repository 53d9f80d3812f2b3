"""One request before it is sent: address, headers with the key, the way through a proxy, and its bytes."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from yarl import URL

from exporter import __version__
from exporter.core.exchange import Request, SentRequest
from exporter.core.outcome import Reason
from exporter.core.redaction import mask_headers
from exporter.core.target import Provider
from exporter.dialects.base import Dialect
from exporter.transport.failures import SetupError
from exporter.transport.http.proxies import SOCKS, find_proxy


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request with everything added. `headers` hold the key, `proxy_headers` or `proxy_account` the proxy's password.

    A proxy carries https through a tunnel (CONNECT); plain http it passes on itself. A SOCKS proxy carries both through
    a tunnel.
    """

    method: str
    url: URL
    body: bytes | None
    streamed: bool
    headers: Mapping[str, str] = field(repr=False)
    proxy: URL | None = None
    proxy_headers: Mapping[str, str] | None = field(default=None, repr=False)
    proxy_account: tuple[str, str] | None = field(default=None, repr=False)
    credential_names: frozenset[str] = frozenset()

    @property
    def is_tunnelled(self) -> bool:
        """Whether a proxy opens a connection to the server on which we speak with the server alone."""
        return self.proxy is not None and (self.url.scheme == "https" or self.proxy.scheme in SOCKS)


def prepare_request(provider: Provider, request: Request, dialect: Dialect) -> PreparedRequest:
    """Complete a request as the provider wants it. SetupError says which of our settings makes it impossible."""
    url = _make_url(provider, request)
    credentials = _make_credentials(provider, dialect, url)
    headers = {**request.headers, **credentials}
    headers |= {name.lower(): value.get_secret_value() for name, value in provider.headers.items()}
    proxy = find_proxy(provider, url)
    proxy_headers, proxy_account = None, None
    if proxy is not None and proxy.user is not None:
        # The proxy's password is for the proxy alone: with CONNECT, or beside a request that it passes on.
        if proxy.scheme in SOCKS:
            proxy_account = (proxy.user, proxy.password or "")
        elif url.scheme == "https":
            proxy_headers = {"proxy-authorization": _make_basic_auth(proxy)}
        else:
            headers["proxy-authorization"] = _make_basic_auth(proxy)
    return PreparedRequest(
        method=request.method,
        url=url.with_user(None),
        body=request.body,
        streamed=request.streamed,
        headers=_check_headers(headers),
        proxy=None if proxy is None else proxy.with_user(None),
        proxy_headers=proxy_headers,
        proxy_account=proxy_account,
        credential_names=frozenset(credentials),
    )


def _make_url(provider: Provider, request: Request) -> URL:
    if not request.path.startswith("/"):
        raise SetupError(Reason.INVALID_RESPONSE, "a path that does not begin with a slash was to be asked for")
    base = _parse_url(request.origin or provider.base_url)
    if base is None:
        raise SetupError(Reason.BAD_REQUEST, "base_url is not an address; write it as https://HOST/PATH")
    return URL(f"{base}{request.path}", encoded=True)


def _parse_url(address: str) -> URL | None:
    """Parse an HTTP address, or return None: yarl looks at some parts only when they are read."""
    try:
        url = URL(address.rstrip("/"))
        usable = url.scheme in ("http", "https") and url.host
    except ValueError:
        return None
    return url if usable else None


def _make_credentials(provider: Provider, dialect: Dialect, url: URL) -> Mapping[str, str]:
    """Put the key where the dialect (or the provider) wants it; without a key, use the account in the address."""
    try:
        key = provider.credential.reveal()
    except OSError as error:
        raise SetupError(Reason.AUTH, f"the key cannot be read: {error.strerror}") from None
    if key is not None:
        name, prefix = provider.key_header or (dialect.key_header.name, dialect.key_header.prefix)
        return {name.lower(): prefix + key.get_secret_value()}
    return {"authorization": _make_basic_auth(url)} if url.user is not None else {}


def _check_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not value.replace("\t", " ").isprintable():
            said = f"the header {name} holds a character that HTTP does not allow (a line break?)"
            raise SetupError(Reason.BAD_REQUEST, said)
    return headers


def _make_basic_auth(url: URL) -> str:
    account = f"{url.user}:{url.password or ''}"
    return "Basic " + base64.b64encode(account.encode()).decode("ascii")


USER_AGENT = f"ai-api-exporter/{__version__}"
_PORTS = {"http": 80, "https": 443}


def make_request(out: PreparedRequest, *, keep_alive: bool) -> bytes:
    """Head and body in one piece, so that they leave in one write. What `out` says outranks what is added here."""
    passed_on = out.proxy is not None and not out.is_tunnelled
    target = str(out.url) if passed_on else out.url.raw_path_qs
    return _make_head(f"{out.method} {target} HTTP/1.1", _complete_headers(out, keep_alive=keep_alive)) + (
        out.body or b""
    )


def describe_request(out: PreparedRequest, *, keep_alive: bool) -> SentRequest:
    """Describe the request for a person to see, its credentials masked."""
    headers = mask_headers(_complete_headers(out, keep_alive=keep_alive), out.credential_names)
    return SentRequest(method=out.method, url=str(out.url), headers=headers)


def _complete_headers(out: PreparedRequest, *, keep_alive: bool) -> dict[str, str]:
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
    return headers


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
