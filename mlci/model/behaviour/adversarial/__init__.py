"""Adversarial search: the smallest change that flips a case, found by asking the model alone."""
