"""Byte streams cut into messages: server-sent events, JSON lines, AWS event frames."""
