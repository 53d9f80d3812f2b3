"""Paths that act: run a probe, reload; and service discovery for them."""
