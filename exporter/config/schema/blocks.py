"""What every block of the file is made of: strictness, lists by position, known names, and the tunables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from exporter.config.schema.fields import Interval, Means, Span, Whole, refuse_value, refuse_variable
from exporter.config.yaml.problems import suggest_name
from exporter.dialects.base import Dialect
from exporter.probes.base import Probe

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a configuration may name, given to the models as validation context."""

    probes: Mapping[str, Probe]
    dialects: Mapping[str, Dialect]
    presets: frozenset[str]


class Block(BaseModel):
    """A mapping of the file. A missing key is None or its default; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def index_by_position(value: Any) -> Any:
    """Turn a list into a mapping by position, so that an entry with a problem can be dropped alone."""
    return dict(enumerate(value)) if isinstance(value, list) else value


def _check_list(value: Any) -> Any:
    if isinstance(value, list):
        return index_by_position(value)
    if isinstance(value, dict) and all(isinstance(key, int) for key in value):
        return value
    raise refuse_value("a list belongs here", "write [a, b], or lines that begin with -")


def _check_given(value: Any) -> Any:
    if value is None:
        raise refuse_value("there is no value here", "write one, or leave the line out")
    return value


Maybe = Annotated[Item | None, BeforeValidator(_check_given)]
"""What may be left out, which is not the same as written without a value."""

Positions = Annotated[dict[int, Item], BeforeValidator(_check_list)]


def get_known_names(info: ValidationInfo) -> KnownNames:
    """Return the names that a validator may accept."""
    assert isinstance(info.context, KnownNames), "validate with context=Known(...)"
    return info.context


def _check_preset(value: str, info: ValidationInfo) -> str:
    known = get_known_names(info)
    if value not in known.presets:
        raise refuse_value("there is no preset {given}", suggest_name(value, known.presets))
    return value


def _check_dialect(value: str, info: ValidationInfo) -> str:
    known = get_known_names(info)
    if value not in known.dialects:
        raise refuse_value("there is no dialect {given}", suggest_name(value, known.dialects))
    return value


Preset = Annotated[str, BeforeValidator(refuse_variable), AfterValidator(_check_preset), Means("preset")]
DialectName = Annotated[str, BeforeValidator(refuse_variable), AfterValidator(_check_dialect), Means("dialect")]


class Tunables(Block):
    """How a check runs. They stand at top, provider, model or probe; the nearest wins."""

    interval: Maybe[Interval] = Field(default=None, description="time between two runs")
    timeout: Maybe[Span] = Field(default=None, description="for the whole answer")
    connect_timeout: Maybe[Span] = Field(default=None, description="to be connected, TLS included")
    first_token_timeout: Maybe[Span] = Field(default=None, description="for the first output")
    degraded_above: Maybe[Span] = Field(default=None, description="a success that took longer is `slow`")
    failures: Maybe[Whole] = Field(default=None, ge=1, le=100, description="failed runs in the window that mean down")
    window: Maybe[Whole] = Field(default=None, ge=1, le=100, description="the last runs that are looked at")
    successes: Maybe[Whole] = Field(default=None, ge=1, le=100, description="clean runs in a row that mean up")
    confirm_interval: Maybe[Span] = Field(default=None, description="wait before a first failure is confirmed")
    required: Maybe[bool] = Field(default=None, description="whether the check decides `ai_api_model_health`")
