"""A thousand probes that begin at the same moment: how late does each see its first token? `python -m bench.burst`.

Answers begin a second after their requests, so that first tokens come as bunched as the requests did.
"""

from bench.answers import Pace
from bench.errors import Errors, compared, size
from bench.figures import Figure, Results
from bench.hired import BLACKBOX, hired
from bench.serving import Reference, reference

COUNT = 1000
PACE = Pace(headers=900, first=1_000, chunks=8, gap=10)
PEERS = ("httpx", "openai SDK", BLACKBOX)


def errors(client: str, served: Reference) -> Errors:
    """One small burst to warm up, then the one that counts."""
    with hired(client, served, PACE.all_late() if client == BLACKBOX else PACE) as worker:
        worker.do("burst", count=20)
        served.stamps()
        told = worker.do("burst", count=COUNT)
    return Errors.of(told, served.stamps())


def main() -> None:
    results = Results()
    with reference() as served:
        ours = errors("ours", served)
        peers = {client: errors(client, served) for client in PEERS}
    what = "first token received"
    told = "48 of ours connect at a time; what the others wait is told apart and is in no probe's times"
    results.add(Figure(what=f"{what}, p99", ours=size(ours.receive, "p99"), unit="ms", limit=10, note=told))
    results.extend(compared(what, ours.receive, {peer: told.receive for peer, told in peers.items()}))
    first_byte = "time to first token (theirs: first byte)"
    results.extend(compared(first_byte, ours.whole, {peer: told.whole for peer, told in peers.items() if told.whole}))
    results.extend(compared("end of the answer", ours.duration, {}, ["p50", "p99"]))
    results.add(Figure(what="our probes without an answer", ours=ours.failed, unit="probes", limit=0))
    for peer, errors_of in peers.items():
        if errors_of.failed:
            results.add(Figure(what=f"{peer}: probes without an answer", ours=errors_of.failed, unit="probes"))
    results.write("burst", f"{COUNT:,} probes begun at once over HTTPS")


if __name__ == "__main__":
    main()
