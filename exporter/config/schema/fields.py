"""The kinds of value a configuration holds: time spans, names that become labels, addresses, sources of keys."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from exporter.config.schema import duration as span
from exporter.config.yaml.expand import ExpandedText
from exporter.core.advice import find_name_problem
from exporter.money.period import find_zone

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
LABEL_KEY = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST_LABEL = 128
LONGEST_SPAN = 366 * 86_400.0

TAKEN_LABELS = frozenset(
    {
        *("provider", "model", "probe", "status", "token_type", "error_type", "state", "phase", "flag", "fault"),
        *("scope", "period", "reason", "resource", "window", "served_model", "alias", "dialect", "kind", "required"),
        *("indicator", "upstream", "le", "quantile", "job", "instance"),
    }
)
"""Label names that the exporter's own series or Prometheus itself use."""


def refuse_value(what: str, instead: str = "") -> PydanticCustomError:
    """Make the error of a value that cannot be used. `{given}` in the sentences becomes the text as written."""
    return PydanticCustomError("refused", "{what}", {"what": what, "instead": instead})


def _check_duration(value: Any) -> float:
    text = value if isinstance(value, str) else f"{value}"
    seconds = span.parse_duration(text) if isinstance(value, str) else None
    if seconds is None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        what = "{given} has no unit" if number or re.fullmatch(r"[0-9.]+", text) else "{given} is not a time span"
        hidden = isinstance(value, ExpandedText)
        raise refuse_value(what, "write a time span such as 30s" if hidden else span.suggest_duration(text))
    if not 0 < seconds <= LONGEST_SPAN:
        raise refuse_value("{given} is out of range", "write more than 0s and at most 366d")
    return seconds


def _check_minimum(least: float) -> AfterValidator:
    def check(seconds: float) -> float:
        if seconds < least:
            raise refuse_value("{given} is too short", f"write at least {span.format_duration(least)}")
        return seconds

    return AfterValidator(check)


def _check_bounds(values: tuple[float, ...]) -> tuple[float, ...]:
    if not values or list(values) != sorted(set(values)) or values[0] <= 0:
        raise refuse_value("these bounds do not ascend from above 0", "write them like [0.1, 1, 10]")
    return values


def refuse_variable(value: Any) -> Any:
    """Refuse what came from a variable: a secret cannot become a label, an id or a word in the log."""
    if isinstance(value, ExpandedText):
        raise refuse_value(
            "{given} takes its value from a variable, which makes it a secret, but this is shown in metrics and logs",
            "write the value itself",
        )
    return value


def _check_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise refuse_value("{given} cannot be a name", "use small letters, digits, - and _, at most 64")
    return value


def _check_model(value: str) -> str:
    if (trouble := find_name_problem(value)) is not None:
        raise refuse_value(trouble, "write the name as the provider lists it")
    return value


def _check_label_key(value: str) -> str:
    if not LABEL_KEY.fullmatch(value) or value.startswith("__"):
        raise refuse_value("{given} cannot be a label", "use letters, digits and _, not beginning with a digit or __")
    if value in TAKEN_LABELS:
        raise refuse_value(
            f"the label `{value}` is already used by the exporter or by Prometheus", "choose another name"
        )
    return value


def _check_label_value(value: str) -> str:
    if not value.isprintable() or len(value) > LONGEST_LABEL:
        raise refuse_value("{given} cannot be a label value", f"at most {LONGEST_LABEL} printable characters")
    return value


def _split_url(value: str, schemes: tuple[str, ...]) -> SplitResult:
    """Split a URL. An invalid one is not quoted in the error: it may be a key, or hold a password."""
    what, example = "this is not a URL", f"write it like {schemes[0]}://host.example"
    try:
        parts = urlsplit(value)
        named = parts.scheme in schemes and bool(parts.hostname)
        port_is_fine = parts.port != 0
    except ValueError:
        raise refuse_value(what, example) from None
    if not named or not port_is_fine or not value.isprintable() or " " in value:
        raise refuse_value(what, example)
    return parts


def _check_base_url(value: str) -> str:
    parts = _split_url(value, ("https", "http"))
    if parts.username is not None:
        raise refuse_value("a base URL holds no user or password", "use api_key or headers")
    if "?" in value or "#" in value or ".." in parts.path:
        raise refuse_value("a base URL holds no `?`, `#` or `..`", "end it with its path")
    return value.rstrip("/")


def _check_secret_text(value: Any) -> Any:
    """Refuse what is no text without quoting it, as the library would have it quoted."""
    if not isinstance(value, str):
        raise refuse_value("this is not text", "put it in quotes")
    return value


def _check_proxy(value: SecretStr) -> SecretStr:
    _split_url(value.get_secret_value(), ("http", "https", "socks5", "socks5h"))
    return value


def _check_header_value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable():
        raise refuse_value("a header value holds only printable ASCII characters", "take the others out")
    return value


def _check_header_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", value):
        raise refuse_value("{given} is not a header name", "use letters, digits and -")
    if value.lower() in _OWN_HEADERS:
        raise refuse_value(f"the header {value.lower()} is set by the exporter", _OWN_HEADERS[value.lower()])
    return value.lower()


_OWN_HEADERS = {
    "authorization": "use api_key (and key_header where the key goes elsewhere)",
    **dict.fromkeys(
        ("host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding", "accept"),
        "leave it out",
    ),
}


def _parse_address(value: Any) -> tuple[str, int]:
    host, colon, port = str(value).rpartition(":")
    if not colon or not host or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:  # noqa: PLR2004 (TCP ports)
        raise refuse_value("{given} is not host:port", "write it like one.one.one.one:443")
    return host.strip("[]"), int(port)


def is_private(host: str) -> bool:
    """Return whether a host is surely not across the internet.

    Loopback, private and other addresses that are not routed globally are, and names that only a local resolver
    knows: `localhost`, one word, `.local`, `.internal`, `.svc`. No name is looked up.
    """
    name = host.rstrip(".").lower()
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        number = re.fullmatch(r"0x[0-9a-f]*|[0-9]+", name)  # an address in another notation, not a name
        return not number and ("." not in name or name.endswith((".localhost", ".local", ".internal", ".svc")))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not (mapped or address).is_global


def _check_file_path(value: Any) -> Any:
    """Refuse what a file holds in the place of its path."""
    if isinstance(value, str) and not value.isprintable():
        raise refuse_value("this is not the path of a file", "write the path, not what is in the file")
    return value


class KeySource(BaseModel):
    """Where a key comes from: a variable, a file that is re-read when it changes, or the configuration itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    env: str | None = None
    file: Path | None = None
    inline: SecretStr | None = None
    literal: bool = False


def _parse_key_source(value: Any) -> KeySource:
    if isinstance(value, str):
        return KeySource(inline=SecretStr(value), literal=not isinstance(value, ExpandedText))
    example = "write {env: NAME}, {file: PATH} or ${NAME}"
    if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in ("env", "file"):
        raise refuse_value("a key comes from one place", example)
    kind, place = next(iter(value.items()))
    if not isinstance(place, str) or not place:
        raise refuse_value(f"`{kind}` is not text", example)
    if kind == "env" and not VARIABLE.fullmatch(place):
        raise refuse_value("`env` takes the name of a variable, not its value", "write {env: NAME}")
    return KeySource(env=place) if kind == "env" else KeySource(file=Path(_check_file_path(place)))


def _check_time_zone(value: str) -> str:
    try:
        find_zone(value)
    except ValueError:
        raise refuse_value(
            "this machine knows no time zone {given}", "write UTC, or a name like Europe/Berlin"
        ) from None
    return value


def _check_whole(value: Any) -> Any:
    if isinstance(value, bool):
        raise refuse_value("{given} is not a whole number", "write a number such as 3")
    return value


def _check_text(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(check)


@dataclass(frozen=True, slots=True)
class Means:
    """How the reference words a kind of value; validation does not look at it."""

    words: str


FilePath = Annotated[Path, BeforeValidator(_check_file_path), Means("path")]
Span = Annotated[float, BeforeValidator(_check_duration), Means("time span")]
Interval = Annotated[Span, _check_minimum(1.0), Means("time span, at least 1s")]
Lookup = Annotated[Span, _check_minimum(60.0), Means("time span, at least 1m")]
Retention = Annotated[Span, _check_minimum(3600.0), Means("time span, at least 1h")]
TimeZone = Annotated[str, BeforeValidator(refuse_variable), _check_text(_check_time_zone), Means("time zone")]
Bounds = Annotated[
    tuple[Annotated[float, Field(allow_inf_nan=False)], ...], AfterValidator(_check_bounds), Means("ascending numbers")
]
Name = Annotated[str, BeforeValidator(refuse_variable), _check_text(_check_name), Means("name")]
ModelName = Annotated[str, BeforeValidator(refuse_variable), _check_text(_check_model), Means("model name")]
LabelKey = Annotated[str, _check_text(_check_label_key), Means("label")]
LabelValue = Annotated[str, BeforeValidator(refuse_variable), _check_text(_check_label_value), Means("text")]
PlainText = Annotated[str, BeforeValidator(refuse_variable), Means("text")]
BaseUrl = Annotated[str, _check_text(_check_base_url), Means("URL")]
ProxyUrl = Annotated[SecretStr, BeforeValidator(_check_secret_text), AfterValidator(_check_proxy), Means("URL")]
HeaderName = Annotated[str, _check_text(_check_header_name), Means("header")]
HeaderValue = Annotated[
    SecretStr, BeforeValidator(_check_secret_text), AfterValidator(_check_header_value), Means("text")
]
Address = Annotated[Any, BeforeValidator(refuse_variable), BeforeValidator(_parse_address), Means("host:port")]
ApiKey = Annotated[KeySource, BeforeValidator(_parse_key_source), Means("`{env: NAME}`, `{file: PATH}` or `${NAME}`")]
Whole = Annotated[int, BeforeValidator(_check_whole)]
