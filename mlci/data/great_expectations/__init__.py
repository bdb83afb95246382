"""Projects of Great Expectations, run as they are: which files their checkpoints validate against which suites."""

from mlci.data.great_expectations.model import Note, Plan, Validation
from mlci.data.great_expectations.plan import plan

__all__ = ["Note", "Plan", "Validation", "plan"]
