"""mlci blocks the merge of a machine-learning change that makes things worse, and says why."""

__version__ = "0.1.0"
