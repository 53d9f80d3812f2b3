"""What gateways say about themselves and about their upstreams: the part of the decision table that comes first.

Patterns are in lower case with `*` for anything.
"""

from exporter.core.outcome import Fault, Reason
from exporter.dialects.errors.error_rule import SERVER, ErrorRule

EMPTY_ACCOUNT = (
    "insufficient balance",
    "insufficient credit",
    "insufficient funds",
    "balance is insufficient",
    "balance is not enough",
    "account is in arrears",
    "out of credits",
    "overdue balance",
    "overdue-payment",
    "quota exhausted",
    "quota is not enough",
    "余额不足",
    "余量已用尽",
    "额度已用尽",
    "额度不足",
    "欠费",
)
"""What vendors say when the money is gone, whatever the status and the code."""

SATURATED = ("负载已饱和", "upstream*saturated")
"""The upstream's own 429 or 5xx, on all channels of the group. Sources: new-api issue 991, one-api issues 330, 1061."""

NO_CHANNEL = ("no available channel", "当前分组*无可用渠道", "无可用渠道")
UNREACHABLE = (
    "econnrefused",
    "econnreset",
    "enotfound",
    "getaddrinfo",
    "fetch failed",
)
"""How gateways say that they did not get through, in the words of Node.js."""

GATEWAY_RULES = (
    # --- gateways about themselves
    ErrorRule(
        "litellm: a budget set there is spent",
        Reason.QUOTA_EXHAUSTED,
        says=("no deployments available - crossed budget",),
    ),
    ErrorRule(
        "litellm: not a model",
        Reason.MODEL_NOT_FOUND,
        says=("there are no healthy deployments for this model",),
        status=(400,),
    ),
    ErrorRule(
        "litellm has no deployment left",
        Reason.OVERLOADED,
        says=("no deployments available", "no healthy deployment"),
        fault=Fault.GATEWAY,
    ),
    ErrorRule(
        "openrouter has no provider left", Reason.OVERLOADED, says=("no available model provider",), fault=Fault.GATEWAY
    ),
    ErrorRule(
        "a gateway's own key was refused", Reason.AUTH, says=("litellm.authenticationerror",), fault=Fault.GATEWAY
    ),
    ErrorRule("litellm knows no such key", Reason.AUTH, word=("auth_error", "expired_key", "token_not_found_in_db")),
    ErrorRule("litellm has no database of keys", Reason.AUTH, says=("no connected db",)),
    ErrorRule("litellm lets the key not use the model", Reason.PERMISSION, word=("*_model_access_denied",)),
    ErrorRule("openrouter is busy with requests paid for", Reason.RATE_LIMITED, word=("openrouter_in_flight_budget",)),
    # --- what an upstream said to a gateway
    ErrorRule(
        "litellm's upstream account is empty",
        Reason.QUOTA_EXHAUSTED,
        says=tuple(f"litellm.*{words}" for words in ("exceeded your current quota", *EMPTY_ACCOUNT)),
        fault=Fault.GATEWAY,
    ),
    ErrorRule("new-api, one-api: no channel left", Reason.OVERLOADED, says=NO_CHANNEL, fault=Fault.GATEWAY),
    ErrorRule(
        "cliproxyapi: all its accounts cool down",  # source: CLIProxyAPI issue 913
        Reason.OVERLOADED,
        word=("model_cooldown",),
        fault=Fault.GATEWAY,
    ),
    ErrorRule("new-api: upstream saturated", Reason.OVERLOADED, says=SATURATED, fault=Fault.GATEWAY),
    ErrorRule(
        "litellm cannot reach its upstream",
        Reason.SERVER_ERROR,
        says=("litellm.*connection error", "litellm.apiconnectionerror", "litellm.*cannot connect to host"),
        fault=Fault.GATEWAY,
    ),
    ErrorRule(
        "litellm waited too long for its upstream",
        Reason.TIMEOUT_TOTAL,
        says=("litellm.timeout", "litellm.*request timed out"),
        fault=Fault.GATEWAY,
    ),
    ErrorRule(
        "a gateway speaks of itself", Reason.SERVER_ERROR, word=("gateway_error",), status=SERVER, fault=Fault.GATEWAY
    ),
    ErrorRule(
        "a gateway cannot reach its upstream",
        Reason.SERVER_ERROR,
        says=UNREACHABLE,
        status=(None, *SERVER),
        fault=Fault.GATEWAY,
    ),
    ErrorRule(
        "new-api cannot reach its upstream", Reason.SERVER_ERROR, word=("do_request_failed",), fault=Fault.GATEWAY
    ),
    ErrorRule(
        "openrouter: the upstream is too busy",
        Reason.RATE_LIMITED,
        says=("provider returned error",),
        status=(429,),
        fault=Fault.PROVIDER,
    ),
)
"""Sources: the code and documentation of LiteLLM, new-api, one-api, OpenRouter, Portkey and claude-code-router."""
