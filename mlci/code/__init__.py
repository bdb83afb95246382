"""The code gate's parts: running pytest in the project's environment, and reading what it leaves behind."""
