"""The vocabulary that all other folders share. No I/O."""
