"""Metrics: every family in one table, state per check, text written when an outcome arrives."""

from exporter.metrics.metrics import Metrics
from exporter.metrics.own import ExporterMetrics

__all__ = ["ExporterMetrics", "Metrics"]
