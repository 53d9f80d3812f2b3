"""A provider as written into a provider as used: preset, address, key, files."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from exporter.aio.bounded_file import read_bounded
from exporter.config.presets import PRESETS, PRICED_MAKERS, Preset, UrlVariable
from exporter.config.resolve.cloud_access import AccessProblem, complete_url, make_address, resolve_auth
from exporter.config.resolve.credentials import FileKey, FixedKey, KeyProblem, KnownCredential, NoKey, check_key
from exporter.config.schema.blocks import KnownNames
from exporter.config.schema.fields import BaseUrl, KeySource, is_private
from exporter.config.schema.schema import ProviderEntry
from exporter.config.yaml.expand import describe_variable
from exporter.config.yaml.problems import Trouble, suggest_name
from exporter.config.yaml.written import Loc
from exporter.core.advice import suggest_base_url
from exporter.core.target import GoogleAuth, Kind, Provider, SigV4Auth

MOST_IN_FLIGHT = 16
IN_FLIGHT = {Kind.SELF_HOSTED: 1}
"""Default of `max_in_flight`, by kind. A self-hosted server answers one request after the other: several at once would
wait in its queue, and the wait would count as its latency."""

USUAL_URLS = frozenset(preset.base_url for preset in PRESETS.values())
"""Base URLs that are right, whatever they look like (DeepSeek's has no version)."""

LARGEST_PEM = 4 * 1024 * 1024
"""Bytes of a file of certificates or keys; the bundle of all public authorities has a quarter of a million."""

BASE_URL: TypeAdapter[str] = TypeAdapter(BaseUrl)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedProvider:
    """A provider in use, with what it came from. `entry` holds its own settings for what is asked of it."""

    provider: Provider
    entry: ProviderEntry
    preset: Preset
    credential: KnownCredential


def list_price_lists(preset: Preset) -> tuple[str, ...]:
    """List the price lists of a preset's models: its own, then those of the makers it relays."""
    relayed = preset.kind is Kind.GATEWAY or not preset.prices
    ids = (preset.prices, *(PRICED_MAKERS if relayed else ()))
    return tuple(dict.fromkeys(each for each in ids if each))


def resolve_kind(entry: ProviderEntry, preset: Preset, base_url: str) -> tuple[Kind, bool]:
    """Resolve what stands behind an address, and whether that is only assumed from the address."""
    if entry.kind is not None:
        return entry.kind, False
    if preset.local_kind is not None and is_private(urlsplit(base_url).hostname or ""):
        return preset.local_kind, True
    return preset.kind, False


class ProviderResolver:
    """Resolves provider after provider, each by its preset.

    What is wrong goes to `troubles`, what was chosen to `notices`, what is probably a mistake to `warnings`. `folder`
    is where relative paths start: that of the configuration file.
    """

    def __init__(self, known: KnownNames, environ: Mapping[str, str], folder: Path) -> None:
        self.troubles: list[Trouble] = []
        self.notices: list[str] = []
        self.warnings: list[str] = []
        self._known = known
        self._environ = environ
        self._folder = folder

    def resolve(self, name: str, entry: ProviderEntry) -> ResolvedProvider | None:
        """Resolve the provider; None, and at least one more problem, if it cannot be used."""
        at: Loc = ("providers", name)
        before = len(self.troubles)
        preset = self._find_preset(name, entry, at)
        if preset is None:
            return None
        base_url = self._resolve_base_url(name, entry, preset, at)
        dialects = self._resolve_dialects(entry, preset, at)
        credential = self._resolve_credential(entry, preset, at)
        auth = self._resolve_auth(entry, preset, credential, base_url, at)
        files = {
            part: self._resolve_file(getattr(entry, part), (*at, part))
            for part in ("ca_file", "client_cert", "client_key")
        }
        self._check_plaintext(entry, base_url, auth or credential, at)
        if entry.client_key and not entry.client_cert:
            self.troubles.append(Trouble((*at, "client_key"), "a client key needs its certificate", "add client_cert"))
        if len(self.troubles) > before:
            return None
        kind, kind_assumed = resolve_kind(entry, preset, base_url)
        self._describe_address(name, base_url, dialects[0], kind if kind_assumed else None)
        provider = Provider(
            name=name,
            preset=preset.name,
            kind=kind,
            kind_assumed=kind_assumed,
            dialects=dialects,
            base_url=base_url,
            credential=credential,
            headers=entry.headers,
            proxy=entry.proxy,
            ca_file=files["ca_file"],
            client_cert=files["client_cert"],
            client_key=files["client_key"],
            insecure_skip_verify=entry.insecure_skip_verify,
            keep_alive=entry.keep_alive,
            trust_env=entry.trust_env,
            key_header=_resolve_key_header(entry, preset),
            auth=auth,
            max_in_flight=entry.max_in_flight or IN_FLIGHT.get(kind, MOST_IN_FLIGHT),
            # The vendor's page says nothing of what answers in its place at another address.
            status_page=preset.status_page if base_url == preset.base_url or _is_usual_address(entry, preset) else None,
            price_lists=list_price_lists(preset),
        )
        return ResolvedProvider(provider=provider, entry=entry, preset=preset, credential=credential)

    def _find_preset(self, name: str, entry: ProviderEntry, at: Loc) -> Preset | None:
        if entry.preset is None and name not in PRESETS:
            close = suggest_name(name, PRESETS, cutoff=0.8)
            hint = close if close.startswith("did") else f"add `preset: NAME` with one of: {', '.join(sorted(PRESETS))}"
            self.troubles.append(Trouble(at, f"`{name}` is not a preset, so it must say which one it follows", hint))
            return None
        return PRESETS[entry.preset or name]

    def _resolve_base_url(self, name: str, entry: ProviderEntry, preset: Preset, at: Loc) -> str:
        variable = preset.url_variable
        if entry.base_url:
            return complete_url(entry.base_url, preset)
        if variable and self._environ.get(variable.name):
            self.notices.append(f"provider {name}: the base URL comes from the variable {variable.name}")
            return self._read_url_variable(variable, at)
        if preset.address:
            return self._resolve_place(entry, preset, at)
        if not preset.base_url:
            self.troubles.append(Trouble(at, f"the preset {preset.name} has no address of its own", "add base_url"))
        return preset.base_url

    def _describe_address(self, name: str, base_url: str, dialect: str, assumed: Kind | None) -> None:
        """Say what an address looks like: a mistake, or a server of the user's own."""
        better = suggest_base_url(base_url, holds_version=self._known.dialects[dialect].version_in_base_url)
        if better is not None and base_url not in USUAL_URLS:
            self.warnings.append(f"provider {name}: is {base_url} right? Most likely it is `base_url: {better}`")
        if assumed is not None:
            self.notices.append(
                f"provider {name}: at {urlsplit(base_url).hostname} it counts as {assumed.value}, which costs nothing "
                "and is asked one thing at a time; write `kind: gateway` or `kind: direct` if it is another"
            )

    def _resolve_place(self, entry: ProviderEntry, preset: Preset, at: Loc) -> str:
        try:
            return make_address(entry, preset, self._environ)
        except AccessProblem as problem:
            self.troubles.append(Trouble(at, str(problem), problem.instead))
            return ""

    def _resolve_auth(
        self, entry: ProviderEntry, preset: Preset, credential: KnownCredential, base_url: str, at: Loc
    ) -> SigV4Auth | GoogleAuth | None:
        if not base_url:
            return None  # its problem is reported already
        try:
            auth = resolve_auth(entry, preset, credential, base_url, self._environ)
        except AccessProblem as problem:
            place = (*at, problem.key) if problem.key else at
            self.troubles.append(Trouble(place, str(problem), problem.instead))
            return None
        if isinstance(auth, GoogleAuth):
            return replace(auth, file=self._resolve_file(auth.file, (*at, "auth", "file")))
        return auth

    def _read_url_variable(self, variable: UrlVariable, at: Loc) -> str:
        value = self._environ[variable.name].strip().rstrip("/")
        full = value if "://" in value else f"{variable.scheme}{value}"
        try:
            return BASE_URL.validate_python(full if full.endswith(variable.suffix) else f"{full}{variable.suffix}")
        except ValidationError:
            self.troubles.append(Trouble(at, f"the variable {variable.name} holds no usable URL", "add base_url"))
            return ""

    def _resolve_dialects(self, entry: ProviderEntry, preset: Preset, at: Loc) -> tuple[str, ...]:
        if entry.dialect:
            return (entry.dialect,)
        dialects = tuple(name for name in preset.dialects if name in self._known.dialects)
        if not dialects:
            self.troubles.append(Trouble(at, f"the preset {preset.name} needs the dialect {preset.dialects[0]}"))
        return dialects

    def _resolve_credential(self, entry: ProviderEntry, preset: Preset, at: Loc) -> KnownCredential:
        try:
            if entry.api_key is not None:
                return self._read_key_source(entry.api_key, at)
            return NoKey() if entry.auth else self._read_usual_key(preset, at)
        except KeyProblem as problem:
            place = (*at, "api_key") if entry.api_key is not None else at
            self.troubles.append(Trouble(place, str(problem), problem.instead))
            return NoKey()

    def _read_key_source(self, source: KeySource, at: Loc) -> KnownCredential:
        if source.file is not None:
            key = FileKey(self._folder / source.file)
            key.reveal()
            return key
        if source.env is not None:
            if not self._environ.get(source.env):
                what = f"there is no {describe_variable(source.env)}, or it is empty"
                raise KeyProblem(what, "set it, or take the key from elsewhere")
            return self._read_key_variable(source.env)
        if source.literal:
            self.notices.append(
                f"{at[0]}.{at[1]}.api_key holds the key itself; {{env: NAME}} or {{file: PATH}} hide it"
            )
        return FixedKey(check_key(source.inline.get_secret_value() if source.inline else "", "the key"))

    def _read_key_variable(self, name: str) -> FixedKey:
        return FixedKey(check_key(self._environ[name], f"the key in the {describe_variable(name)}"))

    def _read_usual_key(self, preset: Preset, at: Loc) -> KnownCredential:
        """Read the key where the vendor's own tools look for it."""
        found = next((name for name in preset.keys if self._environ.get(name)), None)
        if found:
            return self._read_key_variable(found)
        if preset.key_required:
            names = " or ".join(preset.keys)
            self.troubles.append(
                Trouble(at, f"no key: the variable {names} is not set", "set it, or add api_key: {env: NAME}")
            )
        return NoKey()

    def _resolve_file(self, path: Path | None, at: Loc) -> Path | None:
        if path is None:
            return None
        full = self._folder / path
        try:
            read_bounded(full, LARGEST_PEM)
        except OSError as error:
            self.troubles.append(Trouble(at, f"the file cannot be read ({error.strerror})", "check the path and mode"))
        return full

    def _check_plaintext(self, entry: ProviderEntry, base_url: str, way_in: object, at: Loc) -> None:
        parts = urlsplit(base_url)
        secret = bool(entry.headers) or not isinstance(way_in, NoKey)
        if parts.scheme == "http" and secret and not entry.allow_plaintext and not is_private(parts.hostname or ""):
            self.troubles.append(
                Trouble(
                    (*at, "base_url"), "a key would travel unencrypted", "use https, or add `allow_plaintext: true`"
                )
            )


def _resolve_key_header(entry: ProviderEntry, preset: Preset) -> tuple[str, str] | None:
    """Resolve where the key goes, if not where the dialect puts it."""
    if entry.key_header:
        return entry.key_header.name.lower(), entry.key_header.prefix
    return preset.key_header


def _is_usual_address(entry: ProviderEntry, preset: Preset) -> bool:
    """Return whether the address was made as the vendor makes it."""
    return bool(preset.address) and not entry.base_url
