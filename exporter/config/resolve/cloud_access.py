"""Where a cloud's models are and how one gets in: addresses made of a region and a project, signatures, tokens."""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from exporter.config.presets import Preset
from exporter.config.resolve.credentials import KnownCredential, NoKey
from exporter.config.schema.schema import ProviderEntry
from exporter.core.target import GoogleAuth, SigV4Auth

LIBRARIES = {SigV4Auth: "botocore", GoogleAuth: "google.auth"}
AWS_HOST = re.compile(r"bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.")
PLACE = re.compile(r"[a-z0-9][a-z0-9.:-]{0,62}")
"""What regions and projects are called; nothing of it could change a host or a path."""

MULTI_REGIONS = frozenset({"us", "eu"})


class AccessProblem(Exception):  # noqa: N818 (it never leaves this package)
    """Why a provider cannot be reached as written, what to write `instead`, and at which `key`."""

    def __init__(self, what: str, instead: str, key: str = "") -> None:
        super().__init__(what)
        self.instead = instead
        self.key = key


def make_address(entry: ProviderEntry, preset: Preset, environ: Mapping[str, str]) -> str:
    """Make the base URL of a preset that needs a region or a project. Raises AccessProblem."""
    region = entry.region or _first_variable(preset.region_variables, environ) or preset.usual_region
    project = entry.project or _first_variable(preset.project_variables, environ)
    for part, value, variables in (
        ("region", region, preset.region_variables),
        ("project", project, preset.project_variables),
    ):
        names = " or ".join(variables)
        if f"{{{part}}}" in preset.address and not PLACE.fullmatch(value):
            what = f"the preset {preset.name} needs a {part}" if not value else f"no {part} is called {value!r}"
            raise AccessProblem(what, f"add {part}, or set {names}")
    return preset.address.format(region=region, project=project, google=make_google_host(region))


def make_google_host(region: str) -> str:
    """Make Vertex AI's host for a location (google-genai SDK 3.4)."""
    if region == "global":
        return "aiplatform.googleapis.com"
    if region in MULTI_REGIONS:
        return f"aiplatform.{region}.rep.googleapis.com"
    return f"{region}-aiplatform.googleapis.com"


def complete_url(base_url: str, preset: Preset) -> str:
    """Add the preset's path to a base URL that has none."""
    return base_url + preset.path if urlsplit(base_url).path in {"", "/"} else base_url


def resolve_auth(
    entry: ProviderEntry, preset: Preset, credential: KnownCredential, base_url: str, environ: Mapping[str, str]
) -> SigV4Auth | GoogleAuth | None:
    """Resolve what authorizes requests in place of a key; None if a key or nothing does. Raises AccessProblem."""
    written = entry.auth
    if written is not None and entry.api_key is not None:
        raise AccessProblem("both `api_key` and `auth` are written", "keep one of them", "auth")
    if written is None and not isinstance(credential, NoKey):
        return None
    kind = preset.auth if written is None else written.type
    if kind is None:
        return None
    auth = _resolve_signing(entry, preset, base_url, environ) if kind == "sigv4" else _resolve_token(entry)
    library = LIBRARIES[type(auth)]
    if not is_installed(library):
        what = f"the library {library} is needed to get in, and is not installed"
        raise AccessProblem(what, f"pip install 'ai-api-exporter[{auth.extra}]'", "auth" if written else "")
    return auth


def is_installed(library: str) -> bool:
    """Return whether a library could be imported; it is not."""
    try:
        return find_spec(library) is not None
    except ModuleNotFoundError:
        return False


def _resolve_signing(entry: ProviderEntry, preset: Preset, base_url: str, environ: Mapping[str, str]) -> SigV4Auth:
    if entry.auth is not None and entry.auth.file is not None:
        raise AccessProblem("AWS credentials are not read from a file of their own", "name a `profile`", "auth")
    host = AWS_HOST.search(urlsplit(base_url).netloc)
    region = entry.region or (host[1] if host else _first_variable(preset.region_variables, environ))
    if not region:
        raise AccessProblem("a signature is for one region, and none is known", "add region", "auth")
    return SigV4Auth(region=region, profile=entry.auth.profile if entry.auth else None)


def _resolve_token(entry: ProviderEntry) -> GoogleAuth:
    if entry.auth is not None and entry.auth.profile is not None:
        raise AccessProblem("Google knows no profiles", "name the `file` of a service account's key", "auth")
    return GoogleAuth(file=entry.auth.file if entry.auth else None)


def _first_variable(variables: tuple[str, ...], environ: Mapping[str, str]) -> str:
    return next((environ[name] for name in variables if environ.get(name)), "")
