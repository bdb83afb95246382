"""Drift: how far the distribution of a table has moved from that of a reference."""
