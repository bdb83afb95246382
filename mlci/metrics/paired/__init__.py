"""The paired tests of metrics: each function takes a `Part` and measures both sides of it, with NumPy and SciPy."""
