"""What only some configurations need is not imported by all: each of these costs megabytes and a tenth of a second."""

import subprocess
import sys

import pytest

SHOW = "import sys, exporter.commands.run; print(sys.argv[1] in sys.modules)"


@pytest.mark.parametrize(
    "library",
    [
        pytest.param("botocore", id="signatures"),
        pytest.param("cryptography", id="certificates that are not verified"),
        pytest.param("genai_prices", id="prices"),
        pytest.param("google.auth", id="tokens"),
        pytest.param("jsonschema_rs", id="schemas"),
        pytest.param("exporter.demo", id="the demo"),
    ],
)
def test_the_daemon_starts_without(library: str) -> None:
    told = subprocess.run([sys.executable, "-c", SHOW, library], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
