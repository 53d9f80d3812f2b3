"""The `assert:` block of a probe as written: what can be asserted, and what makes it unusable told by its line."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from exporter.config.schema.blocks import Block, Maybe
from exporter.config.schema.fields import Means, PlainText, Span, Whole, refuse_value
from exporter.core.target import Assertions
from exporter.probes.evaluation.schemas import find_regex_problem, find_schema_problem


def _check_regex(value: str) -> str:
    if find_regex_problem(value) is not None:
        raise refuse_value(
            "{given} is not a regular expression that can be used here",
            "close its brackets; look-around and back-references are not taken",
        )
    return value


def _check_json_schema(value: dict[str, Any]) -> dict[str, Any]:
    if (trouble := find_schema_problem(value)) is not None:
        raise refuse_value(f"this is not a JSON schema that can be used here: {trouble}", "see json-schema.org")
    return value


def _check_text(value: str) -> str:
    if not value:
        raise refuse_value("there is nothing in it", "write some text, or leave the line out")
    return value


Text = Annotated[PlainText, AfterValidator(_check_text)]
Regex = Annotated[Text, AfterValidator(_check_regex), Means("regular expression")]
JsonSchema = Annotated[dict[str, Any], AfterValidator(_check_json_schema), Means("JSON schema")]


class AssertBlock(Block):
    """What must be true of every answer; an assertion that fails or cannot be checked is `assertion_failed`."""

    contains: Maybe[Text] = Field(default=None, description="text that the answer holds")
    regex: Maybe[Regex] = Field(default=None, description="pattern found somewhere in the answer")
    json_schema: Maybe[JsonSchema] = Field(default=None, description="schema that the answer, as JSON, conforms to")
    max_first_token: Maybe[Span] = Field(default=None, description="longest time to first token")
    min_tokens_per_second: Maybe[float] = Field(
        default=None, gt=0, allow_inf_nan=False, description="least output tokens per second"
    )
    min_tokens: Maybe[Whole] = Field(default=None, ge=1, description="least output tokens, by the vendor's count")
    served_model: Maybe[Text] = Field(
        default=None, description="model that says it answered: its name (any snapshot, if none is named) or a glob"
    )

    @model_validator(mode="after")
    def _check_not_empty(self) -> "AssertBlock":
        if not self.model_fields_set:
            raise refuse_value("nothing is asserted", "write one of: " + ", ".join(type(self).model_fields))
        return self

    def to_assertions(self) -> Assertions:
        """Convert the block to assertions."""
        return Assertions(**{name: getattr(self, name) for name in type(self).model_fields})
