"""The way through a proxy to the server: CONNECT (RFC 9110, 9.3.6), or SOCKS 5 (RFC 1928, RFC 1929).

Each function returns when the proxy's consent arrived, in monotonic nanoseconds; afterwards the connection leads to the
server. They raise OSError, EndedError and what their docstrings name.
"""

from socksio import ProtocolError
from socksio.socks5 import (
    SOCKS5AuthMethod,
    SOCKS5AuthMethodsRequest,
    SOCKS5AuthReply,
    SOCKS5Command,
    SOCKS5CommandRequest,
    SOCKS5Connection,
    SOCKS5Reply,
    SOCKS5ReplyCode,
    SOCKS5UsernamePasswordReply,
    SOCKS5UsernamePasswordRequest,
)

from exporter.transport.failures import EndedError, NotHttpError, ProxyRefusedError, SocksRefusedError
from exporter.transport.http.connection import Connection
from exporter.transport.http.prepared_request import PreparedRequest, make_tunnel_request
from exporter.transport.http.response import ResponseReader

SOCKS_PORT = 1080
"""Where SOCKS proxies listen if nothing else is said (RFC 1928, 3)."""

_END_OF_HEAD = b"\r\n\r\n"
_LONGEST_HEAD = 64 * 1024
_SHORT_REPLY = 2
_LENGTHS = {1: 4 + 4 + 2, 4: 4 + 16 + 2}
"""Bytes of a reply to a SOCKS command by the type of the address in it; a name (3) says its own length."""

_NAME = 3


async def open_tunnel(line: Connection, out: PreparedRequest) -> int:
    """Ask an HTTP proxy for a tunnel. Raises ProxyRefusedError, NotHttpError."""
    await line.send(make_tunnel_request(out))
    head = b""
    while _END_OF_HEAD not in head:
        data, at = await line.receive()
        if not data:
            raise EndedError
        head += data
        if len(head) > _LONGEST_HEAD:
            raise NotHttpError(f"its head has more than {_LONGEST_HEAD} bytes")
    reader = ResponseReader()
    reader.feed(head.partition(_END_OF_HEAD)[0] + _END_OF_HEAD)
    if reader.status is None:
        raise NotHttpError("an interim answer to CONNECT")
    if reader.status // 100 != 2:  # noqa: PLR2004 (the class of success)
        raise ProxyRefusedError(reader.status)
    return at


async def open_socks_tunnel(line: Connection, host: str, port: int, account: tuple[str, str] | None) -> int:
    """Ask a SOCKS proxy for a connection to a host, which may be a name. Raises SocksRefusedError."""
    try:
        return await _SocksNegotiation(line).run(host, port, account)
    except (ProtocolError, ValueError, UnicodeError) as error:
        raise SocksRefusedError("it does not speak SOCKS 5") from error


class _SocksNegotiation:
    """One negotiation. Replies are read whole before the library parses them, which it does not do piece by piece."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._protocol = SOCKS5Connection()
        self._received = b""
        self._arrived_ns = 0

    async def run(self, host: str, port: int, account: tuple[str, str] | None) -> int:
        methods = [SOCKS5AuthMethod.NO_AUTH_REQUIRED]
        if account is not None:
            methods.append(SOCKS5AuthMethod.USERNAME_PASSWORD)
        chosen = await self._ask(SOCKS5AuthMethodsRequest(methods))
        if not isinstance(chosen, SOCKS5AuthReply) or chosen.method not in methods:
            raise SocksRefusedError("it wants another kind of login", ours=True)
        if chosen.method is SOCKS5AuthMethod.USERNAME_PASSWORD and account is not None:
            user, password = (part.encode() for part in account)
            answer = await self._ask(SOCKS5UsernamePasswordRequest(user, password))
            if not isinstance(answer, SOCKS5UsernamePasswordReply) or not answer.success:
                raise SocksRefusedError("it refuses the user or the password", ours=True)
        answer = await self._ask(SOCKS5CommandRequest.from_address(SOCKS5Command.CONNECT, (host, port)))
        if not isinstance(answer, SOCKS5Reply) or answer.reply_code is not SOCKS5ReplyCode.SUCCEEDED:
            code = answer.reply_code if isinstance(answer, SOCKS5Reply) else SOCKS5ReplyCode.GENERAL_SERVER_FAILURE
            ours = code is SOCKS5ReplyCode.CONNECTION_NOT_ALLOWED_BY_RULESET
            raise SocksRefusedError(code.name.replace("_", " ").lower(), ours=ours)
        return self._arrived_ns

    async def _ask(
        self, request: SOCKS5AuthMethodsRequest | SOCKS5UsernamePasswordRequest | SOCKS5CommandRequest
    ) -> object:
        """Send one message and return the library's reading of the reply."""
        self._protocol.send(request)
        await self._line.send(self._protocol.data_to_send())
        if isinstance(request, SOCKS5CommandRequest):
            return self._protocol.receive_data(await self._read_command_reply())
        return self._protocol.receive_data(await self._read(_SHORT_REPLY))

    async def _read_command_reply(self) -> bytes:
        head = await self._read(5)
        kind, first = head[3], head[4]
        length = 4 + 1 + first + 2 if kind == _NAME else _LENGTHS.get(kind, len(head))
        return head + await self._read(length - len(head))

    async def _read(self, size: int) -> bytes:
        while len(self._received) < size:
            data, self._arrived_ns = await self._line.receive()
            if not data:
                raise EndedError
            self._received += data
        taken, self._received = self._received[:size], self._received[size:]
        return taken
