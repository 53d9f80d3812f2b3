"""PromQL as a tree: which metrics an expression asks, which labels its result can have, what it cannot do without."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import promql_parser
from promql_parser import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    Call,
    LabelModifierType,
    MatrixSelector,
    NumberLiteral,
    ParenExpr,
    StringLiteral,
    SubqueryExpr,
    UnaryExpr,
    VectorMatchCardinality,
    VectorSelector,
)

Labels = frozenset[str]
Surface = Mapping[str, AbstractSet[str]]
"""Every metric that there is, under each name its samples have, with the labels of its series."""

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
SETS = frozenset({"and", "or", "unless"})


class NotThereError(AssertionError):
    """A metric or a label that does not exist."""


def parse(text: str) -> Any:
    """The tree of an expression; ValueError where it is not PromQL of today."""
    return promql_parser.parse(text)


def inner(node: Any) -> Any | None:
    """What a node that only wraps another one wraps."""
    match node:
        case ParenExpr() | UnaryExpr() | SubqueryExpr() | AggregateExpr():
            return node.expr
        case MatrixSelector():
            return node.vector_selector
        case Call():
            return next((each for each in node.args if not isinstance(each, NumberLiteral | StringLiteral)), None)
        case _:
            return None


def labels(node: Any, surface: Surface) -> Labels | None:
    """The labels that the result can have, None for a scalar. NotThereError where one is used that cannot be."""
    match node:
        case NumberLiteral() | StringLiteral():
            return None
        case VectorSelector():
            return _selected(node, surface)
        case AggregateExpr():
            return _aggregated(node, labels(node.expr, surface) or frozenset())
        case BinaryExpr():
            return _joined(node, labels(node.lhs, surface), labels(node.rhs, surface))
        case Call():
            return _called(node, surface)
        case _:
            return labels(inner(node), surface)


def _selected(node: VectorSelector, surface: Surface) -> Labels:
    name = str(node.name)
    if name not in surface:
        raise NotThereError(f"no metric {name}")
    return _known(frozenset(surface[name]), {each.name for each in node.matchers.matchers}, f"a matcher of {name}")


def _known(there: Labels, used: AbstractSet[str], place: str) -> Labels:
    if not used <= there:
        raise NotThereError(f"{place} names {sorted(used - there)}, there are {sorted(there)}")
    return there


def _aggregated(node: AggregateExpr, found: Labels) -> Labels:
    if node.modifier is None:
        return found if str(node.op) in {"topk", "bottomk"} else frozenset()
    named = frozenset(node.modifier.labels)
    _known(found, named, f"{node.op} by or without")
    return named if node.modifier.type == AggModifierType.By else found - named


def _joined(node: BinaryExpr, left: Labels | None, right: Labels | None) -> Labels | None:
    if left is None or right is None:
        return right if left is None else left
    operator, modifier = str(node.op), node.modifier
    matching = modifier.matching if modifier else None
    if matching is not None:
        include = matching.type == LabelModifierType.Include
        for side in (left, right) if include else (left | right,):
            _known(side, frozenset(matching.labels), f"on or ignoring of {operator}")
    if operator in SETS:
        return left | right if operator == "or" else left
    if modifier is not None and modifier.group_labels:
        many, one = (left, right) if modifier.card == VectorMatchCardinality.ManyToOne else (right, left)
        _known(one, frozenset(modifier.group_labels), f"group of {operator}")
        return many | frozenset(modifier.group_labels)
    if modifier is not None and modifier.card == VectorMatchCardinality.OneToMany:
        return right
    return _matched(matching, left, right)


def _matched(matching: Any, left: Labels, right: Labels) -> Labels:
    if matching is None:
        return left & right
    named = frozenset(matching.labels)
    return named if matching.type == LabelModifierType.Include else (left | right) - named


def _called(node: Call, surface: Surface) -> Labels | None:
    found = [labels(each, surface) for each in node.args]
    vectors = [each for each in found if each is not None]
    name = node.func.name
    if name == "label_replace":
        return vectors[0] | {node.args[1].val}
    if name == "histogram_quantile":
        return _known(vectors[0], {"le"}, name) - {"le"}
    if name in {"time", "scalar"}:
        return None
    return frozenset(label for each in vectors for label in each)


def metrics(node: Any) -> frozenset[str]:
    """Every metric that is asked."""
    return _gathered(node, lambda left, right, _: left | right)


def needed(node: Any) -> frozenset[str]:
    """The metrics without which there is no result: not those after `unless`, nor on one side of an `or` only."""
    return _gathered(node, _needed)


def _needed(left: frozenset[str], right: frozenset[str], operator: str) -> frozenset[str]:
    if operator == "unless":
        return left
    return left & right if operator == "or" else left | right


def _gathered(node: Any, join: Callable[[frozenset[str], frozenset[str], str], frozenset[str]]) -> frozenset[str]:
    match node:
        case VectorSelector():
            return frozenset({str(node.name)})
        case BinaryExpr():
            return join(_gathered(node.lhs, join), _gathered(node.rhs, join), str(node.op))
        case Call():
            return frozenset(name for each in node.args for name in _gathered(each, join))
        case _:
            return _gathered(below, join) if (below := inner(node)) is not None else frozenset()


def left_side(node: Any) -> Any:
    """What the first comparison of an alert compares: the figure that must exist for it to be able to fire."""
    if isinstance(node, BinaryExpr):
        return node.lhs if str(node.op) in COMPARISONS else left_side(node.lhs)
    below = inner(node)
    return node if below is None or isinstance(node, AggregateExpr | Call) else left_side(below)
