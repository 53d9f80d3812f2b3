"""`Written` into `Document`. An entry with a problem is left out, so that the rest is still looked at for more."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from exporter.config.schema import Document, Known, by_position
from exporter.config.trouble import Trouble, troubles
from exporter.config.written import Loc, Written

_SECTIONS = ("providers", "models", "discover", "maintenance")
"""Blocks whose entries are looked at one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What could be understood. `partial` are the places where something was left out because of a problem."""

    written: Written
    document: Document | None
    partial: frozenset[Loc]
    troubles: tuple[Trouble, ...]

    def is_partial(self, loc: Loc) -> bool:
        """Whether something at or around that place was left out."""
        return any(loc[:end] in self.partial for end in range(1, len(loc) + 1))

    def provider_names(self) -> frozenset[str]:
        """The names of all providers written down, the unusable ones too."""
        providers = self.written.tree.get("providers")
        return frozenset(providers) if isinstance(providers, dict) else frozenset()


def understand(written: Written, early: list[Trouble], known: Known) -> Reading:
    """Validate what was read; `early` are the problems already found in reading it."""
    tree, partial = _without(written.tree, early)
    try:
        document = Document.model_validate(tree, context=known)
        return Reading(written=written, document=document, partial=frozenset(partial), troubles=tuple(early))
    except ValidationError as error:
        found = troubles(error, Document)
    tree, more = _without(tree, found)
    try:
        rest = Document.model_validate(tree, context=known)
    except ValidationError:
        rest = None
    return Reading(written=written, document=rest, partial=frozenset(partial | more), troubles=(*early, *found))


def _without(tree: dict[str, Any], found: list[Trouble]) -> tuple[dict[str, Any], set[Loc]]:
    """The tree without what has a problem: a key of an entry where that is enough, else the entry, else the block."""
    rest = deepcopy(tree) if found else tree
    partial: set[Loc] = set()
    for section in _SECTIONS:
        if found and isinstance(rest.get(section), list):
            rest[section] = by_position(rest[section])
    for trouble in found:
        loc = trouble.loc
        if not loc:
            continue
        block = rest.get(str(loc[0]))
        entry = block.get(loc[1]) if len(loc) > 1 and loc[0] in _SECTIONS and isinstance(block, dict) else None
        partial.add(loc[:2] if loc[0] in _SECTIONS else loc[:1])
        if isinstance(entry, dict) and len(loc) > 2 and loc[2] in entry:  # noqa: PLR2004 (a key inside an entry)
            del entry[loc[2]]
        elif len(loc) > 1 and loc[0] in _SECTIONS and isinstance(block, dict):
            block.pop(loc[1], None)
        else:
            rest.pop(str(loc[0]), None)
    return rest, partial
