"""The guard before every path: rate limit, password, where the request comes from, and who may act.

An action spends money, changes something or shows an exchange.
"""

import binascii
import ipaddress
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web

from exporter.core.clock import Clock
from exporter.server.access.passwords import FORGIVEN_EVERY, Passwords, Verdict
from exporter.server.access.token_buckets import TokenBucket
from exporter.server.web_config.web_config import WebConfig

SAME = frozenset({"same-origin", "none"})
"""What a browser says of requests that our own pages make, or that a person typed in."""


def is_cross_site(headers: Mapping[str, str], scheme: str, host: str) -> bool:
    """Return whether a browser says that another site's page made this request; programs say nothing."""
    if headers.get("Sec-Fetch-Site", "none") not in SAME:
        return True
    origin = headers.get("Origin")
    return origin is not None and origin.lower() != f"{scheme}://{host}".lower()


def is_loopback_host(host: str) -> bool:
    """Return whether an address to listen on, or a name in a Host header, is this machine's own and no other's."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def is_expected_host(host_header: str | None) -> bool:
    """Return whether a Host header may lead to a loopback listener.

    A page whose name was pointed at 127.0.0.1 after it was loaded is of the same origin to the browser; its Host
    header gives it away. Browsers always send one.
    """
    if host_header is None:
        return True
    name, colon, port = host_header.rpartition(":")
    return is_loopback_host(name if colon and port.isdigit() else host_header)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

KNOWN = web.RequestKey("KNOWN", bool)
"""Set in a request whose password or certificate was right."""

_LONGEST = 1024
"""Characters of credentials that are looked at."""

_ANSWERS = {
    Verdict.WRONG: (401, "Unauthorized\n", {hdrs.WWW_AUTHENTICATE: "Basic"}),
    Verdict.TOO_OFTEN: (429, "too many wrong passwords\n", {hdrs.RETRY_AFTER: f"{FORGIVEN_EVERY:.0f}"}),
    Verdict.TOO_MANY: (503, "too many passwords to look at\n", {hdrs.RETRY_AFTER: "1"}),
}


class AccessGuard:
    """Who may. `config` tells the web configuration of now.

    `loopback`: only this machine can reach the listener. `enable_actions`: everyone who reaches it may act.
    `read_only`: no one may.
    """

    def __init__(
        self,
        config: Callable[[], WebConfig],
        clock: Clock,
        *,
        loopback: bool,
        enable_actions: bool = False,
        read_only: bool = False,
    ) -> None:
        self._config = config
        self._clock = clock
        self._loopback = loopback
        self._enable_actions = enable_actions
        self._read_only = read_only
        self._passwords = Passwords(clock)
        self._pace = (0.0, 0)
        self._bucket = TokenBucket(0.0, 0, clock)

    def protect(self, app: web.Application) -> None:
        """Stand before every path of that application."""
        app.middlewares.append(self._admit)
        app.on_response_prepare.insert(0, self._add_headers)
        app.on_cleanup.append(self._close)

    def restrict_action(self, handler: Handler) -> Handler:
        """Wrap a handler for those who may act; others get 403 with one sentence."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            if (refusal := self.explain_refusal(request)) is not None:
                return web.Response(status=403, text=f"{refusal}\n")
            return await handler(request)

        return guarded

    def explain_refusal(self, request: web.Request) -> str | None:
        """Return why this request may not act, in one sentence; None if it may."""
        return "this exporter was started with --read-only" if self._read_only else self.explain_withheld(request)

    def explain_withheld(self, request: web.Request) -> str | None:
        """Return why this request may not see an exchange, in one sentence; None if it may."""
        if is_cross_site(request.headers, request.scheme, request.host):
            return "another site's page may not do this"
        if request.get(KNOWN, False):
            return None
        if self._loopback and not is_expected_host(request.headers.get(hdrs.HOST)):
            return "the Host header does not name this machine; ask for localhost"
        if not self._loopback and not self._enable_actions:
            return (
                "this needs a password or client certificate (--web.config.file), a listener on loopback, "
                "or --web.enable-actions"
            )
        return None

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        config = self._config()
        if not self._is_within_rate(config):
            return web.Response(status=429, text="Too Many Requests\n")
        transport = request.transport
        request[KNOWN] = bool(transport is not None and transport.get_extra_info("peercert"))
        if config.users:
            verdict = await self._check_password(request, config)
            if verdict is not Verdict.RIGHT:
                status, text, headers = _ANSWERS[verdict]
                return web.Response(status=status, text=text, headers=headers)
            request[KNOWN] = True
        return await handler(request)

    def _is_within_rate(self, config: WebConfig) -> bool:
        if self._pace != (config.every, config.burst):
            self._pace = (config.every, config.burst)
            self._bucket = TokenBucket(config.every, config.burst, self._clock)
        return self._bucket.take()

    async def _check_password(self, request: web.Request, config: WebConfig) -> Verdict:
        found = read_credentials(request.headers.get(hdrs.AUTHORIZATION, ""))
        if found is None:
            return Verdict.WRONG
        return await self._passwords.check(config.users, *found, request.remote or "")

    async def _add_headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        for name, value in self._config().headers.items():
            response.headers.setdefault(name, value)

    async def _close(self, _app: web.Application) -> None:
        self._passwords.close()


def read_credentials(header: str) -> tuple[bytes, bytes] | None:
    """Name and password of a Basic authorization; None if it is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST:
        return None
    try:
        decoded = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    name, colon, password = decoded.partition(b":")
    return (name, password) if colon else None
