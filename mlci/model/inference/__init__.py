"""Checks of inference itself: valid, repeatable and robust answers, latency, memory and size."""
