"""What `baseline:` says: where the numbers to compare with are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlci.config.common import CHECKED, ruled

StoreName = Literal["file", "folder", "bucket", "branch", "artifact", "mlflow", "dvc"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """A bucket, or anything else that fsspec can write to."""

    __pydantic_config__ = CHECKED

    url: str
    """The place: `s3://bucket/folder`, or a URL of another protocol that fsspec knows."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What fsspec is given for it, as `endpoint_url: http://minio:9000`; keys and secrets come from the environment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """A branch without a history in common with the others, in the same repository."""

    __pydantic_config__ = CHECKED

    name: str = "mlci-baseline"
    """The branch; it is made by the first `mlci baseline save`."""
    remote: str = "origin"
    """The remote that it is fetched from and pushed to; a repository without that remote keeps it to itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """An artifact of GitHub Actions, uploaded by the workflow that runs on the base branch."""

    __pydantic_config__ = CHECKED

    name: str = "mlci-baseline"
    """The artifact's name."""
    workflow: str | None = None
    """The file of the workflow that uploads it, as `ci.yml`; an artifact of another workflow is not taken."""
    branch: str | None = None
    """The branch whose pushes upload it; the base of the pull request, or the default branch, when left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MlflowRuns:
    """Runs of MLflow, found by the commit that they are tagged with; read only."""

    __pydantic_config__ = CHECKED

    tracking: str | None = None
    """The tracking server or folder; what `MLFLOW_TRACKING_URI` says, or `mlruns`, when left out."""
    experiment: str | None = None
    """The name of the experiment; all of them when left out."""
    tag: str = "mlflow.source.git.commit"
    """The tag with the commit."""
    metrics: Mapping[str, str] = field(default_factory=dict)
    """MLflow's name of each number, where it is another: `model.topics.accuracy: val_acc`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DvcMetrics:
    """Metrics files of DVC as they were at the merge-base; read only."""

    __pydantic_config__ = CHECKED

    files: tuple[str, ...] = ()
    """The files, relative to `mlci.yaml`; those that its `dvc.yaml` lists as metrics when left out."""
    metrics: Mapping[str, str] = field(default_factory=dict)
    """The file and path of each number that `metrics:` does not name: `model.topics.accuracy: "eval.json:accuracy"`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """Where the numbers to compare with come from."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        other="store path folder bucket branch artifact mlflow dvc",
        binding="keep",
        higher="ancestors",
        demands="recompute",
        pinned="anchor",
        requirement="require",
    )

    store: StoreName | tuple[StoreName, ...] = "file"
    """Where they are kept, or a list of places that are tried in turn. `file`: numbers committed in git, written by
    `mlci baseline save` and read at the merge-base. `folder`, `bucket`, `branch`, `artifact`: predictions too, one
    baseline a commit. `mlflow`, `dvc`: numbers that other tools keep, only read."""
    path: str = "mlci-baseline.json"
    """Of `file`: the file, relative to `mlci.yaml`."""
    folder: str | None = None
    """Of `folder`: a folder outside of git, relative to `mlci.yaml`."""
    bucket: str | Bucket | None = None
    """Of `bucket`: a URL such as `s3://bucket/folder`, or a mapping."""
    branch: str | Branch = field(default_factory=Branch)
    """Of `branch`: its name, or a mapping."""
    artifact: str | Artifact = field(default_factory=Artifact)
    """Of `artifact`: its name, or a mapping."""
    mlflow: MlflowRuns = field(default_factory=MlflowRuns)
    """Of `mlflow`: where its runs are."""
    dvc: DvcMetrics = field(default_factory=DvcMetrics)
    """Of `dvc`: which files are read."""
    keep: int = 20
    """How many baselines `folder`, `bucket` and `branch` keep, the newest; older ones are removed by the next save."""
    ancestors: int = 50
    """How many commits before the merge-base, by first parents, are looked at where the merge-base has none."""
    recompute: bool = False
    """Where no store has a baseline, run the gates at the merge-base in a git worktree of its own."""
    anchor: str | None = None
    """A pinned release that is compared with beside the last merge: a tag, a commit, or a baseline file (`*.json`)."""
    require: Literal["no-regression", "non-inferiority"] = "no-regression"
    """`non-inferiority` blocks every limit of a model that is not shown to be kept; models can say so themselves."""

    @property
    def stores(self) -> tuple[StoreName, ...]:
        """The places, in the order in which they are tried."""
        return self.store if isinstance(self.store, tuple) else (self.store,)
