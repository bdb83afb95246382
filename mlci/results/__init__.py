"""Results of a run: the model, reading and writing, and merging."""
