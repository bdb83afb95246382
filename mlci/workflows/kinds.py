"""What kinds of workflows there are: which files each is made of, and what is left to do by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlci.errors import UsageError, did_you_mean

CHECK = "mlci"
"""The name of the check to require, in every workflow that has one."""

_PROTECT = (
    f"Require the check `{CHECK}` in the protection of <<branch>> (Settings > Rules), and no other of this workflow."
)
_BRANCH_STORE = "Set `baseline: {store: branch}` in mlci.yaml, where pull requests read it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of workflow."""

    name: str
    says: str
    """What it is for, in a line."""
    files: Mapping[str, str]
    """The templates, each with where it is written, relative to the root of the repository."""
    then: tuple[str, ...]
    """What else is to be done; `<<branch>>` is the default branch."""


_WORKFLOW = ".github/workflows/mlci-gates.yml"

_KINDS = (
    Kind(
        name="pull-request",
        says="pull requests from branches of the same repository, with a comment",
        files={"pull-request.yml": _WORKFLOW},
        then=(_PROTECT,),
    ),
    Kind(
        name="forks",
        says="pull requests from forks too: one workflow runs their code, a second one comments",
        files={"forks.yml": _WORKFLOW, "forks-comment.yml": ".github/workflows/mlci-comment.yml"},
        then=(_PROTECT, "The second workflow comments once it is on <<branch>>."),
    ),
    Kind(
        name="matrix",
        says="several legs, as versions of Python, with one verdict and one comment over all",
        files={"matrix.yml": _WORKFLOW},
        then=(_PROTECT,),
    ),
    Kind(
        name="monorepo",
        says="several projects, each with its own mlci.yaml, with one verdict and one comment over all",
        files={"monorepo.yml": _WORKFLOW},
        then=(_PROTECT, "Add a folder to `project:` for each mlci.yaml that is added."),
    ),
    Kind(
        name="merge-queue",
        says="pull requests, and once more what a merge queue is about to push",
        files={"merge-queue.yml": _WORKFLOW},
        then=(_PROTECT, "Ask for a merge queue in the same rules."),
    ),
    Kind(
        name="nightly",
        says="a baseline computed once a night, where doing so after every merge costs too much",
        files={"nightly.yml": ".github/workflows/mlci-baseline.yml"},
        then=(_BRANCH_STORE, "Gate pull requests with a workflow of another kind beside it."),
    ),
    Kind(
        name="release-anchor",
        says="a baseline kept of every release, to compare pull requests with",
        files={"release-anchor.yml": ".github/workflows/mlci-release.yml"},
        then=(
            "Set `baseline: {store: branch, anchor: v1.0.0}` in mlci.yaml, with the tag of your release.",
            "Gate pull requests with a workflow of another kind beside it.",
        ),
    ),
    Kind(
        name="gitlab",
        says="merge requests on GitLab",
        files={"gitlab.yml": ".gitlab/mlci-gates.yml"},
        then=(
            "Add `include: {local: .gitlab/mlci-gates.yml}` to .gitlab-ci.yml.",
            f'Turn on "Pipelines must succeed" (Settings > Merge requests); the job is `{CHECK}`.',
        ),
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}


def kind_of(name: str) -> Kind:
    """Return the kind of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in KINDS:
        fix = did_you_mean(name, KINDS) or f"The kinds are {', '.join(KINDS)}."
        raise UsageError(f'unknown kind of workflow "{name}"', key="--workflow", fix=fix)
    return KINDS[name]
