"""Headers of every answer, also of those that no handler makes."""

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import hdrs

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        hdrs.CACHE_CONTROL: "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
"""What every answer carries, unless it sets its own."""

SERVER = "ai-api-exporter"
"""The `Server` header of answers to what is not HTTP: without versions, which would help an attacker."""
