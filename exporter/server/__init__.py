"""The HTTP server: readers of metrics and board, nothing that decides."""
