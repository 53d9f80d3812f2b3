"""Which proxy a request goes by: the provider's own, or the one that the environment names.

The environment's variables are those of curl and others: `https_proxy`, `http_proxy` and, for both, `all_proxy`, in
small or capital letters. `no_proxy` holds what is asked directly: names (and all below them), `*`, addresses, networks
(10.0.0.0/8), each with or without a port.
"""

import ipaddress
import re
from urllib.request import getproxies

from yarl import URL

from exporter.core.outcome import Reason
from exporter.core.target import Provider
from exporter.transport.failures import SetupError

SOCKS = frozenset({"socks5", "socks5h"})
"""Schemes of SOCKS proxies; with `socks5` the name is looked up here, with `socks5h` by the proxy."""

SCHEMES = frozenset({"http", "https", *SOCKS})


def find_proxy(provider: Provider, url: URL) -> URL | None:
    """Return the proxy for a request, None to ask directly. Raises SetupError if its address cannot be used."""
    address: str | None = None
    if provider.proxy is not None:
        address = provider.proxy.get_secret_value()
    elif provider.trust_env:
        proxies = getproxies()
        if not is_bypassed(url, proxies.get("no", "")):
            address = proxies.get(url.scheme) or proxies.get("all")
    if not address:
        return None
    proxy = _parse_proxy(address)
    if proxy is None:
        said = "the proxy's address cannot be used; write it as http://HOST:PORT or socks5://HOST:PORT"
        raise SetupError(Reason.CONNECT, said)
    return proxy


def is_bypassed(url: URL, no_proxy: str) -> bool:
    """Return whether an address is among those that the value of `no_proxy` names."""
    host, port = (url.raw_host or "").lower().rstrip("."), url.port
    return any(_names(entry, host, port) for entry in re.split(r"[\s,]+", no_proxy.lower()) if entry)


def _names(entry: str, host: str, port: int | None) -> bool:
    """Return whether one entry of `no_proxy` names a host and port."""
    if entry == "*":
        return True
    name, of_port = _split_port(entry)
    if of_port and of_port != str(port):
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        suffix = name.removeprefix("*").strip(".")
        return bool(suffix) and (host == suffix or host.endswith(f".{suffix}"))
    try:
        return address in ipaddress.ip_network(name, strict=False)
    except ValueError:
        return False


def _split_port(entry: str) -> tuple[str, str]:
    """Split `host:port`, `[v6]:port`, `host` or a bare IPv6 address into name and port."""
    if match := re.fullmatch(r"\[(.*)\](?::(\d+))?|([^:]*):(\d+)", entry):
        return match[1] or match[3] or "", match[2] or match[4] or ""
    return entry, ""


def _parse_proxy(address: str) -> URL | None:
    """Parse a proxy's address, which may come without a scheme, as in many environments; None if it is none."""
    try:
        url = URL(address if "://" in address else f"http://{address}")
        usable = url.scheme in SCHEMES and url.host and (url.port or url.scheme in SOCKS)
    except ValueError:
        return None
    return url if usable else None
