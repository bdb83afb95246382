"""What must hold of where a model's predictions come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from mlci.config.models import Model
from mlci.config.serving import Artifact, Endpoint
from mlci.errors import did_you_mean
from mlci.places import Key

Problem = tuple[Key, str, str]

SOURCES = ("predict", "artifact", "url", "predictions")
NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A variable of the environment in a header or a URL."""
_SECRET = re.compile(r"auth|token|secret|key|cookie|password|credential", re.IGNORECASE)
_OURS = re.compile(r"(GITHUB|ACTIONS|RUNNER)_", re.IGNORECASE)


def of_sources(key: Key, model: Model) -> Iterator[Problem]:
    """Give the mistakes in `predict`, `artifact`, `url` and `predictions`, and in `cache`."""
    given = [name for name in SOURCES if getattr(model, name) is not None]
    if len(given) != 1:
        what = f", and has {' and '.join(f'`{name}`' for name in given)}" if given else ""
        yield key, f"needs one of `predict`, `artifact`, `url` and `predictions`{what}", ""
        return
    if model.saved is not None:
        yield from _artifact((*key, "artifact"), model.saved)
    if model.endpoint is not None:
        yield from _endpoint((*key, "url"), model.endpoint)
    if model.cache and model.source in ("url", "predictions"):
        yield (*key, "cache"), f"cannot be had with `{model.source}`", "It needs a model whose files are known."
    if model.cache and model.source == "predict" and model.model_files is None:
        fix = "Name the files that `predict` reads, or `[]` where it reads none."
        yield (*key, "cache"), "needs `model-files`", fix


def _artifact(key: Key, artifact: Artifact) -> Iterator[Problem]:
    from mlci.model.serving.adapters import adapters

    if not artifact.path:
        yield key, "is empty", "Name the file or folder of the saved model."
    if artifact.kind is not None and artifact.kind not in adapters():
        known = adapters()
        fix = did_you_mean(artifact.kind, known) or f"The kinds are {', '.join(known)}."
        yield (*key, "kind"), f'unknown kind "{artifact.kind}"', fix
    if len(set(artifact.labels)) < len(artifact.labels):
        yield (*key, "labels"), "names a label twice", ""


def _endpoint(key: Key, endpoint: Endpoint) -> Iterator[Problem]:
    parts = urlsplit(NAMED.sub("x", endpoint.url))
    if parts.scheme not in ("http", "https") or not parts.netloc:
        yield key, "must be an http or https URL", ""
    if "@" in parts.netloc:
        yield key, "holds a name or password", "Give them in `headers`, as `Authorization: ${NAME}`."
    for name, value in endpoint.headers.items():
        if _SECRET.search(name) and not NAMED.search(value):
            yield (*key, "headers", name), "must come from the environment", "Write `${NAME}`, and set NAME in CI."
    for text in (endpoint.url, *endpoint.headers.values()):
        if ours := next((name for name in NAMED.findall(text) if _OURS.match(name)), None):
            yield key, f"asks for {ours}", "GitHub's own variables are never sent anywhere: use another name."
    for name in ("batch_size", "concurrency"):
        if getattr(endpoint, name) < 1:
            yield (*key, name.replace("_", "-")), "must be at least 1", ""
    if endpoint.timeout <= 0 or endpoint.retries < 0:
        yield key, "needs a `timeout` above 0 and `retries` of 0 or more", ""
