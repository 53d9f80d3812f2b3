"""Where to listen, as written on the command line."""

from dataclasses import dataclass

from exporter.errors import UsageError

HIGHEST_PORT = 65_535
_FORMS = "write HOST:PORT, :PORT for all addresses, or [::1]:PORT for IPv6"


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to listen on. `host` None means all addresses of the machine; port 0 any free port."""

    host: str | None
    port: int

    def __str__(self) -> str:
        host = self.host or ""
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


def parse_listen(text: str) -> Listen:
    """Read `HOST:PORT`, `:PORT` or `[IPV6]:PORT`; UsageError says what is wrong with anything else."""
    host, colon, port = text.strip().rpartition(":")
    if not colon:
        raise UsageError(f"cannot listen on {text!r}: it has no port; {_FORMS}")
    if not (port.isascii() and port.isdigit()) or int(port) > HIGHEST_PORT:
        raise UsageError(f"cannot listen on {text!r}: {port!r} is not a port from 0 to {HIGHEST_PORT}; {_FORMS}")
    bracketed = host.startswith("[") and host.endswith("]")
    if ":" in host and not bracketed:
        raise UsageError(f"cannot listen on {text!r}: an IPv6 address stands in brackets; {_FORMS}")
    bare = host[1:-1] if bracketed else host
    if (bracketed and ":" not in bare) or any(each in bare for each in "[]/@ "):
        raise UsageError(f"cannot listen on {text!r}: {host!r} is not a host; {_FORMS}")
    return Listen(host=bare or None, port=int(port))
