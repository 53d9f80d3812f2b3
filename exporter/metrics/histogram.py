"""Histograms as plain numbers: counts per bucket, a sum, the last exemplar of each bucket, and their lines."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.utils import floatToGoString

from exporter.metrics.text import encode_utf8

LONGEST_EXEMPLAR = 128 - len("request_id")
"""OpenMetrics: the names and values of an exemplar's labels may have 128 characters together."""

_UNPASTEABLE = re.compile(r'[^!-~]|["\\]')


_WHOSE = "\0"
"""Placeholder for the labels in a format; this character is in no label."""


class BucketLayout:
    """The upper bounds of a histogram's buckets in seconds, ascending, and the forms that its families are written in.

    A form has room for the labels and for the figures, so that writing a family is one step and not one per bucket.
    """

    __slots__ = ("_forms", "_steps", "bounds")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        steps = [floatToGoString(each) for each in bounds]  # type: ignore[no-untyped-call]  # has no annotations
        self._steps = tuple(f'{_WHOSE},le="{each}"' for each in (*steps, "+Inf"))
        self._forms: dict[str, str] = {}

    @property
    def bucket_count(self) -> int:
        """How many buckets there are, that of all values included."""
        return len(self._steps)

    def render(self, name: str, labels: str, running: Iterable[int], total: float) -> str:
        """Render the family `name` with these labels from its running counts and the sum of its values."""
        form = self._forms.get(name)
        if form is None:
            lines = [f"{name}_bucket{{{step}}} %d\n" for step in self._steps]
            form = f"{''.join(lines)}{name}_count{{{_WHOSE}}} %d\n{name}_sum{{{_WHOSE}}} %r\n"
            self._forms[name] = form
        counts = tuple(running)
        return (form % (*counts, counts[-1], total)).replace(_WHOSE, labels)


def clean_request_id(request_id: str) -> str:
    """Return the request id as it is written after a bucket's count, to look up at the vendor.

    A vendor's id is only as good as it is pasteable: what is not visible ASCII, and what would need escaping (which
    not every parser undoes here), becomes an underscore.
    """
    return _UNPASTEABLE.sub("_", request_id[:LONGEST_EXEMPLAR])


def render_exemplar(request: str, value: float, at: float) -> str:
    """Render the exemplar after a bucket's count; `request` is `pasteable`, "" for none; `at` is Unix seconds."""
    return f' # {{request_id="{request}"}} {value!r} {at:.3f}' if request else ""


class Histogram:
    """One histogram of one check."""

    __slots__ = ("_counts", "_exemplars", "_ladder", "_sum")

    def __init__(self, ladder: BucketLayout) -> None:
        self._ladder = ladder
        self._counts = [0] * ladder.bucket_count
        self._exemplars: dict[int, str] = {}
        self._sum = 0.0

    def observe(self, seconds: float, exemplar: str = "") -> None:
        """Count one value. A clock that disagrees with another by a hair must not make the sum fall."""
        value = max(0.0, seconds)
        bucket = bisect_left(self._ladder.bounds, value)
        self._counts[bucket] += 1
        self._sum += value
        if exemplar:
            self._exemplars[bucket] = exemplar

    def render(self, name: str, labels: str) -> tuple[bytes, bytes]:
        """Render the lines of the family `name`, in the text format and (with exemplars) in OpenMetrics."""
        text = self._ladder.render(name, labels, accumulate(self._counts), self._sum)
        plain = encode_utf8(text)
        if not self._exemplars:
            return plain, plain
        rows = text.split("\n")
        for bucket, told in self._exemplars.items():
            rows[bucket] += told
        return plain, encode_utf8("\n".join(rows))
