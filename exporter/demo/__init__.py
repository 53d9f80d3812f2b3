"""Simulated vendors and their script of troubles, for `ai-api-exporter demo` and for tests of the whole.

Real HTTP servers on loopback: nothing here is known to the rest of the package but `Vendors`.
"""

from exporter.demo.vendors import Vendors

__all__ = ["Vendors"]
