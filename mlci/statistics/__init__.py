"""Deciding whether something got worse: pure functions."""
