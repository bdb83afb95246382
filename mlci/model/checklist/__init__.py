"""Suites of CheckList, read out of their pickles without running anything that is in them."""
