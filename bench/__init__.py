"""Benchmarks: what the instrument costs and how exact it is, beside others in the same run. `make bench` runs all."""
