"""Checks that look at an asset beside another one, and at image folders."""
