"""The rules of a change are those of its base: what the change may say of them, and what it does to them.

Limits, severities, suites, waivers and the like are **rules** and come from the merge-base; **bindings** (paths,
interpreters, columns) come from the change. Both are listed where they differ. A rule that only gets stricter is in
force at once; a looser one is in force where a maintainer lets it pass, and blocks the change else.
"""
