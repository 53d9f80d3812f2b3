"""Latencies in buckets, so that percentiles can be estimated for runs that are no longer kept one by one.

An octave (from one power of two to the next, in seconds) has 16 buckets of one width, so the middle of a bucket is off
by at most 1/32 (3.1 %) of any latency in it. Below the first octave (about a millisecond) there are 16 equal ones.
"""

from collections.abc import Iterable

PARTS = 16
FIRST, LAST = -10, 10
"""The octaves go from 2^-10 s (about 1 ms) to 2^10 s (about 17 minutes)."""

WITHIN = 1 / (2 * PARTS)
"""Largest relative error of a percentile that is estimated from buckets, from 2^-10 s on."""


def bucket_expression(seconds: str) -> str:
    """Return the bucket's number as an SQL expression of the latency `seconds`, itself an SQL expression."""
    octaves = " ".join(
        f"WHEN {seconds} < {2.0 ** (power + 1)!r} THEN {_first_bucket(power) - PARTS} + CAST({seconds} * "
        f"{PARTS / 2.0**power!r} AS INTEGER)"
        for power in range(FIRST, LAST)
    )
    below = f"WHEN {seconds} < {2.0**FIRST!r} THEN CAST({seconds} * {PARTS / 2.0**FIRST!r} AS INTEGER)"
    return f"CASE {below} {octaves} ELSE {_first_bucket(LAST)} END"


def bucket_middle(bucket: int) -> float:
    """Return the middle of a bucket in seconds; the beginning of the last one, which has no end."""
    if bucket < PARTS:
        return (bucket + 0.5) / PARTS * 2.0**FIRST
    octave, part = divmod(bucket - PARTS, PARTS)
    begin = 2.0 ** (FIRST + octave)
    return begin if octave >= LAST - FIRST else begin * (1 + (part + 0.5) / PARTS)


def estimate_percentile(counts: Iterable[tuple[int, int]], share: float) -> float | None:
    """Estimate the latency that `share` of the runs do not exceed; `counts` are (bucket, runs) in ascending order."""
    ordered = list(counts)
    rank, passed = share * sum(runs for _, runs in ordered), 0
    for bucket, runs in ordered:
        passed += runs
        if passed >= rank:
            return bucket_middle(bucket)
    return None


def _first_bucket(power: int) -> int:
    """Return the first bucket of the octave that begins with a power of two."""
    return PARTS * (1 + power - FIRST)
