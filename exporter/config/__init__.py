"""Configuration: as written (schema), read (read, document), and turned into what is used (resolve)."""

from exporter.config.load import load_plan

__all__ = ["load_plan"]
