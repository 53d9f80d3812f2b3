"""Smaller read buffers for asyncio's TLS: 256 KB for each connection is far more than an answer of a few tokens needs.

With a thousand connections under way it is the difference between 300 and 70 MB. The size is a class attribute that
asyncio does not document; a test notices when it stops to matter.
"""

from asyncio.sslproto import SSLProtocol

# Two TLS records of the longest kind.
TLS_BUFFER_BYTES = 32 * 1024


def shrink_tls_buffers() -> None:
    """Let TLS connections made from now on, in this process, read with small buffers."""
    SSLProtocol.max_size = TLS_BUFFER_BYTES
