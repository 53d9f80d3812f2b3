"""Tests of the benchmarks: what they measure with has to be right. How fast anything is, no test says."""
