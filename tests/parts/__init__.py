"""Real parts for tests: programs nobody here wrote, and the daemon itself as a process. Started, awaited, stopped."""
