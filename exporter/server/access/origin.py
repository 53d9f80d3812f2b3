"""Where a request comes from: another site's page in a browser, or a name that should not lead here."""

import ipaddress
from collections.abc import Mapping

SAME = frozenset({"same-origin", "none"})
"""What a browser says of requests that our own pages make, or that a person typed in."""


def is_cross_site(headers: Mapping[str, str], scheme: str, host: str) -> bool:
    """Whether a browser says that another site's page made this request; programs say nothing."""
    if headers.get("Sec-Fetch-Site", "none") not in SAME:
        return True
    origin = headers.get("Origin")
    return origin is not None and origin.lower() != f"{scheme}://{host}".lower()


def is_loopback_host(host: str) -> bool:
    """Whether an address to listen on, or a name in a Host header, is this machine's own and no other's."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def is_expected_host(host_header: str | None) -> bool:
    """Whether a Host header may lead to a loopback listener.

    A page whose name was pointed at 127.0.0.1 after it was loaded is of the same origin to the browser; its Host
    header gives it away. Browsers always send one.
    """
    if host_header is None:
        return True
    name, colon, port = host_header.rpartition(":")
    return is_loopback_host(name if colon and port.isdigit() else host_header)
