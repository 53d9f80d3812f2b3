"""The decision table: what vendors say when something fails, and what it means. One row, one way to say it.

Rows are tried from the top, the first that holds wins: a vendor's own codes before status codes, because a status
says too little (429 is a rate limit, an empty account or a full cluster) and some say it wrong (Gemini's 400 for a bad
key, Together's 403 for a long prompt). On a 429 only what names billing means that the quota is exhausted.
Patterns are in lower case with `*` for anything; each row has at least one transcript under tests/transcripts/errors.
"""

from exporter.core.exchange import Finish, Finished
from exporter.core.outcome import Fault, Reason
from exporter.dialects.errors.error_rule import CLIENT, REDIRECT, SERVER, ErrorRule
from exporter.dialects.errors.gateway_rules import EMPTY_ACCOUNT, GATEWAY_RULES
from exporter.dialects.errors.vendor_error import VendorError

STARVED = Finished(Finish.LENGTH, "max_tokens")
"""In the verdict column: not an error but an end without text. The model is alive, its reasoning ate the cap."""

MINIMAX_KEY, MINIMAX_RATE = ("1004", "2049"), ("1002", "1039", "2045")
"""Within a 200, in `base_resp`. Source: platform.minimax.io/docs/api-reference/errorcode."""

GLM_USED_UP = ("1304", "1308", "1309", "1310")
"""Calls of the day, usage limit, plan expired, weekly limit. Source: docs.z.ai/api-reference/api-code."""

TABLE = (
    # --- alive after all
    ErrorRule("reasoning ate the cap", STARVED, says=("could not finish the message because max_tokens",)),
    *GATEWAY_RULES,
    # --- no money, no quota: waiting does not help
    ErrorRule(
        "a code that names billing",
        Reason.QUOTA_EXHAUSTED,
        word=("insufficient_quota", "*billing*", "*credit_balance*", "creditserror", "arrearage"),
    ),
    ErrorRule("moonshot: no balance", Reason.QUOTA_EXHAUSTED, word=("exceeded_current_quota_error",)),
    ErrorRule("glm: an account in arrears", Reason.QUOTA_EXHAUSTED, word=("1113",), status=(400, 401, 403, 429)),
    ErrorRule("cloudflare: the day's free allocation", Reason.QUOTA_EXHAUSTED, word=("4006",), status=(403, 429)),
    ErrorRule(
        "glm: the calls of the day or week, or the plan", Reason.QUOTA_EXHAUSTED, word=GLM_USED_UP, status=CLIENT
    ),
    ErrorRule("minimax: no balance", Reason.QUOTA_EXHAUSTED, word=("1008",), says=("balance",)),
    ErrorRule("minimax: the plan is used up", Reason.QUOTA_EXHAUSTED, word=("2056",), status=(None, 429)),
    ErrorRule(
        "baidu: the calls of the day", Reason.QUOTA_EXHAUSTED, says=("daily request limit", "total request limit")
    ),
    ErrorRule("tencent: the package is used up", Reason.QUOTA_EXHAUSTED, word=("*resourcepackexhausted",)),
    ErrorRule("volcengine: an overdue account", Reason.QUOTA_EXHAUSTED, word=("accountoverdue*",)),
    ErrorRule("openrouter: the limit of a key", Reason.QUOTA_EXHAUSTED, says=("key limit exceeded",)),
    ErrorRule(
        "a balance is used up",
        Reason.QUOTA_EXHAUSTED,
        word=("insufficient_*balance", "insufficient_*credits", "insufficient_user_quota"),
    ),
    ErrorRule(
        "a spend limit is reached",
        Reason.QUOTA_EXHAUSTED,
        word=("*spend_limit*", "*spending_limit*", "budget_exceeded"),
    ),
    ErrorRule("gemini's allowance of the day is used up", Reason.QUOTA_EXHAUSTED, word=("*perday*",)),
    ErrorRule("anthropic holds the organization", Reason.QUOTA_EXHAUSTED, word=("organization_on_hold",)),
    ErrorRule("anthropic: no credit", Reason.QUOTA_EXHAUSTED, says=("credit balance is too low",)),
    ErrorRule("anthropic: a spend limit set by oneself", Reason.QUOTA_EXHAUSTED, says=("specified api usage limits",)),
    ErrorRule("xai: no credit", Reason.QUOTA_EXHAUSTED, says=("used all available credits",)),
    ErrorRule("cohere: the trial key's month is over", Reason.QUOTA_EXHAUSTED, says=("trial key*month",)),
    ErrorRule("fireworks could not load the adapter", Reason.MODEL_NOT_FOUND, says=("lora",), status=(412,)),
    ErrorRule("fireworks suspended the account", Reason.QUOTA_EXHAUSTED, status=(412,)),
    ErrorRule("402", Reason.QUOTA_EXHAUSTED, status=(402,)),
    ErrorRule("words that name an empty account", Reason.QUOTA_EXHAUSTED, says=EMPTY_ACCOUNT),
    # --- the key
    ErrorRule(
        "a code that names the key", Reason.AUTH, word=("invalid_api_key", "authentication_error", "unauthenticated")
    ),
    ErrorRule("gemini: a bad key is a 400", Reason.AUTH, word=("api_key_invalid",)),
    ErrorRule(
        "xai: a bad key may be a 400",
        Reason.AUTH,
        says=("incorrect api key", "invalid api key", "api key not valid"),
        status=CLIENT,
    ),
    ErrorRule(
        "aws: the signature or its key",
        Reason.AUTH,
        word=(
            "invalidclienttokenid",
            "unrecognizedclientexception",
            "invalidsignatureexception",
            "expiredtokenexception",
            "incompletesignature",
        ),
    ),
    ErrorRule("minimax: the key", Reason.AUTH, word=MINIMAX_KEY, status=(None,)),
    ErrorRule("baidu: the token", Reason.AUTH, says=("access token invalid", "access token expired"), status=(None,)),
    # --- not allowed
    ErrorRule(
        "a code that names permission",
        Reason.PERMISSION,
        word=("permission_error", "permission_denied", "unsupported_country*"),
    ),
    ErrorRule("gemini: not in this region, or billing is off", Reason.PERMISSION, word=("failed_precondition",)),
    ErrorRule("aws: not allowed", Reason.PERMISSION, word=("accessdeniedexception", "ftuformnotfilled")),
    # --- what was said, not how
    ErrorRule(
        "a code that names the content filter",
        Reason.CONTENT_FILTERED,
        word=(
            *("content_filter", "*content_policy_violation*", "responsibleaipolicyviolation"),
            *("bio_policy", "misalignment_policy_violation"),  # of OpenAI's responses
        ),
    ),
    ErrorRule("minimax, glm: the content", Reason.CONTENT_FILTERED, word=("1026", "1027"), status=(None,)),
    ErrorRule("glm: the content", Reason.CONTENT_FILTERED, word=("1301",), status=CLIENT),
    ErrorRule(
        "dashscope: the content", Reason.CONTENT_FILTERED, word=("datainspectionfailed", "data_inspection_failed")
    ),
    ErrorRule(
        "words that name the content filter",
        Reason.CONTENT_FILTERED,
        says=("content filtering policy", "content management policy"),
    ),
    ErrorRule(
        "openrouter: moderation", Reason.CONTENT_FILTERED, says=("flagged", "moderation", "guardrail"), status=(403,)
    ),
    ErrorRule(
        "xai: usage guidelines",
        Reason.CONTENT_FILTERED,
        says=("usage guidelines", "content violates"),
        status=(400, 403),
    ),
    # --- the model
    ErrorRule(
        "a code that names the model",
        Reason.MODEL_NOT_FOUND,
        word=("model_not_found", "unknown_model", "invalid_model"),
    ),
    ErrorRule("glm: no such model", Reason.MODEL_NOT_FOUND, word=("1211",), status=CLIENT),
    ErrorRule("groq retired the model", Reason.MODEL_NOT_FOUND, word=("model_decommissioned",)),
    ErrorRule("azure: no such deployment", Reason.MODEL_NOT_FOUND, word=("deploymentnotfound",)),
    ErrorRule(
        "anthropic, gemini, aws: not found",
        Reason.MODEL_NOT_FOUND,
        word=("not_found_error", "not_found", "resourcenotfoundexception"),
    ),
    ErrorRule(
        "bedrock: not a model identifier",
        Reason.MODEL_NOT_FOUND,
        says=("model identifier is invalid", "invalid model identifier"),
    ),
    ErrorRule("ollama: not pulled", Reason.MODEL_NOT_FOUND, says=("model '*' not found", 'model "*" not found')),
    ErrorRule("mistral, litellm: not a model", Reason.MODEL_NOT_FOUND, says=("invalid model:", "invalid model name")),
    ErrorRule("deepseek: not a model", Reason.MODEL_NOT_FOUND, says=("model not exist",)),
    ErrorRule(
        "openrouter: not a model", Reason.MODEL_NOT_FOUND, says=("is not a valid model id", "no endpoints found")
    ),
    # --- the form of the question
    ErrorRule(
        "together: a 403 for a long prompt",
        Reason.BAD_REQUEST,
        says=("max_new_tokens", "max_tokens", "context length", "context window"),
        status=(403,),
    ),
    ErrorRule(
        "a code that names the parameter",
        Reason.BAD_REQUEST,
        word=("unsupported_parameter", "unsupported_value", "unknown_parameter"),
    ),
    ErrorRule("the context is too long", Reason.BAD_REQUEST, word=("context_length_exceeded",)),
    ErrorRule("bedrock: an account's quota of resources", Reason.BAD_REQUEST, word=("servicequotaexceededexception",)),
    # --- full
    ErrorRule(
        "a code that names overload",
        Reason.OVERLOADED,
        word=("*overloaded", "*overloaded_error", "service_unavailable_error"),
    ),
    ErrorRule("glm: the model is too busy", Reason.OVERLOADED, word=("1305", "1312"), status=(429,)),
    ErrorRule("gemini: unavailable", Reason.OVERLOADED, word=("unavailable",)),
    ErrorRule("llama.cpp is loading", Reason.OVERLOADED, word=("unavailable_error",)),
    ErrorRule("groq: no capacity for flex", Reason.OVERLOADED, word=("capacity_exceeded",)),
    ErrorRule(
        "bedrock: a cold model is a 429",
        Reason.OVERLOADED,
        word=("modelnotreadyexception", "serviceunavailableexception"),
    ),
    ErrorRule("vertex: shared capacity is a 429", Reason.OVERLOADED, says=("error-code-429",)),
    ErrorRule(
        "words that name overload", Reason.OVERLOADED, says=("overloaded", "server busy"), status=(None, *SERVER)
    ),
    ErrorRule(
        "xai: unavailable",
        Reason.OVERLOADED,
        says=("temporarily unavailable", "currently unavailable"),
        status=(None, *SERVER),
    ),
    # --- too fast
    ErrorRule(
        "a code that names the rate", Reason.RATE_LIMITED, word=("rate_limit_exceeded", "rate_limit_error", "slow_down")
    ),
    ErrorRule(
        "gemini, azure, aws: too fast",
        Reason.RATE_LIMITED,
        word=("resource_exhausted", "ratelimitreached", "throttlingexception"),
    ),
    ErrorRule("minimax: too fast", Reason.RATE_LIMITED, word=MINIMAX_RATE, status=(None,)),
    ErrorRule("dashscope: too fast", Reason.RATE_LIMITED, word=("throttling", "throttling.*")),
    ErrorRule("baidu: too fast", Reason.RATE_LIMITED, says=("qps request limit", "api request limit reached")),
    # --- too slow
    ErrorRule(
        "a code that names time",
        Reason.TIMEOUT_TOTAL,
        word=("timeout_error", "deadline_exceeded", "modeltimeoutexception"),
    ),
    # --- a gateway's 5xx that shows no upstream
    ErrorRule("a gateway of its own: full", Reason.OVERLOADED, status=(503, 529), own=True, fault=Fault.GATEWAY),
    ErrorRule("a gateway of its own: too slow", Reason.TIMEOUT_TOTAL, status=(504,), own=True, fault=Fault.GATEWAY),
    ErrorRule("a gateway of its own: broken", Reason.SERVER_ERROR, status=SERVER, own=True, fault=Fault.GATEWAY),
    # --- only a status
    ErrorRule("401", Reason.AUTH, status=(401,)),
    ErrorRule("498 (cohere: a bad token)", Reason.AUTH, status=(498,)),
    ErrorRule("403", Reason.PERMISSION, status=(403,)),
    ErrorRule("404", Reason.MODEL_NOT_FOUND, status=(404, 410)),
    ErrorRule("408, 504, 524", Reason.TIMEOUT_TOTAL, status=(408, 504, 524)),
    ErrorRule("429", Reason.RATE_LIMITED, status=(429,)),
    ErrorRule("503, 529", Reason.OVERLOADED, status=(503, 529)),
    ErrorRule("424 (bedrock: the model failed)", Reason.SERVER_ERROR, status=(424,)),
    ErrorRule("499 (the vendor gave up on its own side)", Reason.SERVER_ERROR, status=(499,)),
    ErrorRule("501 (not in this server)", Reason.BAD_REQUEST, status=(501,)),
    ErrorRule("any other 4xx", Reason.BAD_REQUEST, status=CLIENT),
    ErrorRule("any other 5xx", Reason.SERVER_ERROR, status=SERVER),
    ErrorRule("a redirect", Reason.INVALID_RESPONSE, status=REDIRECT, fault=Fault.US),
    # --- no status either: an error inside a 200 that only names its kind
    ErrorRule("a word for a broken server", Reason.SERVER_ERROR, word=("server_error", "api_error", "internal*")),
    ErrorRule(
        "a word for a bad request",
        Reason.BAD_REQUEST,
        word=("invalid_request_error", "invalid_argument", "validationexception"),
    ),
)


def find_rule(error: VendorError, status: int | None, *, own: bool = False) -> ErrorRule | None:
    """Find the first row that matches; None if the table names nothing.

    `status` is HTTP's, or None for an error that came with a 200: then the one written inside counts, as it does where
    a gateway quotes its upstream.
    """
    words = tuple(word.lower() for word in error.words)
    message = error.message.lower()
    # An upstream's status says more than that of the gateway which quotes it.
    effective = error.status if status is None or (error.quoted and error.status) else status
    return next((row for row in TABLE if row.matches(words, message, effective, own=own)), None)
