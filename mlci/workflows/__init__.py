"""The workflows that `mlci init` writes and the documentation shows: a template for each, filled with a few facts."""
