"""Ways to change an input, a function each."""
