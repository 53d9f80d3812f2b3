"""Clients that ask the reference server the same question: ours, and those that others measure with."""
