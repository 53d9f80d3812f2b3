"""How often something may happen: token buckets, one for all or one per address, in bounded memory."""

import ipaddress
from collections import OrderedDict

from exporter.core.clock import Clock

ADDRESSES = 4096
"""Addresses with a bucket of their own; the one idle for longest is forgotten first."""


class TokenBucket:
    """Holds `burst` tokens and gains one every `every` seconds; with `every` 0 it is never empty."""

    def __init__(self, every: float, burst: int, clock: Clock) -> None:
        self._every = every
        self._burst = float(burst)
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock.monotonic_ns()

    def take(self) -> bool:
        """Return whether there was a token; it is gone then."""
        if self._every <= 0:
            return True
        now = self._clock.monotonic_ns()
        self._tokens = min(self._burst, self._tokens + (now - self._at) / 1e9 / self._every)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Give back the last token, which was not needed."""
        self._tokens = min(self._burst, self._tokens + 1)


class AddressBuckets:
    """A bucket for each address; of IPv6 for each network, as every host has a whole one to choose from."""

    def __init__(self, every: float, burst: int, clock: Clock) -> None:
        self._every = every
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def get_bucket(self, address: str) -> TokenBucket:
        """Return the bucket of that address."""
        name = find_network(address)
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = TokenBucket(self._every, self._burst, self._clock)
            if len(self._buckets) > ADDRESSES:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(name)
        return bucket


def find_network(address: str) -> str:
    """Return the unit that an address belongs to: itself for IPv4, the /64 for IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return str(found)
