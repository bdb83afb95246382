"""Asking git for a difference that no configuration of a user or a repository changes the form of."""

from __future__ import annotations

PINNED = (
    "--literal-pathspecs",
    *("-c", "core.quotePath=false"),
    *("-c", "diff.noprefix=false"),
    *("-c", "diff.mnemonicPrefix=false"),
    *("-c", "diff.suppressBlankEmpty=false"),
    *("-c", "diff.wsErrorHighlight=none"),
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "-O/dev/null",
    "--ignore-submodules=dirty",
    "--submodule=short",
    "-M50%",
    "-l1000",
)
"""`git diff` with every setting that would change what it prints set to what is usual."""

PATCH = (
    "-p",
    "-U0",
    "--inter-hunk-context=0",
    "--diff-algorithm=minimal",
    "--indent-heuristic",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--text",
)
"""What makes it print lines: no context, the fewest changed lines, and names that begin with `a/` and `b/`."""
