"""A proxy's tunnel: asked for, and stood once the proxy says so. What follows on the line is the far server's."""

from exporter.transport.failures import EndedError, NotHttpError, ProxyRefusedError
from exporter.transport.http.connection import Connection
from exporter.transport.http.prepared_request import PreparedRequest
from exporter.transport.http.request import make_tunnel_request
from exporter.transport.http.response import ResponseReader

_END_OF_HEAD = b"\r\n\r\n"
_LONGEST_HEAD = 64 * 1024


async def open_tunnel(line: Connection, out: PreparedRequest) -> int:
    """Ask for a tunnel; returns when the proxy's consent arrived (monotonic nanoseconds).

    Raises ProxyRefusedError, NotHttpError, EndedError, OSError.
    """
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
