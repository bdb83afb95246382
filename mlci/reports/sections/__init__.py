"""The parts of the Markdown report, one module a part: pure functions from results to sections."""
