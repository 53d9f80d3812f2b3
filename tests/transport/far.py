"""The server's end of TLS in memory: Python's own, step by step."""

import contextlib
import ssl


class Far:
    """The server's end: a session over memory too."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def shake_hands(self, received: bytes) -> bytes:
        self._incoming.write(received)
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        return self._outgoing.read()

    def hear(self, received: bytes) -> bytes:
        self._incoming.write(received)
        return self._tls.read(65536)

    def say(self, data: bytes) -> bytes:
        self._tls.write(data)
        return self._outgoing.read()

    def farewell(self) -> bytes:
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        return self._outgoing.read()
