"""The web configuration file, in the format that all exporters built with exporter-toolkit share.

What Python cannot honour is refused where serving without it would be less safe than asked for, else said in a
notice. Files are named relative to the folder of this one. Facts of the format: exporter-toolkit 0.14,
docs/web-configuration.md; that of 0.8 (blackbox_exporter 0.23) is a subset.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from exporter.aio.bounded_file import read_bounded
from exporter.core.errors import ConfigError, Problem
from exporter.core.plain_yaml import load_plain_yaml
from exporter.server.web_config.ciphers import CURVES, SUITES, VERSIONS

LARGEST = 1 << 20
"""Bytes of a web configuration file; one with inline certificates has some thousands."""

ClientAuth = Literal[
    "",
    "NoClientCert",
    "RequestClientCert",
    "RequireClientCert",
    "RequireAnyClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
]
UNVERIFIED = ("RequireClientCert", "RequireAnyClientCert")

HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("", "nosniff"),
    "X-Frame-Options": ("", "deny", "sameorigin"),
    "X-XSS-Protection": (),
}
"""Headers that may be set, and the values they may have; () is any."""

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_SPAN = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+")
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")


def _refuse(why: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{why}", {"why": why})


def _parse_duration(value: Any) -> Any:
    """Parse a length of time as Go writes it: 1s, 1m30s, 250ms; a bare 0 is none."""
    if value in (0, "0"):
        return 0.0
    if not isinstance(value, str) or not _SPAN.fullmatch(value):
        raise _refuse("is not a length of time; write one such as 1s or 500ms")
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ns|us|µs|ms|s|m|h)", value))


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class _Tls(_Block):
    cert: str = ""
    key: SecretStr = SecretStr("")
    client_ca: str = ""
    cert_file: str = ""
    key_file: str = ""
    client_auth_type: ClientAuth = ""
    client_ca_file: str = ""
    client_allowed_sans: list[str] | None = None
    min_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] = "TLS12"
    max_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] = "TLS13"
    cipher_suites: list[str] = []
    prefer_server_cipher_suites: bool = True
    curve_preferences: list[str] = []

    @property
    def is_requested(self) -> bool:
        """Whether TLS is served at all."""
        certificate = (self.cert, self.key.get_secret_value(), self.cert_file, self.key_file)
        return any((*certificate, self.client_ca, self.client_ca_file, self.client_auth_type))

    @model_validator(mode="after")
    def _check_complete(self) -> "_Tls":
        for why in _find_contradictions(self):
            raise _refuse(why)
        return self


class _Http(_Block):
    http2: bool | None = None
    headers: dict[str, str] = {}


class _Rate(_Block):
    interval: Annotated[float, BeforeValidator(_parse_duration)] = 0.0
    burst: Annotated[int, Field(ge=0)] = 0


class _File(_Block):
    tls_server_config: _Tls | None = None
    http_server_config: _Http | None = None
    basic_auth_users: dict[str, SecretStr] | None = None
    rate_limit: _Rate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pem:
    """A certificate or key: a file, or what stands inline; `path` None means inline."""

    path: Path | None
    text: str = field(default="", repr=False)

    def read(self) -> bytes:
        """Read the current bytes. Raises OSError."""
        return read_bounded(self.path, LARGEST) if self.path is not None else self.text.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How TLS is served. Names of suites, curves and versions are the format's own, and known."""

    certificate: Pem
    key: Pem
    client_ca: Pem | None = None
    client_auth: str = ""
    allowed_sans: frozenset[str] | None = None
    versions: tuple[str, str] = ("TLS12", "TLS13")
    suites: tuple[str, ...] = ()
    server_prefers: bool = True
    curves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """One web configuration as it is used.

    `tls` None is plain HTTP; `users` are names and bcrypt hashes; `every` and `burst` are a token bucket over all
    requests, `every` in seconds, 0 is none; `files` are all that was or will be read.
    """

    tls: Tls | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    every: float = 0.0
    burst: int = 0
    notices: tuple[str, ...] = ()
    files: frozenset[Path] = frozenset()


def read_web_config(path: Path) -> WebConfig:
    """Read the configuration in that file. Raises ConfigError with every problem; no sentence holds a hash or a key."""
    try:
        written = load_plain_yaml(read_bounded(path, LARGEST))
    except OSError as error:
        raise _make_error(path, "", f"cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        raise _make_error(path, "", "is not YAML", None if line is None else line + 1) from None
    try:
        parsed = _File.model_validate({} if written is None else written)
    except ValidationError as error:
        raise ConfigError([_make_problem(path, each) for each in error.errors(include_url=False)]) from None
    if found := list(_find_problems(path, parsed)):
        raise ConfigError(found)
    return _make_web_config(path, parsed)


def _make_web_config(path: Path, parsed: _File) -> WebConfig:
    http, rate = parsed.http_server_config or _Http(), parsed.rate_limit or _Rate()
    tls = _make_tls(path.parent, parsed.tls_server_config) if parsed.tls_server_config is not None else None
    pems = () if tls is None else (tls.certificate, tls.key, *(() if tls.client_ca is None else (tls.client_ca,)))
    users = {name.encode(): each.get_secret_value().encode() for name, each in (parsed.basic_auth_users or {}).items()}
    return WebConfig(
        tls=tls,
        headers={name: value for name, value in http.headers.items() if value},
        users=users,
        every=rate.interval,
        burst=rate.burst,
        notices=tuple(f"{path}: {notice}" for notice in _find_notices(parsed)),
        files=frozenset({path, *(each.path for each in pems if each.path is not None)}),
    )


def _make_tls(folder: Path, written: _Tls) -> Tls | None:
    if not written.is_requested:
        return None

    def pem(file: str, text: str) -> Pem:
        return Pem(path=folder / file) if file else Pem(path=None, text=text)

    has_ca = written.client_ca_file or written.client_ca
    sans = written.client_allowed_sans
    return Tls(
        certificate=pem(written.cert_file, written.cert),
        key=pem(written.key_file, written.key.get_secret_value()),
        client_ca=pem(written.client_ca_file, written.client_ca) if has_ca else None,
        client_auth=written.client_auth_type,
        allowed_sans=None if sans is None else frozenset(sans),
        versions=(written.min_version, written.max_version),
        suites=tuple(written.cipher_suites),
        server_prefers=written.prefer_server_cipher_suites,
        curves=tuple(written.curve_preferences),
    )


def _find_contradictions(tls: _Tls) -> Iterator[str]:
    """Find what exporter-toolkit refuses too, and what Python cannot do."""
    if not tls.is_requested:
        return
    if not (tls.cert_file or tls.cert) or not (tls.key_file or tls.key.get_secret_value()):
        yield "TLS needs a certificate and its key; write cert_file and key_file"
    if (tls.client_ca_file or tls.client_ca) and tls.client_auth_type in ("", "NoClientCert"):
        yield "client_ca_file without client_auth_type; write client_auth_type: RequireAndVerifyClientCert"
    if tls.client_auth_type in UNVERIFIED:
        yield "Python cannot take a client certificate without verifying it; write RequireAndVerifyClientCert"
    if tls.client_allowed_sans is not None and tls.client_auth_type != "RequireAndVerifyClientCert":
        yield "client_allowed_sans needs client_auth_type: RequireAndVerifyClientCert"
    if VERSIONS[tls.min_version] > VERSIONS[tls.max_version]:
        yield "min_version is above max_version"


def _find_problems(path: Path, parsed: _File) -> Iterator[Problem]:
    tls, http = parsed.tls_server_config or _Tls(), parsed.http_server_config or _Http()
    for name, known, written in (
        ("cipher_suites", SUITES, tls.cipher_suites),
        ("curve_preferences", CURVES, tls.curve_preferences),
    ):
        for unknown in (each for each in written if each not in known):
            why = f"{unknown!r} is not known; known are {', '.join(known)}"
            yield Problem(str(path), None, f"tls_server_config.{name}", why)
    for header, value in http.headers.items():
        place = "http_server_config.headers"
        if header not in HEADERS:
            yield Problem(str(path), None, place, f"{header!r} cannot be set; {', '.join(HEADERS)} can")
        elif not value.isprintable() or (HEADERS[header] and value not in HEADERS[header]):
            allowed = " or ".join(filter(None, HEADERS[header])) or "printable text"
            yield Problem(str(path), None, f"{place}.{header}", f"this value cannot be sent; write {allowed}")
    for user, hashed in (parsed.basic_auth_users or {}).items():
        if not _BCRYPT.fullmatch(hashed.get_secret_value()):
            yield Problem(str(path), None, f"basic_auth_users.{user}", "is no bcrypt hash; htpasswd -nB makes one")


def _find_notices(parsed: _File) -> Iterator[str]:
    """Find what is served differently from what is configured, though no less safely."""
    tls, http = parsed.tls_server_config or _Tls(), parsed.http_server_config or _Http()
    if http.http2:
        yield "http2: HTTP/1.1 is served; clients of HTTP/2 speak it too"
    if tls.client_auth_type == "RequestClientCert":
        yield "client_auth_type: a certificate that is only asked for is never looked at, so none is asked for"
    if len(tls.curve_preferences) > 1:
        yield f"curve_preferences: Python takes one curve; only {tls.curve_preferences[0]} is offered"
    if any(SUITES[each] is None for each in tls.cipher_suites):
        yield "cipher_suites: those of TLS 1.3 cannot be chosen, all are offered"
    if VERSIONS[tls.min_version] < VERSIONS["TLS12"]:
        yield "min_version: TLS 1.0 and 1.1 are broken; OpenSSL's security level is lowered to serve them"


def _make_problem(path: Path, details: ErrorDetails) -> Problem:
    place = ".".join(str(part) for part in details["loc"] if not str(part).startswith("literal"))
    if details["type"] == "refused":
        return Problem(str(path), None, place, str(details["ctx"]["why"]))
    if details["type"] == "extra_forbidden":
        return Problem(str(path), None, place, "this key is not known")
    return Problem(str(path), None, place, details["msg"].lower())


def _make_error(path: Path, place: str, what: str, line: int | None = None) -> ConfigError:
    return ConfigError([Problem(str(path), line, place, what)])
