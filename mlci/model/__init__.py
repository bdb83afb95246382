"""Checking models: predictions, metrics, behaviour."""
