"""The way to the network: see `exchange`. For the rest of the package there is only what is named here."""

from exporter.transport.exchange import HttpTransport
from exporter.transport.getter import PageGetter
from exporter.transport.reach import TcpReach

__all__ = ["HttpTransport", "PageGetter", "TcpReach"]
