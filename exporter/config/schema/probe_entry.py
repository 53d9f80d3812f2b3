"""One entry of a `probes` list: the common keys, and the settings of that probe's own class. Names no probe."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, PlainValidator, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from exporter.config.schema.assertions import AssertBlock
from exporter.config.schema.blocks import Maybe, Positions, Tunables, get_known_names
from exporter.config.schema.fields import LabelKey, LabelValue, Means, Name, refuse_value, refuse_variable
from exporter.config.yaml.problems import describe_unknown_key, suggest_name
from exporter.config.yaml.written import quote_text
from exporter.probes.base import Probe, ProbeSettings

Model = TypeVar("Model", bound=BaseModel)


class ProbeEntry(Tunables):
    """One probe: its kind, the name it gets, and how it runs; beside the probe's own settings."""

    probe: str = Field(description="which probe")
    name: Maybe[Name] = Field(default=None, description="the `probe` label, so that a model can have two of one kind")
    enabled: bool = Field(default=True, description="false leaves it out")
    labels: dict[LabelKey, LabelValue] = Field(default={}, description="values of the labels declared at the top")
    asserted: Maybe[AssertBlock] = Field(default=None, alias="assert", description="what must be true of every answer")
    settings: Maybe[ProbeSettings] = Field(default=None, exclude=True, description="")


_OWN = frozenset(field.alias or name for name, field in ProbeEntry.model_fields.items()) - {"settings"}


def _parse_probe_entry(value: Any, info: ValidationInfo) -> ProbeEntry:
    """Parse a probe's name, or a mapping of common keys and the settings of that probe's own class."""
    given = {"probe": value} if isinstance(value, str) else value
    if not isinstance(given, dict):
        raise refuse_value("a probe is a name or a mapping", "write chat, or {probe: chat, interval: 5m}")
    known = get_known_names(info)
    kind = given.get("probe")
    if kind is None:
        raise refuse_value("`probe` is missing", f"say which: {', '.join(known.probes)}")
    if not isinstance(refuse_variable(kind), str) or kind not in known.probes:
        at = () if isinstance(value, str) else ("probe",)
        raise _make_error(
            [_refuse(at, kind, f"there is no probe {quote_text(str(kind))}", suggest_name(str(kind), known.probes))]
        )
    return _parse_known_probe(given, known.probes[kind], info)


def _parse_known_probe(given: dict[str, Any], probe: Probe, info: ValidationInfo) -> ProbeEntry:
    common = {key: value for key, value in given.items() if key in _OWN}
    own = {key: value for key, value in given.items() if key in probe.settings.model_fields and key not in _OWN}
    every = sorted(_OWN | set(probe.settings.model_fields))
    found = [_refuse((key,), None, *describe_unknown_key(key, every)) for key in given if key not in {*common, *own}]
    settings = _collect(probe.settings, own, info, found)
    entry = _collect(ProbeEntry, common, info, found)
    if found or entry is None:
        raise _make_error(found)
    return entry.model_copy(update={"settings": settings})


def _collect(
    model: type[Model], value: dict[str, Any], info: ValidationInfo, found: list[InitErrorDetails]
) -> Model | None:
    try:
        return model.model_validate(value, context=info.context)
    except ValidationError as error:
        found.extend(_copy_details(details) for details in error.errors(include_url=False))
        return None


def _make_error(found: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data("probe", found)


def _refuse(loc: tuple[str | int, ...], given: Any, what: str, instead: str) -> InitErrorDetails:
    return InitErrorDetails(type=refuse_value(what, instead), loc=loc, input=given)


def _copy_details(details: ErrorDetails) -> InitErrorDetails:
    """Copy an error of an inner model, to be raised with those of another."""
    context = details.get("ctx", {})
    own = details["type"] == "refused"
    kind: Any = PydanticCustomError("refused", "{what}", context) if own else details["type"]
    return InitErrorDetails(type=kind, loc=details["loc"], input=details["input"], ctx=context)


Probes = Positions[Annotated[ProbeEntry, PlainValidator(_parse_probe_entry), Means("[probe](#a-probe)")]]
