"""Whether the model that answered is the model that was asked for: a rule over names, nothing else.

A dated snapshot of the asked model and what `-latest` resolves to are the same model; another family, version or
size is not. Vendors and gateways write one model in many ways, so both names are brought to one form first.
"""

import re
from functools import lru_cache
from typing import NamedTuple

VENDOR_PREFIX = re.compile(
    r"^(?:[a-z]{2,6}\.)?(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|mistral|openai|qwen)\.(?=[a-z])"
)
"""Bedrock's form: `us.anthropic.claude-...`, the region first."""

DECORATION = re.compile(
    r"(?:-v?\d+:\d+"  # Bedrock's revision of a model's packaging
    r"|:latest"  # Ollama's default tag
    r"|:(?:free|nitro|floor|online|exacto|extended|fastest|cheapest)"  # routing variants of OpenRouter and Hugging Face
    r"|:(?:cerebras|cohere|fal-ai|featherless-ai|fireworks-ai|groq|hf-inference|hyperbolic|nebius|novita|nscale"
    r"|openai|replicate|sambanova|scaleway|together)"  # Hugging Face's routes
    r"|\.gguf)$"  # llama.cpp tells the file
)

MONTH, DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
SNAPSHOT = re.compile(
    r"[-@](?:"
    rf"(?P<date>20\d\d-?{MONTH}-?{DAY}"  # gpt-4o-2024-08-06, claude-sonnet-4-20250514
    rf"|{MONTH}-20\d\d"  # command-r-08-2024
    rf"|{MONTH}-?{DAY}"  # grok-4-0709, gemini-2.5-pro-preview-05-06
    rf"|2\d{MONTH}"  # mistral-large-2411
    r"|00\d)"  # gemini-2.0-flash-001
    r"|latest|default"  # default: Vertex
    r"|0)$"  # claude-sonnet-4-0 is claude-sonnet-4
)


ANY_MODEL = "tgi"
"""What servers of Hugging Face's TGI are asked for whatever they serve."""

LATEST = "-latest"
VERSION = re.compile(r"v?\d+|preview|exp|experimental")


class Name(NamedTuple):
    """A model's name in one form: its base, and its snapshot as digits ("" where the name tells none)."""

    base: str
    snapshot: str


@lru_cache(maxsize=1024)  # the same names come back with every run
def parse_name(model: str) -> Name:
    """Normalize a model's name, so that two spellings of one model are equal.

    Without what routes to it: `vendor/`, `provider,` (claude-code-router), `#deployment`.
    """
    name = model.strip().lower().partition("#")[0].rsplit(",", 1)[-1].rsplit("/", 1)[-1]
    name = VENDOR_PREFIX.sub("", DECORATION.sub("", name))
    found = SNAPSHOT.search(name)
    if found is None:
        return Name(_normalize_version(name), "")
    return Name(_normalize_version(name[: found.start()]), (found["date"] or "").replace("-", ""))


def _normalize_version(base: str) -> str:
    """Write versions in one form: 4.5 and 4-5 are one version, and gateways write both."""
    return base.replace(".", "-")


def is_same_model(asked: str, served: str) -> bool:
    """Return whether `served` is the model `asked`, as far as names can tell.

    Asked for a snapshot, another snapshot is another model; a name without one contradicts nothing.
    """
    if asked == served:
        return True
    want, got = parse_name(asked), parse_name(served)
    if asked.lower() == ANY_MODEL or (asked.lower().endswith(LATEST) and _is_member(want.base, got.base)):
        return True
    if want.base != got.base:
        return False
    return want.snapshot == got.snapshot or not want.snapshot or not got.snapshot


def _is_member(family: str, base: str) -> bool:
    """Return whether a name that moves (`gemini-flash-latest`) may stand for this model: the family and a version."""
    words, named = family.split("-"), base.split("-")
    others = [word for word in named if word not in words]
    return set(words) <= set(named) and all(VERSION.fullmatch(word) for word in others)
