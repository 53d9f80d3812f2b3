"""One TLS session over bytes in memory: no socket, no event loop, so that the reader of the socket can stamp first."""

import ssl

_RECORD = 16 * 1024
"""The most that one record of TLS holds (RFC 8446, 5.1)."""


class TlsSession:
    """The client's side of a session. `ended`: the other side said that nothing more will come.

    Every method may raise `ssl.SSLError`; an alert for the other side may then wait in `outgoing`.
    """

    def __init__(self, context: ssl.SSLContext, hostname: str) -> None:
        self.ended = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)

    def shake_hands(self, received: bytes) -> bool:
        """Go on with the handshake; True once it is done."""
        self._incoming.write(received)
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def encrypt(self, data: bytes) -> None:
        """Add to what is to go out."""
        self.tls.write(data)

    def take_outgoing(self) -> bytes:
        """Return the bytes to send, once."""
        return self._outgoing.read()

    def decrypt(self, received: bytes) -> bytes:
        """Return the content of the records in those bytes; maybe nothing (tickets, half a record)."""
        self._incoming.write(received)
        plain = []
        try:
            while self._incoming.pending and not self.ended:
                plain.append(self.tls.read(_RECORD))
                self.ended = not plain[-1]
        except ssl.SSLWantReadError:
            return b"".join(plain)
        return plain[0] if len(plain) == 1 else b"".join(plain)
