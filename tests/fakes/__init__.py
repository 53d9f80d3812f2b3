"""Real servers on loopback that do exactly what a test tells them: see `server`, `proxy`, `certificates`, `script`."""
