"""What `baseline:` must keep to beyond the shape of its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from mlci.config.baselines import Baseline, Bucket, StoreName
from mlci.places import Key
from mlci.processes.environment import looks_secret

Problem = tuple[Key, str, str]

_KEY: Key = ("baseline",)
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,200}")
_NEEDS: dict[StoreName, str] = {"folder": "folder: ../baselines", "bucket": "bucket: s3://bucket/folder"}


def baseline_problems(baseline: Baseline | None) -> Iterator[Problem]:
    """Give every mistake as its key, what is wrong and what to do."""
    if baseline is None:
        return
    if not baseline.stores:
        yield (*_KEY, "store"), "names no store", ""
    if len(set(baseline.stores)) != len(baseline.stores):
        yield (*_KEY, "store"), "names a store twice", ""
    for store, example in _NEEDS.items():
        if store in baseline.stores and not getattr(baseline, store):
            yield _KEY, f"needs `{store}`", f"Write `{example}`."
    for number in ("keep", "ancestors"):
        if getattr(baseline, number) < 1:
            yield (*_KEY, number), "must be at least 1", ""
    yield from _of_bucket(baseline.bucket)
    name = baseline.branch if isinstance(baseline.branch, str) else baseline.branch.name
    if not _REF.fullmatch(name) or ".." in name or "//" in name or name.endswith(("/", ".lock", ".")):
        yield (*_KEY, "branch"), f'is no name of a branch: "{name}"', ""
    for metric, place in baseline.dvc.metrics.items():
        if not all(place.partition(":")):
            yield (*_KEY, "dvc", "metrics", metric), f'must be "file:path.of.number", not "{place}"', ""


def _of_bucket(bucket: str | Bucket | None) -> Iterator[Problem]:
    if not bucket:
        return
    url, options = (bucket, {}) if isinstance(bucket, str) else (bucket.url, bucket.options)
    parts = urlsplit(url)
    if not parts.scheme or "://" not in url:
        yield (*_KEY, "bucket"), f'must be a URL such as "s3://bucket/folder", not "{url}"', "A folder is `folder`."
    if parts.password or (parts.username and parts.scheme == "s3"):
        yield (*_KEY, "bucket"), "must not hold a password", "It comes from the environment."
    for name in options:
        if looks_secret(name):
            yield (*_KEY, "bucket", "options", name), "may be a secret", "It comes from the environment."
