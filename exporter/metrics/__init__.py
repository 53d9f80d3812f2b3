"""Metrics: every family in one table, state per check, text rendered when an outcome arrives."""
