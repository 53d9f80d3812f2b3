"""Which models there are: discovery, provider lists, delisting."""
