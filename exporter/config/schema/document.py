"""`Written` into `Document`. An entry with a problem is left out, so that the rest is still looked at for more."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from exporter.config.schema.blocks import KnownNames, index_by_position
from exporter.config.schema.fields import NAME
from exporter.config.schema.schema import Document
from exporter.config.yaml.problems import Trouble, drop_echoes, translate_errors
from exporter.config.yaml.written import Loc, WrittenConfig

_SECTIONS = ("providers", "models", "discover", "maintenance")
"""Blocks whose entries are looked at one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReading:
    """What could be understood. `partial` are the places where something was left out because of a problem."""

    written: WrittenConfig
    document: Document | None
    partial: frozenset[Loc]
    troubles: tuple[Trouble, ...]

    def is_partial(self, loc: Loc) -> bool:
        """Return whether something at or around that place was left out."""
        return any(loc[:end] in self.partial for end in range(1, len(loc) + 1))

    def is_touched(self, section: str) -> bool:
        """Return whether anything at all was left out of a block."""
        return any(loc[0] == section for loc in self.partial)

    def provider_names(self) -> frozenset[str]:
        """Return the names of all configured providers, unusable ones included."""
        providers = self.written.tree.get("providers")
        return frozenset(filter(NAME.fullmatch, providers)) if isinstance(providers, dict) else frozenset()


def read_document(written: WrittenConfig, early: list[Trouble], known: KnownNames) -> DocumentReading:
    """Validate what was read; `early` are the problems already found in reading it."""
    tree, partial = _drop_bad_entries(written.tree, early)
    found: list[Trouble] = []
    document, more = _validate(tree, known)
    if document is None:
        found = more
        tree, taken = _drop_bad_entries(tree, found)
        partial |= taken
        document, _ = _validate(tree, known)
    return DocumentReading(
        written=written,
        document=document,
        partial=frozenset(partial),
        troubles=(*early, *drop_echoes(found)),
    )


def _validate(tree: dict[str, Any], known: KnownNames) -> tuple[Document | None, list[Trouble]]:
    try:
        return Document.model_validate(tree, context=known), []
    except ValidationError as error:
        return None, translate_errors(error, Document)


def _drop_bad_entries(tree: dict[str, Any], found: list[Trouble]) -> tuple[dict[str, Any], set[Loc]]:
    """Drop what has a problem: a key of an entry where that is enough, else the entry, else the block."""
    rest = dict(tree)
    for section in _SECTIONS:
        if section in rest:
            rest[section] = _copy_block(rest[section] if section == "providers" else index_by_position(rest[section]))
    partial: set[Loc] = set()
    for trouble in found:
        if trouble.loc:
            partial.add(_take_out(rest, trouble.loc))
    return rest, partial


def _copy_block(block: Any) -> Any:
    """Copy the entries of a block, so that the tree stays unchanged."""
    if not isinstance(block, dict):
        return block
    return {key: dict(entry) if isinstance(entry, dict) else entry for key, entry in block.items()}


def _take_out(tree: dict[str, Any], loc: Loc) -> Loc:
    """Take the least out of the tree that holds the place; return the entry or block that is partial by that."""
    block = tree.get(str(loc[0]))
    if loc[0] not in _SECTIONS or len(loc) == 1 or not isinstance(block, dict):
        tree.pop(str(loc[0]), None)
        return loc[:1]
    entry = block.get(loc[1])
    if isinstance(entry, dict) and loc[2:3] and loc[2] in entry:
        del entry[loc[2]]
    else:
        block.pop(loc[1], None)
    return loc[:2]
