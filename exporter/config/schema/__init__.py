"""The configuration as written: one pydantic model per block."""
