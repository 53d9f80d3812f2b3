"""AI API Exporter: asks AI models a small real question on a schedule and tells Prometheus what happened."""

__version__ = "0.1.0"
