"""Words for why a model stopped: known ones in any case, unknown ones by what they say."""

import pytest

from exporter.core.exchange import Finish
from exporter.dialects.finish_words import find_finish

KNOWN = {"stop": Finish.STOP, "weird": Finish.TOOL, "MAX_TOKENS": Finish.LENGTH}


@pytest.mark.parametrize(
    ("native", "meaning"),
    [
        ("stop", Finish.STOP),
        ("STOP", Finish.STOP),
        ("Stop", Finish.STOP),
        ("WEIRD", Finish.TOOL),
        ("max_tokens", Finish.LENGTH),
        ("max_new_tokens", Finish.LENGTH),
        ("model_length", Finish.LENGTH),
        ("network_error", Finish.ERROR),
        ("abort", Finish.ERROR),
        ("CANCELLED", Finish.ERROR),
        ("request_cancelled", Finish.ERROR),
        ("time_out", Finish.ERROR),
        ("upstream_timeout", Finish.ERROR),
        ("MALFORMED_FUNCTION_CALL", Finish.ERROR),
        ("sensitive", Finish.FILTERED),
        ("PROHIBITED_CONTENT", Finish.FILTERED),
        ("content_filtered", Finish.FILTERED),
        ("IMAGE_SAFETY", Finish.FILTERED),
        ("eos_token", Finish.STOP),
        ("completed", Finish.STOP),
        ("pause_turn", Finish.OTHER),
        ("", Finish.OTHER),
    ],
)
def test_what_a_word_means(native: str, meaning: Finish) -> None:
    assert find_finish(native, KNOWN) is meaning
