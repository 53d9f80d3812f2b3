"""How a command reaches an exporter that serves behind TLS or a password: the file that promtool takes too.

`--http.config.file` holds `basic_auth` (username, password or password_file) and `tls_config` (ca_file, cert_file,
key_file, insecure_skip_verify), as Prometheus calls them; file names are relative to it.
"""

import ssl
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, model_validator

from exporter.aio.bounded_file import read_bounded
from exporter.core.errors import UsageError
from exporter.core.plain_yaml import load_plain_yaml

_EXAMPLE = "write `basic_auth: {username: alice, password_file: /run/secrets/alice}` or `tls_config: {ca_file: ca.pem}`"


LARGEST = 1024 * 1024
"""Bytes of the configuration, and of a file with a password."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class BasicAuth(_Part):
    """A name and its password, written or in a file."""

    username: str
    password: SecretStr | None = None
    password_file: Path | None = None

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if (self.password is None) is (self.password_file is None):
            raise ValueError("write either password or password_file")
        return self


class TlsConfig(_Part):
    """Which certificates to trust, and which credentials to send."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    insecure_skip_verify: bool = False


class HttpConfig(_Part):
    """The file; without one no credentials are sent, and the machine's authorities are trusted."""

    basic_auth: BasicAuth | None = None
    tls_config: TlsConfig = TlsConfig()


class HttpClient:
    """Gets pages. Raises UsageError, in one sentence, where the file or a file that it names cannot be used."""

    def __init__(self, path: Path | None = None) -> None:
        self._folder = Path() if path is None else path.parent
        config = HttpConfig() if path is None else _read_config(path)
        handlers = urllib.request.HTTPSHandler(context=self._make_context(config.tls_config))
        # No proxy of the environment stands between us and our own; no redirect carries a password elsewhere.
        self._opener = urllib.request.build_opener(handlers, urllib.request.ProxyHandler({}), _NoRedirect)
        self._headers = {} if config.basic_auth is None else {"Authorization": self._make_basic_auth(config.basic_auth)}

    def get(self, url: str, seconds: float) -> str:
        """Get the page at an address. Raises urllib.error.HTTPError, OSError, or UsageError for an invalid address."""
        check_url(url)
        request = urllib.request.Request(url, headers=self._headers)  # noqa: S310  (the scheme was checked)
        with self._opener.open(request, timeout=seconds) as answer:
            return str(answer.read().decode(errors="replace"))

    def _make_basic_auth(self, auth: BasicAuth) -> str:
        password = (
            auth.password.get_secret_value() if auth.password is not None else self._read_secret(auth.password_file)
        )
        return "Basic " + b64encode(f"{auth.username}:{password}".encode()).decode()

    def _read_secret(self, name: Path | None) -> str:
        path = self._folder / (name or "")
        try:
            return read_bounded(path, LARGEST).decode().strip()
        except (OSError, UnicodeError):
            raise UsageError(f"the password file {path} cannot be read") from None

    def _make_context(self, tls: TlsConfig) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self._folder / tls.ca_file if tls.ca_file else None)
            if tls.cert_file is not None:
                context.load_cert_chain(self._folder / tls.cert_file, self._folder / (tls.key_file or tls.cert_file))
        except OSError as problem:  # an SSLError too
            raise UsageError(f"tls_config of --http.config.file cannot be used: {_explain(problem)}") from None
        if tls.insecure_skip_verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def check_url(url: str) -> str:
    """Return the address if it is valid. Raises UsageError without repeating a password in it."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise UsageError("the address of the exporter is not understood; write it like https://exporter.example:10115")
    if parts.username is not None:
        raise UsageError("an address holds no password here; write basic_auth into the file of --http.config.file")
    return url


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other status that is not 200."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _read_config(path: Path) -> HttpConfig:
    try:
        return HttpConfig.model_validate(load_plain_yaml(read_bounded(path, LARGEST)) or {})
    except (OSError, UnicodeError) as problem:
        raise UsageError(f"{path} cannot be read ({_explain(problem)})") from None
    except (yaml.YAMLError, RecursionError):
        raise UsageError(f"{path} is not YAML; {_EXAMPLE}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "the top"
        raise UsageError(f"{path}: {place}: {first['msg']}; {_EXAMPLE}") from None


def _explain(problem: Exception) -> str:
    return getattr(problem, "strerror", None) or type(problem).__name__
