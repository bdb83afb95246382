"""Rendering results, a file each."""
