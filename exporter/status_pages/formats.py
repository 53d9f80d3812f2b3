"""The forms in which status pages tell machines how it is: one pure reader each, tried in turn.

A page is recognised by what it looks like, not by its address: vendors move from one kind of page to another. Shapes:
Statuspage API v2 and incident.io's imitation of it, Better Stack `index.json`, OnlineOrNot, Instatus, and the list of
incidents of Google Cloud, as their documentation and clients of November 2026 have them. Every key may be missing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import orjson


class Indicator(StrEnum):
    """A vendor's public word on itself; becomes a label value, so the set is closed. Ascending."""

    NONE = "none"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


_ORDER = tuple(Indicator)


def find_worst(several: Iterable[Indicator]) -> Indicator:
    """Find the worst indicator; `none` if there is none."""
    return max(several, key=_ORDER.index, default=Indicator.NONE)


Reader = Callable[[Any], Indicator | None]
"""What a page says; None if it is of another form."""

GEMINI_PRODUCT = "Z0FZJAMvEB4j3NbCJs6B"
"""Vertex Gemini API, on the status page of Google Cloud."""

WORDS: Mapping[str, Indicator] = MappingProxyType(
    {
        **dict.fromkeys(("none", "noimpact", "operational", "up", "available", "resolved"), Indicator.NONE),
        **dict.fromkeys(("maintenance", "undermaintenance"), Indicator.MAINTENANCE),
        **dict.fromkeys(
            ("minor", "degraded", "degradedperformance", "minoroutage", "hasissues", "serviceinformation", "low"),
            Indicator.MINOR,
        ),
        **dict.fromkeys(
            ("major", "partialoutage", "downtime", "servicedisruption", "medium"),
            Indicator.MAJOR,
        ),
        **dict.fromkeys(("critical", "majoroutage", "fulloutage", "serviceoutage", "high"), Indicator.CRITICAL),
    }
)
"""The words of all these pages, without case, spaces and underscores."""


def read_page(body: bytes) -> Indicator | None:
    """Read the indicator of a status page; None if its form is unknown. Never raises."""
    try:
        page = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return next((found for read in READERS if (found := read(page)) is not None), None)


def read_statuspage(page: Any) -> Indicator | None:
    """`{page, status: {indicator}, components: [{status}]}`; without an indicator the worst component counts."""
    if "page" not in _as_mapping(page) or not ({"status", "components"} & _as_mapping(page).keys()):
        return None
    told = _read_word(_as_mapping(page.get("status")).get("indicator"))
    components = list(_read_words(page.get("components"), "status"))
    return told if told is not None else find_worst(components) if components else None


def read_instatus(page: Any) -> Indicator | None:
    """`{page: {status: UP | HASISSUES | UNDERMAINTENANCE}, activeIncidents: [{impact}]}`."""
    told = _read_word(_as_mapping(_as_mapping(page).get("page")).get("status"))
    return (
        None if told is None else find_worst((told, *_read_words(_as_mapping(page).get("activeIncidents"), "impact")))
    )


def read_better_stack(page: Any) -> Indicator | None:
    """Read `{data: {attributes: {aggregate_state: operational | degraded | downtime | maintenance}}}`."""
    return _read_word(_as_mapping(_as_mapping(_as_mapping(page).get("data")).get("attributes")).get("aggregate_state"))


def read_online_or_not(page: Any) -> Indicator | None:
    """Read `{result: {components: [{status}], active_incidents: [{impact}]}}`."""
    result = _as_mapping(_as_mapping(page).get("result"))
    if not isinstance(result.get("components"), list):
        return None
    return find_worst(
        (*_read_words(result["components"], "status"), *_read_words(result.get("active_incidents"), "impact"))
    )


def read_google_incidents(page: Any) -> Indicator | None:
    """`[{begin, end, affected_products: [{id}], status_impact, severity, most_recent_update: {status}}]`.

    An incident without an end is open; only those that concern Gemini count.
    """
    if not isinstance(page, list) or not all("affected_products" in _as_mapping(each) for each in page):
        return None
    return find_worst(found for each in page if _is_open(each) if (found := _read_incident(each)) is not None)


READERS: Sequence[Reader] = (
    read_instatus,
    read_statuspage,
    read_better_stack,
    read_online_or_not,
    read_google_incidents,
)
"""Instatus before Statuspage: it too has a `page`, and only it has a status in there."""


def _is_open(incident: Mapping[str, Any]) -> bool:
    products = incident["affected_products"]
    named = isinstance(products, list) and any(_as_mapping(each).get("id") == GEMINI_PRODUCT for each in products)
    return named and not incident.get("end")


def _read_incident(incident: Mapping[str, Any]) -> Indicator | None:
    now = _read_word(_as_mapping(incident.get("most_recent_update")).get("status"))
    told = (now, _read_word(incident.get("status_impact")), _read_word(incident.get("severity")))
    return next((each for each in told if each is not None), Indicator.MINOR)


def _as_mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_words(rows: Any, name: str) -> Iterator[Indicator]:
    for row in rows if isinstance(rows, list) else ():
        if (found := _read_word(_as_mapping(row).get(name))) is not None:
            yield found


def _read_word(value: Any) -> Indicator | None:
    plain = "".join(letter for letter in value.lower() if letter.isalpha()) if isinstance(value, str) else ""
    return WORDS.get(plain)
