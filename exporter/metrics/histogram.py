"""Histograms as plain numbers: counts per bucket, a sum, the last exemplar of each bucket, and their lines."""

import re
from bisect import bisect_left
from itertools import accumulate

from prometheus_client.utils import floatToGoString

from exporter.metrics.text import encode

LONGEST_EXEMPLAR = 128 - len("request_id")
"""OpenMetrics: the names and values of an exemplar's labels may have 128 characters together."""

_UNPASTEABLE = re.compile(r'[^!-~]|["\\]')


class Ladder:
    """The upper bounds of a histogram's buckets in seconds, ascending, and how their `le` labels are written."""

    __slots__ = ("bounds", "labels")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        steps = [floatToGoString(each) for each in bounds]  # type: ignore[no-untyped-call]  # has no annotations
        self.labels = tuple(f',le="{each}"' for each in (*steps, "+Inf"))


def exemplar(request_id: str | None, value: float, at: float) -> str:
    """What to write after a bucket's count: a request to look up at the vendor; `at` is Unix seconds.

    A vendor's id is only as good as it is pasteable: what is not visible ASCII, and what would need escaping (which
    not every parser undoes here), becomes an underscore.
    """
    if not request_id:
        return ""
    pasteable = _UNPASTEABLE.sub("_", request_id[:LONGEST_EXEMPLAR])
    return f' # {{request_id="{pasteable}"}} {value!r} {at:.3f}'


class Histogram:
    """One histogram of one check."""

    __slots__ = ("_counts", "_exemplars", "_ladder", "_sum")

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._counts = [0] * len(ladder.labels)
        self._exemplars = [""] * len(ladder.labels)
        self._sum = 0.0

    def observe(self, seconds: float, exemplar: str = "") -> None:
        """Count one value. A clock that disagrees with another by a hair must not make the sum fall."""
        value = max(0.0, seconds)
        bucket = bisect_left(self._ladder.bounds, value)
        self._counts[bucket] += 1
        self._sum += value
        if exemplar:
            self._exemplars[bucket] = exemplar

    def lines(self, name: str, labels: str) -> tuple[bytes, bytes]:
        """The lines of the family `name`, in the text format and (with exemplars) in OpenMetrics."""
        running = list(accumulate(self._counts))
        buckets = [
            f"{name}_bucket{{{labels}{le}}} {count}" for le, count in zip(self._ladder.labels, running, strict=True)
        ]
        ending = f"\n{name}_count{{{labels}}} {running[-1]}\n{name}_sum{{{labels}}} {self._sum!r}\n"
        plain = encode("\n".join(buckets) + ending)
        if not any(self._exemplars):
            return plain, plain
        told = [count + exemplar for count, exemplar in zip(buckets, self._exemplars, strict=True)]
        return plain, encode("\n".join(told) + ending)
