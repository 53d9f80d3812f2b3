"""The web configuration file and the TLS it asks for."""
