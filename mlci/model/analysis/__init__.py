"""Error analysis: what a model gets wrong, how sure it is of it, and where its mistakes lie."""
