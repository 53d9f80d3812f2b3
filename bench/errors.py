"""How far what a client saw is from what the reference server did, in milliseconds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from bench.clients.base import Seen
from bench.figures import SHARES, Figure, percentile
from bench.serving import Sent

MILLISECOND = 1e6


@dataclass(slots=True)
class Errors:
    """Of the answers of one run, each as far as the client tells enough.

    `receive`: the moment it gives the first token, against the write that sent it. `whole`: its time from the request
    to the first token (blackbox_exporter: the first byte), against the server's own. `duration`: the moment it gives
    the end of the answer, against the write that sent it. `failed` counts those without an answer. `processor` is what
    the daemon took of a core meanwhile, in percent.
    """

    receive: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    duration: list[float] = field(default_factory=list)
    failed: int = 0
    processor: float = 0.0

    @classmethod
    def of(cls, told: Mapping[str, Any], sent: Mapping[str, Sent]) -> Self:
        """`told` is a worker's or daemon's answer; what the server has no stamps for is left out."""
        errors = cls(failed=told["failed"])
        for row in told["seen"]:
            seen = Seen(*row)
            if (answer := sent.get(seen.name)) is not None:
                errors._add(seen, answer)
        return errors

    def _add(self, seen: Seen, answer: Sent) -> None:
        if seen.waited is not None:
            self.whole.append(seen.waited * 1e3 - (answer.headers - answer.came) / MILLISECOND)
        if seen.first is not None and answer.first is not None:
            self.receive.append((seen.first - answer.first) / MILLISECOND)
            if seen.sent is not None:
                self.whole.append((seen.first - seen.sent - (answer.first - answer.came)) / MILLISECOND)
        if seen.ended is not None:
            self.duration.append((seen.ended - answer.last) / MILLISECOND)


def compared(
    what: str, ours: Sequence[float], theirs: Mapping[str, Sequence[float]], shares: Iterable[str] = SHARES
) -> list[Figure]:
    """Figures of the size of an error, ours beside that of each peer; without peers ours alone."""
    found = []
    for share in shares:
        mine = size(ours, share)
        for peer, values in theirs.items():
            if values:
                found.append(
                    Figure(what=f"{what}, {share}", ours=mine, unit="ms", peer=peer, theirs=size(values, share))
                )
        if not theirs:
            found.append(Figure(what=f"{what}, {share}", ours=mine, unit="ms"))
    return found


def size(errors: Sequence[float], share: str) -> float:
    """That percentile of the sizes of errors: too early is as wrong as too late."""
    return percentile([abs(each) for each in errors], SHARES[share])
