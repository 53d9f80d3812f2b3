"""Every value of a plan that must never be shown, as known at the moment it is asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import SecretStr

from exporter.config.credentials import KnownCredential
from exporter.config.providers import Resolved


@dataclass(frozen=True, slots=True)
class PlanSecrets:
    """Calling it yields what came from `${NAME}`, headers and proxies, and every key seen so far."""

    fixed: tuple[SecretStr, ...] = field(repr=False)
    credentials: tuple[KnownCredential, ...] = field(repr=False)

    @classmethod
    def of(cls, expanded: tuple[SecretStr, ...], providers: Iterable[Resolved]) -> "PlanSecrets":
        """The secrets of these providers, and the values that were expanded."""
        providers = tuple(providers)
        carried = [
            value
            for each in providers
            for value in (*each.provider.headers.values(), each.provider.proxy)
            if value is not None
        ]
        return cls((*expanded, *carried), tuple(each.credential for each in providers))

    def __call__(self) -> Iterator[SecretStr]:
        yield from self.fixed
        for credential in self.credentials:
            yield from credential.known()
