"""Configuration: as written (schema), read (load), and turned into what is used (resolve)."""
