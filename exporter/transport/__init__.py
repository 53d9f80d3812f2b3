"""The way to the network: see `exchange`. Only `HttpTransport` is for the rest of the package."""

from exporter.transport.exchange import HttpTransport

__all__ = ["HttpTransport"]
