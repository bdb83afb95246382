"""Looking at what a project needs and what is there: interpreter, packages, repository, hooks."""
