"""Any events, and any exchange a transport could hand over, for property tests."""

from hypothesis import strategies as st

from exporter.core.exchange import (
    Delta,
    Embedded,
    Event,
    Exchange,
    Finish,
    Finished,
    Headroom,
    Listed,
    Moments,
    Ranked,
    RemoteError,
    ServedBy,
    Stamped,
    Thinking,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Failure, Limit, ListedModel, Reason, Tokens

seconds = st.floats(min_value=0.0, max_value=1000.0)
maybe_seconds = st.none() | seconds
maybe_text = st.none() | st.text(max_size=20)
counts = st.integers(min_value=0, max_value=100_000)
failures = st.builds(
    Failure,
    reason=st.sampled_from(sorted(set(Reason) - {Reason.OK})),
    detail=st.text(max_size=30),
    retry_after=maybe_seconds,
    code=maybe_text,
)


def events() -> st.SearchStrategy[Event]:
    """Any one event."""
    tokens = st.builds(Tokens, input=counts, output=counts, cached_input=counts, cache_write=counts, reasoning=counts)
    limit = st.builds(
        Limit, resource=st.sampled_from(["requests", "tokens"]), window=st.just("minute"), limit=maybe_seconds
    )
    text = st.text(min_size=1, max_size=20) | st.sampled_from(["<think>", "</think>", "417", " ", "\n"])
    return st.one_of(
        st.builds(Delta, text),
        st.builds(Thinking, text),
        st.builds(ToolCall, st.integers(0, 3), st.text(max_size=5), st.text(max_size=10)),
        st.builds(Usage, tokens, maybe_seconds),
        st.builds(Finished, st.sampled_from(Finish), st.text(max_size=10)),
        st.builds(RemoteError, failures),
        st.builds(ServedBy, model=maybe_text, request_id=maybe_text, cached=st.booleans()),
        st.builds(Listed, st.lists(st.builds(ListedModel, id=st.text(max_size=10)), max_size=3).map(tuple)),
        st.builds(Embedded, st.lists(seconds, max_size=4).map(tuple)),
        st.builds(Ranked, st.lists(st.tuples(st.integers(0, 9), seconds), max_size=4).map(tuple)),
        st.builds(Headroom, st.lists(limit, max_size=3).map(tuple)),
    )


def event_lists() -> st.SearchStrategy[list[Stamped]]:
    """Stamped events; the stamps may go backwards, as stamps of two clocks can."""
    return st.lists(st.builds(Stamped, seconds, events()), max_size=12)


def exchanges() -> st.SearchStrategy[Exchange]:
    """Exchanges, sensible or not."""
    return st.builds(
        Exchange,
        started_at=seconds,
        moments=st.builds(
            Moments,
            resolved=maybe_seconds,
            connected=maybe_seconds,
            secured=maybe_seconds,
            sent=maybe_seconds,
            first_byte=maybe_seconds,
        ),
        ended=seconds,
        events=event_lists().map(tuple),
        status=st.none() | st.sampled_from([200, 204, 400, 401, 429, 500, 529]),
        failure=st.none() | failures,
        stall=seconds,
    )
