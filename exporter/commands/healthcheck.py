"""Check that the exporter of this container serves: `python -m exporter.commands.healthcheck` exits with 0 or 1.

The image's HEALTHCHECK runs it every half minute, so it imports nothing but the standard library.
It looks where `AI_API_EXPORTER_LISTEN` says; a `--listen` on the command line of the daemon is not known to it.
"""

import http.client
import os
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

DEFAULT = ":10115"
SECONDS = 2.0
"""How long one look may take."""

_SERVES = (http.HTTPStatus.OK, http.HTTPStatus.UNAUTHORIZED)
"""Who asks for a password serves."""


def find_problem(environ: Mapping[str, str]) -> str | None:
    """Return what is wrong with the daemon that listens where this environment says; None if it serves."""
    connection = _make_connection(environ)
    where = f"{connection.host}:{connection.port}"
    try:
        status = _read_status(connection)
    except ssl.SSLError:
        # It answered, and wants a certificate that this check does not have.
        return None
    except (OSError, http.client.HTTPException) as problem:
        return f"{where} does not answer: {problem}"
    finally:
        connection.close()
    return None if status in _SERVES else f"{where} answers {status}"


def _read_status(connection: http.client.HTTPConnection) -> int:
    """Read the status of /-/healthy. Over TLS the handshake is enough: more may need a client certificate."""
    connection.connect()
    if isinstance(connection, http.client.HTTPSConnection):
        return http.HTTPStatus.OK
    connection.request("GET", "/-/healthy")
    return connection.getresponse().status


def _make_connection(environ: Mapping[str, str]) -> http.client.HTTPConnection:
    """Make a connection that is not opened yet.

    An empty host means all addresses, so this machine's own is one of them.
    """
    host, _, port = (environ.get("AI_API_EXPORTER_LISTEN") or DEFAULT).strip().rpartition(":")
    address = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not _speaks_tls(environ):
        return http.client.HTTPConnection(address, int(port), timeout=SECONDS)
    # The name in the certificate does not matter here, and nothing secret is sent.
    unverified = ssl._create_unverified_context()  # noqa: S323, SLF001 (the documented way to ask without verifying)
    return http.client.HTTPSConnection(address, int(port), timeout=SECONDS, context=unverified)


def _speaks_tls(environ: Mapping[str, str]) -> bool:
    path = environ.get("AI_API_EXPORTER_WEB_CONFIG_FILE")
    return bool(path) and "tls_server_config" in Path(path or "").read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(find_problem(os.environ))
