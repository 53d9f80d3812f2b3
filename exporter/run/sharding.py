"""Which replica probes what: N exporters with one configuration share its models, each model at exactly one of them.

Every replica scores each model by a hash, and the highest score has it (rendezvous hashing). So a replica that is added
takes its share from all others, and nothing else moves. All checks of a model stay together, for its health is one.
"""

import hashlib
from dataclasses import replace

from exporter.core.plan import Plan
from exporter.core.target import Check, Target


def find_owner(provider: str, model: str, count: int) -> int:
    """Return the index of the replica that probes a model."""
    return max(range(count), key=lambda index: _weigh(f"{provider}/{model}", index))


def keep_owned(plan: Plan) -> Plan:
    """Return the part of a plan that its shard probes.

    The list of models of a provider in which models are to be found is read by every replica: each has to know its own.
    """
    shard = plan.shard
    if shard is None or shard.count == 1:
        return plan
    searched = {each.provider.name for each in plan.discoveries}

    def ours(target: Target) -> bool:
        return find_owner(target.provider.name, target.model, shard.count) == shard.index

    def wanted(check: Check) -> bool:
        listing = not check.target.model and check.target.provider.name in searched
        return ours(check.target) or (listing and not check.paid)

    return replace(
        plan,
        checks=tuple(check for check in plan.checks if wanted(check)),
        targets=tuple(target for target in plan.targets if ours(target)),
    )


def read_ordinal(host: str) -> int | None:
    """Read the number at the end of a pod's name in a StatefulSet (`exporter-3`); None if there is none."""
    name, dash, number = host.partition(".")[0].rpartition("-")
    return int(number) if name and dash and number.isascii() and number.isdigit() else None


def _weigh(key: str, index: int) -> bytes:
    return hashlib.blake2b(f"{index}|{key}".encode(), digest_size=8).digest()
