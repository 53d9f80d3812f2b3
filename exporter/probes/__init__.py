"""The probes. A new one is one file beside this one and one line below."""
