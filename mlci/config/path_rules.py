"""What the keys that say how files are found and read must keep to."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.config.data import DataAsset
from mlci.locations import is_url, secret_in
from mlci.places import Key

Problem = tuple[Key, str, str]


def of_paths(key: Key, asset: DataAsset) -> Iterator[Problem]:
    """Give what is wrong with the paths of an asset and with how they are read."""
    if asset.path and not all(asset.paths):
        yield (*key, "path"), "is empty", "Name the file."
    yield from of_urls((*key, "path"), asset.paths)
    if len(asset.quote.encode()) > 1 or asset.quote in {"\r", "\n"}:
        yield (*key, "quote"), "must be one plain character, or empty", ""
    for part in ("escape", "comment"):
        character = getattr(asset, part)
        if character is not None and (len(character.encode()) != 1 or character in "\r\n"):
            yield (*key, part), "must be one plain character", ""
    if asset.skip_rows < 0:
        yield (*key, "skip-rows"), "must not be negative", ""
    if len(set(asset.names)) < len(asset.names):
        yield (*key, "names"), "holds a name twice", ""


def of_urls(key: Key, paths: tuple[str, ...]) -> Iterator[Problem]:
    """Give what is wrong with those of `paths` that are URLs."""
    for path in paths:
        secret = secret_in(path) if is_url(path) else None
        if secret:
            yield key, f"the URL holds {secret}", "Take it out: credentials come from the environment alone."
