"""Who authorizes, and what is said where its extra is missing."""

import subprocess
import sys

import pytest

from exporter.core.target import GoogleAuth, SigV4Auth
from exporter.transport.auth.authorizer import make_authorizer
from exporter.transport.auth.google_tokens import GoogleTokens
from exporter.transport.auth.signatures import Signatures

WITHOUT = """
import sys
sys.modules.update({{name: None for name in {hidden!r}}})
from exporter.core.target import GoogleAuth, SigV4Auth
from exporter.transport.auth.authorizer import make_authorizer
from exporter.transport.failures import SetupError
try:
    make_authorizer({auth!r})
except SetupError as error:
    print(error)
"""


def test_each_has_its_own() -> None:
    assert isinstance(make_authorizer(SigV4Auth(region="us-east-1")), Signatures)
    assert isinstance(make_authorizer(GoogleAuth()), GoogleTokens)


@pytest.mark.parametrize(
    ("auth", "hidden", "extra"),
    [
        pytest.param(SigV4Auth(region="us-east-1"), ["botocore", "botocore.auth"], "[bedrock]", id="botocore"),
        pytest.param(GoogleAuth(), ["google", "google.auth"], "[vertex]", id="google-auth"),
    ],
)
def test_an_extra_that_is_not_installed(auth: SigV4Auth | GoogleAuth, hidden: list[str], extra: str) -> None:
    """In a process of its own, where the library cannot be imported."""
    code = WITHOUT.format(hidden=hidden, auth=auth)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "is not installed: pip install 'ai-api-exporter" + extra + "'" in said
