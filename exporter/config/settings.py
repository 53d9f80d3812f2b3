"""Settings of the process, as opposed to what it probes: by environment (`AI_API_EXPORTER_*`) and command line."""

import difflib
import ipaddress
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from exporter.core.errors import ConfigError, Problem

PREFIX = "AI_API_EXPORTER_"
DEFAULT_PORT = 10115
OPTIONS = {
    "web_config_file": "--web.config.file",
    "web_enable_actions": "--web.enable-actions",
    "http_config_file": "--http.config.file",
}
"""Settings that are called on the command line as in other exporters."""


class Listen(NamedTuple):
    """Where to serve; `host` "" means all addresses, port 0 any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _parse_listen(value: Any) -> Any:
    if isinstance(value, Listen):
        return value
    text = str(value).strip()
    host, colon, port = text.rpartition(":")
    if re.fullmatch(r"[0-9]{1,5}", text):
        raise _refuse_value(f"has no colon; write :{text}")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:  # noqa: PLR2004 (TCP ports)
        raise _refuse_value("is not HOST:PORT; write :10115 or 127.0.0.1:10115")
    bracketed = re.fullmatch(r"\[(.*)\]", host)
    if ":" in host and not (bracketed and _is_ipv6(bracketed[1])):
        raise _refuse_value("holds an IPv6 address without brackets; write [::1]:10115")
    return Listen(bracketed[1] if bracketed else host, int(port))


def _to_lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6  # noqa: PLR2004 (the version of the protocol)
    except ValueError:
        return False


def _refuse_value(why: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{why}", {"why": why})


class Settings(BaseSettings):
    """How this process runs. Everything can be set by `AI_API_EXPORTER_<NAME>`; the command line wins."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    config: Path | None = Field(default=None, description="the YAML file; without one, the keys in the environment")
    listen: Annotated[Listen, NoDecode, BeforeValidator(_parse_listen)] = Field(
        default=Listen("", DEFAULT_PORT), description="where to serve, HOST:PORT; without a host, all addresses"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_to_lower)] = Field(
        default="info", description="what is logged"
    )
    log_format: Annotated[Literal["auto", "console", "json", "logfmt"], BeforeValidator(_to_lower)] = Field(
        default="auto", description="how; auto is console on a terminal, logfmt elsewhere"
    )
    state_dir: Path | None = Field(default=None, description="where state is kept; without one, in memory")
    no_schedule: bool = Field(
        default=False, description="run checks only where /probe asks; Prometheus has the schedule"
    )
    web_config_file: Path | None = Field(
        default=None, description="TLS, passwords and headers, in the format of Prometheus's exporter-toolkit"
    )
    web_enable_actions: bool = Field(
        default=False, description="allow everyone who reaches the port to run checks and reload, without a password"
    )
    read_only: bool = Field(default=False, description="refuse to run checks or reload by HTTP")
    url: str | None = Field(
        default=None, description="where the exporter serves that `probe` asks; else as its state directory says"
    )
    http_config_file: Path | None = Field(
        default=None, description="password and certificates to ask it with, in the format of promtool"
    )
    free_only: bool = Field(default=False, description="leave out probes that cost money")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use only the values that `load_settings` passes, not the process's own environment."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def load_settings(environ: Mapping[str, str], **given: object) -> Settings:
    """Load the settings: `given` (from the command line) wins over `AI_API_EXPORTER_*` of `environ`.

    A variable that is set to nothing counts as not set. Raises ConfigError, one sentence per value it cannot use.
    """
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in environ.items() if value}
    try:
        return Settings(**{**source(), **given})
    except ValidationError as error:
        raise ConfigError([_make_problem(details, given) for details in error.errors(include_url=False)]) from None


def find_unknown_settings(environ: Mapping[str, str]) -> Iterator[str]:
    """Return a sentence for each variable that looks like a misspelt setting.

    Not every unknown name is one: for a Service named `ai-api-exporter`, Kubernetes sets `AI_API_EXPORTER_PORT`,
    `AI_API_EXPORTER_SERVICE_HOST` and more in every pod.
    """
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and not re.match(f"{PREFIX}(PORT|SERVICE)", name):
            bare = [each.removeprefix(PREFIX) for each in known]
            close = difflib.get_close_matches(name.removeprefix(PREFIX), bare, n=1, cutoff=0.75)
            hint = f"; did you mean {PREFIX}{close[0]}?" if close else f"; known are: {', '.join(known)}"
            yield f"the variable {name} is not a setting{hint}"


def _make_problem(details: ErrorDetails, given: Mapping[str, object]) -> Problem:
    field = str(details["loc"][0])
    if field in given:
        source, name = "command line", OPTIONS.get(field, f"--{field.replace('_', '-')}")
    else:
        source, name = "environment", f"{PREFIX}{field.upper()}"
    return Problem(source, None, name, f'"{details["input"]}" {_explain(details)}')


def _explain(details: ErrorDetails) -> str:
    if details["type"] == "refused":
        return str(details["ctx"]["why"])
    if details["type"] == "literal_error":
        return f"is not one of the choices; write {details['ctx']['expected'].replace(chr(39), '')}"
    if details["type"] == "bool_parsing":
        return "is neither true nor false; write 1 or 0"
    return f"cannot be used: {details['msg']}"
