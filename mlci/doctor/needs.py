"""Which packages a configuration asks for: of the project's own environment, and of mlci's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlci.config.data import DataAsset
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.config.serving import Artifact
from mlci.locations import is_url

_OF_SUFFIX = {
    **dict.fromkeys((".xlsx", ".xlsm"), ("openpyxl", "excel")),
    **dict.fromkeys((".arrow", ".arrows", ".feather", ".ipc"), ("pyarrow", "arrow")),
    ".zst": ("zstandard", "zstd"),
}
_OF_SCHEME = {
    "s3": ("s3fs", "s3"),
    **dict.fromkeys(("gs", "gcs"), ("gcsfs", "gs")),
    **dict.fromkeys(("az", "abfs", "abfss"), ("adlfs", "az")),
    **dict.fromkeys(("http", "https"), ("aiohttp", "http")),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """A package that something in `mlci.yaml` asks for."""

    module: str
    """The name that is imported."""
    package: str
    """What is installed: a distribution, or one of mlci's extras."""
    why: str
    """The key that asks for it."""
    oldest: tuple[int, int] | None = None
    """The oldest version that does."""
    certain: bool = True
    """Whether nothing works without it."""


def of_project(config: Config, root: Path) -> Iterator[Need]:
    """Give what the project's own environment must have."""
    if config.code is not None:
        yield Need(module="pytest", package="pytest", why="code")
        if config.code.coverage is not None or "--no-cov" not in config.code.pytest:
            yield Need(module="pytest_cov", package="pytest-cov", why="code.coverage", oldest=(4, 1))
    for name, model in config.model.items():
        yield from _of_artifact(f"model.{name}.artifact", model, root)


def _of_artifact(why: str, model: Model, root: Path) -> Iterator[Need]:
    from mlci.model.serving.adapters import Unusable, adapter_for

    if model.artifact is None:
        return
    saved = model.artifact if isinstance(model.artifact, Artifact) else Artifact(path=model.artifact)
    try:
        kind, adapter = adapter_for(str(root / saved.path), saved.kind)
    except Unusable:
        return  # the gate says so
    for module, package in adapter.PACKAGES.items():
        # a pickle may hold a model of any library
        yield Need(module=module, package=package, why=why, certain=kind != "pickle")


def of_mlci(config: Config) -> Iterator[Need]:
    """Give what must be beside mlci itself, by extras."""
    for name, model in config.model.items():
        if model.metrics or model.slices:
            yield _extra("sklearn", "model", f"model.{name}.metrics")
    for name, asset in config.data.items():
        yield from _of_asset(f"data.{name}", asset)
    yield from _of_baseline(config)


def _of_asset(why: str, asset: DataAsset) -> Iterator[Need]:
    for path in asset.paths:
        yield from _of_path(why, path)
    if asset.format == "excel":
        yield _extra("openpyxl", "excel", why)
    if asset.images is not None or asset.format == "images":
        yield _extra("PIL", "image", why)
    if asset.drift is not None:
        yield _extra("scipy", "data", f"{why}.drift")
    if asset.spark is not None:
        yield _extra("pyspark", "spark", f"{why}.spark")
    if asset.sql is not None and not asset.sql.url.startswith("duckdb:"):
        yield _extra("ibis", "sql", f"{why}.sql")


def _of_path(why: str, path: str) -> Iterator[Need]:
    suffixes = PurePosixPath(path).suffixes[-2:]
    yield from (_extra(*_OF_SUFFIX[suffix.lower()], why) for suffix in suffixes if suffix.lower() in _OF_SUFFIX)
    scheme = path.partition("://")[0].lower() if is_url(path) else ""
    if scheme in _OF_SCHEME:
        yield _extra(*_OF_SCHEME[scheme], why)


def _of_baseline(config: Config) -> Iterator[Need]:
    if config.baseline is None:
        return
    if "mlflow" in config.baseline.stores:
        yield _extra("mlflow", "mlflow", "baseline.mlflow")
    bucket = config.baseline.bucket
    if "bucket" in config.baseline.stores and bucket is not None:
        yield from _of_path("baseline.bucket", bucket if isinstance(bucket, str) else bucket.url)


def _extra(module: str, extra: str, why: str) -> Need:
    return Need(module=module, package=extra, why=why)
