"""Names that a model can be asked by, and those that would lead a path or a label astray."""

import pytest

from exporter.core.model_name import LONGEST, find_name_problem


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o",
        "anthropic/claude-sonnet-4.5",
        "accounts/fireworks/models/gpt-oss-20b",
        "us.amazon.nova-lite-v1:0",
        "hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M",
        "my model & friends",
        "modèle",
        "a" * LONGEST,
    ],
)
def test_a_name(name: str) -> None:
    assert find_name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("../../v1/files", "`..`"),
        ("gpt-4o?key=x", "`?`"),
        ("gpt-4o#1", "`#`"),
        ("a//b", "`//`"),
        ("gpt\n4o", "control characters"),
        ("gpt\x1b[31m", "control characters"),
        ("gpt\u202e4o", "control characters"),
        ("", "empty"),
        (" gpt-4o", "slash or space"),
        ("gpt-4o/", "slash or space"),
        ("a" * (LONGEST + 1), "128 characters"),
    ],
)
def test_no_name(name: str, mark: str) -> None:
    assert mark in (find_name_problem(name) or "")
