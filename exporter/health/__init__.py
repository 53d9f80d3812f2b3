"""States of checks and the one table that moves them; whether our own network is up."""
