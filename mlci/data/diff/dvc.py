"""What DVC's pointers (`*.dvc`, `dvc.lock`) say of a file, and where its cache has that content."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from mlci.errors import MlciError

Text = Callable[[PurePosixPath], bytes | None]
"""Gives the content of a file of the repository, by its path from the top; None where there is none."""

_FOLDER = ".dir"
_DIGEST = re.compile(r"[0-9a-f]{32}(\.dir)?")


def root_of(top: Path, inside: str) -> Path | None:
    """Return the folder with `.dvc/` that the file at `inside` belongs to; None where there is none up to `top`."""
    return next((top / folder for folder in PurePosixPath(inside).parents if (top / folder / ".dvc").is_dir()), None)


def tracked(inside: str, text: Text) -> tuple[str, str] | None:
    """Return the MD5 that a pointer gives for a file, and its path below the folder that has it (mostly none)."""
    path = PurePosixPath(inside)
    for pointer, out, digest in _outs(path, text):
        place = _joined(pointer.parent, out)
        if place == path and not digest.endswith(_FOLDER):
            return digest, ""
        if digest.endswith(_FOLDER) and place in path.parents:
            return digest, path.relative_to(place).as_posix()
    return None


def _outs(path: PurePosixPath, text: Text) -> Iterator[tuple[PurePosixPath, PurePosixPath, str]]:
    """Yield pointer, output and MD5 of every output in the pointers that may name `path`."""
    for each in (path, *path.parents[:-1]):
        pointer = each.with_name(f"{each.name}.dvc")
        found = _parsed(text(pointer), pointer)
        yield from _listed(pointer, found.get("outs"), str(found.get("wdir") or ""))
    for folder in path.parents:
        lock = folder / "dvc.lock"
        stages = _stages(text(lock), lock)
        made = _stages(text(folder / "dvc.yaml"), folder / "dvc.yaml") if stages else {}
        for name, stage in stages.items():
            wdir = made.get(name.partition("@")[0], {}).get("wdir")
            yield from _listed(lock, stage.get("outs"), wdir if isinstance(wdir, str) else "")


def _stages(content: bytes | None, path: PurePosixPath) -> dict[str, Mapping[str, Any]]:
    """Return the stages of a `dvc.lock` or a `dvc.yaml` by name."""
    stages = _parsed(content, path).get("stages")
    named = stages.items() if isinstance(stages, Mapping) else ()
    return {str(name): stage for name, stage in named if isinstance(stage, Mapping)}


def _listed(pointer: PurePosixPath, outs: Any, wdir: str) -> Iterator[tuple[PurePosixPath, PurePosixPath, str]]:
    for out in outs if isinstance(outs, list) else ():
        if isinstance(out, Mapping) and isinstance(out.get("path"), str) and _DIGEST.fullmatch(str(out.get("md5"))):
            yield pointer, PurePosixPath(wdir) / out["path"], out["md5"]


def _parsed(content: bytes | None, path: PurePosixPath) -> Mapping[str, Any]:
    if not content:
        return {}
    from mlci.documents import read  # reading YAML is imported where there is any

    try:
        value = read(content, path.as_posix()).value
    except MlciError:
        return {}
    return value if isinstance(value, Mapping) else {}


def _joined(folder: PurePosixPath, path: PurePosixPath) -> PurePosixPath:
    """Join two paths, `..` resolved without looking at the disk."""
    parts: list[str] = []
    for part in (folder / path).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)


def stored(root: Path, content: tuple[str, str]) -> Path | None:
    """Return the file of DVC's cache that has what `tracked` gave, in the layout of DVC 3 or of those before."""
    digest, inside = content
    place = _cached(root, digest)
    if place is None or not inside:
        return place
    try:
        listed = json.loads(place.read_bytes())
        digests = {entry["relpath"]: entry["md5"] for entry in listed}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    found = str(digests.get(inside))
    return _cached(root, found) if _DIGEST.fullmatch(found) else None


def _cached(root: Path, digest: str) -> Path | None:
    cache = _cache(root)
    below = Path(digest[:2]) / digest[2:]
    return next((place for place in (cache / "files" / "md5" / below, cache / below) if place.is_file()), None)


def _cache(root: Path) -> Path:
    """Return the folder of the cache that the project's configuration names."""
    import configparser

    config = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        config.read([root / ".dvc" / "config", root / ".dvc" / "config.local"], encoding="utf-8")
        named = config.get("cache", "dir", fallback="cache")
    except (configparser.Error, UnicodeDecodeError):
        named = "cache"
    return root / ".dvc" / named
