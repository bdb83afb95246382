"""Suggesting a suite from a table: limits padded so that the next file of the same kind keeps to them."""
