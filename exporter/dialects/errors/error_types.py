"""What each error type means and what to do about it. Data only: docs/errors.md is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from exporter.core.outcome import Reason


@dataclass(frozen=True, slots=True)
class ErrorType:
    """One error type in words: what happened, and what the person on call can do."""

    means: str
    do: str


ERROR_TYPES: Mapping[Reason, ErrorType] = MappingProxyType(
    {
        Reason.DNS: ErrorType(
            "The host name of the provider, or of the proxy, could not be resolved.",
            "Resolve the name on the exporter's machine; check `base_url` for a typing error, then the resolver.",
        ),
        Reason.CONNECT: ErrorType(
            "No connection, or it was lost before the answer. With the fault `us`: a proxy wants credentials.",
            "Check routes, firewalls and the proxy; for a server of your own, whether it runs.",
        ),
        Reason.TLS: ErrorType(
            "A certificate not trusted, expired or for another name. With the fault `us`: an unusable file of ours.",
            "Look at the certificate the detail names; a private authority goes into `ca_file`.",
        ),
        Reason.TIMEOUT_CONNECT: ErrorType(
            "Not connected within `connect_timeout`, TLS included.",
            "As for `connect`; packets are dropped rather than refused, which is what firewalls do.",
        ),
        Reason.TIMEOUT_FIRST_TOKEN: ErrorType(
            "Connected and asked, but nothing that the model produced came within `first_token_timeout`.",
            "Compare with other routes to the model; a model that thinks long wants a longer timeout.",
        ),
        Reason.TIMEOUT_TOTAL: ErrorType(
            "Not over within `timeout`, or the vendor gave up on it; with the fault `gateway`, the gateway did.",
            "Look at the phases of the run: a long `generate` is a slow model, a long `wait` a queue.",
        ),
        Reason.AUTH: ErrorType(
            "The key was rejected. With the fault `gateway`: the key that the gateway uses upstream.",
            "Replace the key where it comes from; a key file is read again when it changes.",
        ),
        Reason.PERMISSION: ErrorType(
            "The key is known, but not allowed this: a model, a country, an address, a project.",
            "Enable the model or the address for this key at the vendor.",
        ),
        Reason.QUOTA_EXHAUSTED: ErrorType(
            "No money or no quota is left; waiting does not help. With the fault `gateway`: in its account upstream.",
            "Pay, raise the spend limit, or wait for the next period. Applications with this key fail as well.",
        ),
        Reason.RATE_LIMITED: ErrorType(
            "Too many requests or tokens; it passes and never means down. With the fault `provider`: of the gateway.",
            "Compare with `ai_api_ratelimit_remaining`; probe less often, or ask for a higher limit.",
        ),
        Reason.OVERLOADED: ErrorType(
            "The provider has no capacity now. With the fault `gateway`: the gateway has nowhere left to send it.",
            "Wait or take another route; at a gateway, look at which of its upstreams are resting and why.",
        ),
        Reason.SERVER_ERROR: ErrorType(
            "The server failed. With the fault `gateway`: the gateway itself did, without a word of an upstream.",
            "See the vendor's status page, or the gateway's log; give them the request id.",
        ),
        Reason.MODEL_NOT_FOUND: ErrorType(
            "There is no such model, or not for this key: misspelt, retired, or the path in `base_url` is wrong.",
            "`ai_api_model_listed` tells whether the provider still lists it; correct the name or the address.",
        ),
        Reason.BAD_REQUEST: ErrorType(
            "The provider refuses the form of the question.",
            "Read the detail: as a rule a parameter this model does not take; `quirks` change what is sent.",
        ),
        Reason.CONTENT_FILTERED: ErrorType(
            "A filter of the vendor took the question or the answer.",
            "The probes ask nothing that offends: tell the vendor, or loosen the filter of your own account.",
        ),
        Reason.REFUSED: ErrorType(
            "The model itself declined to answer.",
            "Rare for these questions; if it stays, the model or its instructions changed.",
        ),
        Reason.STREAM_INTERRUPTED: ErrorType(
            "The answer began and did not reach its end: cut, an error in the middle, or no end marker.",
            "Compare routes; something on the way may limit how long a connection lives.",
        ),
        Reason.INVALID_RESPONSE: ErrorType(
            "What came is not the protocol: a page, another protocol, broken HTTP, or a redirect (fault `us`).",
            "Open `base_url` by hand; a login page, a proxy's page or a wrong dialect show at once.",
        ),
        Reason.EMPTY_RESPONSE: ErrorType(
            "A whole answer without any text, reasoning or tool call.",
            "Ask by hand with `ai-api-exporter probe TARGET --debug`; tell the vendor.",
        ),
        Reason.TOO_LARGE: ErrorType(
            "The answer is larger than any answer to these questions is.",
            "See what answers at this address; a list of models may be endless.",
        ),
        Reason.ASSERTION_FAILED: ErrorType(
            "The answer came whole, but is not what was asked for: a wrong sum, a wrong form, a user's assertion.",
            "A matter of quality, not of reach: it degrades. Look at the detail, the served model, and the assertion.",
        ),
        Reason.PAUSED: ErrorType(
            "The exporter stood still (stopped, its machine paused, starved of CPU) while a limit passed, and "
            "whether the answer was in time cannot be told. The run moves neither health nor latencies.",
            "Give the exporter its share of CPU; look for paused or migrated machines at that time.",
        ),
        Reason.INTERNAL: ErrorType(
            "An error of the exporter's own; it has to stay at 0 and changes no health.",
            "Report it with the log line that has the traceback.",
        ),
    }
)
"""Every reason but `ok`."""
