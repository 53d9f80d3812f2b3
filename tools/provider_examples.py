"""Every preset with a minimal configuration, printed for docs/providers.md.

What nobody can choose for a user (an address, a model, a region) is an example; a preset that needs more than a key and
has no row in `NEEDS` or `MODELS` gets an address and a model made from its name.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from exporter.config.presets import PRESETS, Preset

NEEDS: Mapping[str, Mapping[str, str]] = {
    "azure-openai": {"base_url": "https://my-resource.openai.azure.com"},
    "azure-openai-v1": {"base_url": "https://my-resource.openai.azure.com"},
    "bedrock": {"region": "eu-central-1"},
    "openai-compatible": {"base_url": "https://relay.example/v1"},
    "vertex": {"project": "my-project"},
    "vllm": {"base_url": "http://vllm:8000/v1"},
}
"""What else must be written for a provider of that preset."""

MODELS: Mapping[str, str] = {
    "azure-openai": "my-deployment",
    "azure-openai-v1": "my-deployment",
    "bedrock": "eu.amazon.nova-micro-v1:0",
    "cohere": "command-a-03-2025",
    "holysheep-anthropic": "claude-haiku-4-5",
    "jina": "jina-embeddings-v3",
    "litellm": "gpt-6-luna",
    "ollama": "qwen3:0.6b",
    "ollama-native": "qwen3:0.6b",
    "openai-compatible": "my-model",
    "together": "openai/gpt-oss-20b",
    "vertex": "gemini-3.5-flash-lite",
    "vllm": "my-model",
}
"""A model to ask where the preset knows none."""

SIGNED = {
    "sigv4": "as AWS tools find credentials (the extra `bedrock`)",
    "google": "as Google's tools find credentials (the extra `vertex`)",
}


def example(preset: Preset) -> dict[str, Any]:
    """Make the smallest configuration that asks one model of a preset."""
    needed = NEEDS.get(preset.name, {} if preset.base_url else {"base_url": f"https://{preset.name}.example"})
    entry: dict[str, Any] = {
        "model": next(iter(preset.starters), None) or MODELS.get(preset.name, "a-model"),
        "provider": preset.name,
    }
    if preset.dialects[0] == "openai-embeddings":
        entry["probes"] = ["embeddings"]
    return {"providers": {preset.name: dict(needed)}, "models": [entry]}


def written(preset: Preset) -> str:
    """Write the example as a file."""
    return yaml.safe_dump(example(preset), sort_keys=False, width=120)


def sections() -> Iterator[str]:
    """One section per preset."""
    for preset in PRESETS.values():
        yield f"## {preset.name}\n\n{_facts(preset)}\n\n```yaml\n{written(preset)}```\n"


def _facts(preset: Preset) -> str:
    dialects = ", ".join(f"`{each}`" for each in preset.dialects)
    facts = [f"A {preset.kind.value.replace('_', '-')} provider that speaks {dialects}. Key: {_key(preset)}."]
    if preset.base_url:
        facts.append(f"Address: `{preset.base_url}`.")
    elif preset.address:
        facts.append(f"Address: `{preset.address}`.")
    if preset.status_page:
        facts.append("Its status page is read.")
    if not preset.lists_models:
        facts.append("It has no list of models, so nothing is asked of it for free.")
    return " ".join(facts)


def _key(preset: Preset) -> str:
    keys = " or ".join(f"`{key}`" for key in preset.keys) or "`api_key`"
    if preset.auth:
        return f"{keys}, else {SIGNED[preset.auth]}" if preset.keys else SIGNED[preset.auth]
    return keys if preset.key_required else f"{keys}, if it needs one"


def main() -> None:
    """Print all sections."""
    sys.stdout.write("\n".join(sections()))


if __name__ == "__main__":
    main()
