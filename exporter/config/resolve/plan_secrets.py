"""Every value of a plan that must never be shown, as known at the moment it is asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from exporter.config.resolve.credentials import KnownCredential
from exporter.config.resolve.providers import ResolvedProvider
from exporter.core.redaction import carries_credentials


@dataclass(frozen=True, slots=True)
class PlanSecrets:
    """Calling it yields what came from `${NAME}`, credential headers, proxies' accounts, and all keys."""

    fixed: tuple[SecretStr, ...] = field(repr=False)
    credentials: tuple[KnownCredential, ...] = field(repr=False)

    @classmethod
    def of(cls, expanded: tuple[SecretStr, ...], providers: Iterable[ResolvedProvider]) -> "PlanSecrets":
        """Collect the secrets of these providers and the values that were expanded."""
        providers = tuple(providers)
        carried = [
            value
            for each in providers
            for value in (*_list_header_secrets(each.provider.headers), *_list_account_secrets(each.provider.proxy))
        ]
        return cls((*expanded, *carried), tuple(each.credential for each in providers))

    def __call__(self) -> Iterator[SecretStr]:
        yield from self.fixed
        for credential in self.credentials:
            yield from credential.list_known()


def _list_header_secrets(headers: Mapping[str, SecretStr]) -> tuple[SecretStr, ...]:
    return tuple(value for name, value in headers.items() if carries_credentials(name))


def _list_account_secrets(proxy: SecretStr | None) -> tuple[SecretStr, ...]:
    """List user and password of a proxy, together and the password alone, as written and as sent.

    Not its address: that says which proxy failed, and parts of it stand in every other address.
    """
    account, at, _ = urlsplit(proxy.get_secret_value() if proxy else "").netloc.rpartition("@")
    forms = (account, unquote(account)) if at else ()
    passwords = (each.partition(":")[2] for each in forms)
    return tuple(SecretStr(each) for each in dict.fromkeys((*forms, *passwords)) if each)
