"""The kinds of rules: how the two values of a key are compared, a function for each kind.

Adding a kind is adding a function to a module here; keys declare theirs by its name, in `mlci/config/`.
"""
