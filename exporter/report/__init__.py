"""The report: how each model did in a window, what it cost, and which route to it is best."""
