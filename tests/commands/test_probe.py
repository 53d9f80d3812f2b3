"""Which check a name means."""

import pytest

from exporter.commands.probe import find_check
from exporter.core.errors import UsageError
from tests.probes.samples import a_check

CHAT, CANARY = a_check("chat"), a_check("canary")
SLASHES = a_check("chat", model="vendor/model-2")
NAMED = a_check("chat", model="model-3", probe="hourly")
LONE = a_check("canary", model="model-4")
TWO = (a_check("canary", model="model-5"), a_check("models", model="model-5"))
CHECKS = (CHAT, CANARY, SLASHES, NAMED, LONE, *TWO)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("acme/model-1/canary", CANARY, id="its whole id"),
        pytest.param("acme/model-1", CHAT, id="of a model's checks, the chat"),
        pytest.param("acme/vendor/model-2", SLASHES, id="a model with slashes"),
        pytest.param("acme/model-3", NAMED, id="a chat by another name"),
        pytest.param("acme/model-4", LONE, id="a model's only check"),
    ],
)
def test_names(name: str, found: object) -> None:
    assert find_check(CHECKS, name) is found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("acme/none", "acme/model-1/chat", id="no such model: what there is"),
        pytest.param("acme/model-5", "acme/model-5/canary, acme/model-5/models", id="several: which"),
    ],
)
def test_no_single_check(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=name) as raised:
        find_check(CHECKS, name)

    assert said in str(raised.value)
