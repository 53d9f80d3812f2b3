"""Configuration: files and environment into a plan."""
