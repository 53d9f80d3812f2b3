"""Who may see and who may act: passwords, request origin, rate limits."""
