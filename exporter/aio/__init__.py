"""Event loop and process: instrumented loop, lag monitor, cooperative slicing, tasks, garbage collection, files."""
