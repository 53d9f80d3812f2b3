"""Functions are named by what they do: a participle alone names nothing."""

import ast

from tests.repo.source import package

MOST = 0.02
"""Share of functions that may be named by a participle alone."""

IRREGULAR = frozenset(
    {"told", "brought", "made", "found", "kept", "seen", "said", "known", "taken", "come", "came", "gone", "chosen"}
    | {"given", "left", "held", "written", "shown", "sent", "spent", "begun", "drawn", "built", "led", "met", "paid"}
    | {"whole"}
)
"""Participles without -ed, and one adjective that stood for them; those that are verbs too are left out."""

VERBS = frozenset({"feed", "embed", "need", "shed"})


def is_bare_participle(name: str) -> bool:
    """Whether a name is one word, and that a participle."""
    word = name.strip("_")
    return "_" not in word and (word in IRREGULAR or (word.endswith("ed") and word not in VERBS))


def test_few_functions_are_named_by_a_participle_alone() -> None:
    names = [
        node.name
        for tree in package().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    bare = sorted({name for name in names if is_bare_participle(name)})
    assert sum(name in bare for name in names) <= MOST * len(names), bare


def test_participles_are_recognised() -> None:
    assert all(map(is_bare_participle, ("told", "_asked", "joined")))
    assert not any(map(is_bare_participle, ("feed", "read", "join_pages", "is_told", "run")))
