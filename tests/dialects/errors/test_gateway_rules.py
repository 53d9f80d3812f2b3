"""What gateways say comes before what vendors say, and is their own fault unless it is about our account there."""

from exporter.core.outcome import Fault, Reason
from exporter.dialects.errors.gateway_rules import EMPTY_ACCOUNT, GATEWAY_RULES
from exporter.dialects.errors.rules import TABLE

OURS = frozenset({Reason.AUTH, Reason.PERMISSION, Reason.QUOTA_EXHAUSTED, Reason.RATE_LIMITED, Reason.MODEL_NOT_FOUND})
"""Reasons that a gateway may have for refusing us."""


def test_they_come_first() -> None:
    assert TABLE[1 : 1 + len(GATEWAY_RULES)] == GATEWAY_RULES


def test_what_is_not_about_us_names_the_gateway_or_its_upstream() -> None:
    assert [row.name for row in GATEWAY_RULES if row.fault is None and row.verdict not in OURS] == []
    assert {row.fault for row in GATEWAY_RULES} == {None, Fault.GATEWAY, Fault.PROVIDER}


def test_words_for_an_empty_account_name_money() -> None:
    money = ("balance", "credit", "fund", "arrears", "overdue", "quota", "余", "额度", "欠费")
    assert [words for words in EMPTY_ACCOUNT if not any(word in words for word in money)] == []
