"""Lets `python -m exporter` start the same command as `ai-api-exporter`."""

from exporter.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
