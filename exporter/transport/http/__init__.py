"""HTTP/1.1 over stamped connections: connect, TLS, tunnel, request, response."""
