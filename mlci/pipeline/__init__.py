"""Running a project's pipeline on a small sample in a copy of the project, and looking at what it left."""
