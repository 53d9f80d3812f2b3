"""Settings stand at top, provider, model or probe, and the nearest wins: looked up here, defaults included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from exporter.config.yaml.problems import Trouble
from exporter.config.yaml.written import Loc
from exporter.core.target import Deadlines, HealthPolicy

DEFAULTS: Mapping[str, float] = {
    "interval": 60.0,
    "timeout": 30.0,
    "connect_timeout": 10.0,
    "first_token_timeout": 20.0,
    "failures": 2,
    "window": 3,
    "successes": 1,
    "confirm_interval": 10.0,
}
"""Tunables that always have a value; spans in seconds."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A block that may hold settings, and where it is written."""

    entry: BaseModel
    loc: Loc


@dataclass(frozen=True, slots=True)
class Scopes:
    """The blocks that hold for one check, from far to near."""

    chain: Sequence[Scope]

    def find_nearest(self, name: str) -> Any:
        """Return the value of the nearest block that has one, else the default, else None."""
        for scope in reversed(self.chain):
            value = getattr(scope.entry, name, None)
            if value is not None:
                return value
        return DEFAULTS.get(name)

    def merge_labels(self) -> dict[str, str]:
        """Merge the user labels: every key, with the nearest value."""
        return {key: value for scope in self.chain for key, value in getattr(scope.entry, "labels", {}).items()}

    def make_deadlines(self) -> Deadlines:
        """Make the deadlines. A part never has longer than the whole."""
        total = self.find_nearest("timeout")
        return Deadlines(
            connect=min(total, self.find_nearest("connect_timeout")),
            first_token=min(total, self.find_nearest("first_token_timeout")),
            total=total,
        )

    def make_health_policy(self) -> HealthPolicy:
        """Make the health policy. A window that is not configured grows with `failures`."""
        failures = self.find_nearest("failures")
        window = (
            self.find_nearest("window") if self._find_place("window") is not None else max(failures, DEFAULTS["window"])
        )
        return HealthPolicy(
            failures=int(failures),
            window=int(window),
            successes=int(self.find_nearest("successes")),
            confirm_interval=self.find_nearest("confirm_interval"),
        )

    def find_contradictions(self) -> Iterator[Trouble]:
        """Find settings that are valid alone but not together; each is reported at the nearer of the two."""
        policy = self.make_health_policy()
        if policy.failures > policy.window:
            places = [place for name in ("failures", "window") if (place := self._find_place(name)) is not None]
            text = f"failures ({policy.failures}) is more than window ({policy.window}), so it could never be down"
            yield Trouble(max(places, key=len), text, "raise window or lower failures")

    def _find_place(self, name: str) -> Loc | None:
        """Find where the value of a setting is written; None if it is a default."""
        holders = (scope for scope in reversed(self.chain) if getattr(scope.entry, name, None) is not None)
        return next(((*scope.loc, name) for scope in holders), None)
