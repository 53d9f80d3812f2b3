"""What the Makefile needs and users do not."""
