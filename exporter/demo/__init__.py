"""Simulated vendors and their script of troubles, for `ai-api-exporter demo`."""
