"""What vendors say of themselves in public: their status pages, read gently and never mixed into health."""

from exporter.status_pages.formats import Indicator, read_page
from exporter.status_pages.poll import Page, StatusPages

__all__ = ["Indicator", "Page", "StatusPages", "read_page"]
