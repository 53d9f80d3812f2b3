"""The report: how each model did in a window, what it cost, which route is best."""
