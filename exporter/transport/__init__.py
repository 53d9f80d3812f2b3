"""The way to the network: see `exchange`. For the rest of the package there is only what is named here."""

from exporter.transport.exchange import HttpTransport
from exporter.transport.page_getter import PageGetter
from exporter.transport.tcp_check import TcpCheck

__all__ = ["HttpTransport", "PageGetter", "TcpCheck"]
