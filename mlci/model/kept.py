"""Predictions kept from one run to the next, under a fingerprint of everything that they depend on.

A prediction that is out of date would be a wrong pass, so a model whose dependencies are not all known has no cache.
Known are: the artifact's bytes, `model-files`, every Python file of the project, the interpreter, the machine, all
installed packages with their versions, and the environment that the worker is given.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci import __version__
from mlci.config.models import Model
from mlci.errors import CannotRun
from mlci.gates import Context
from mlci.metrics.scorer import Label
from mlci.model.in_worker import InWorker
from mlci.model.predictions import Prediction

FOLDER = ".mlci-cache"
_KEEP = 8
_CODE = frozenset({".py", ".so", ".pyd"})
_MOST_FILES = 20_000
_LONGEST_PATH = 1024
_DIGEST = 16

if TYPE_CHECKING:
    from mlci.config.serving import Artifact


class Kept:
    """The store of one model; its fingerprint is taken once, when the first prediction is asked for."""

    def __init__(self, model: Model, context: Context) -> None:
        self.model = model
        self.context = context
        self._asked = False
        self._store: Store | None = None

    def store(self, backend: InWorker) -> Store | None:
        """Return the store, or None where something that predictions depend on is not known."""
        if not self._asked:
            self._asked = True
            try:
                _refuse_committed(self.context)
                backend.load()
                name = fingerprint(self.model, self.context.root, backend.surroundings(), _environment(self.context))
                self._store = Store(self.context.root, name)
            except _NotKnown as unknown:
                self.context.progress(f"predictions are not cached: {unknown}")
            except (CannotRun, OSError) as error:  # the question itself will say what is wrong
                self.context.progress(f"predictions are not cached: {error}")
        return self._store


class _NotKnown(Exception):  # noqa: N818 - a reason, not an error
    """Why not everything that predictions depend on is known."""


def fingerprint(model: Model, root: Path, surroundings: Mapping[str, Any], env: Mapping[str, str]) -> str:
    """Return a digest of everything that the predictions of `model` depend on, inputs aside."""
    if surroundings["elsewhere"]:
        raise _NotKnown(f"it uses {surroundings['elsewhere'][0]}, which is outside the project")
    files = sorted({*_code(root), *_declared(model, root), *_artifact(model.saved, root)})
    if len(files) > _MOST_FILES:
        raise _NotKnown(f"there are more than {_MOST_FILES:,} files to look at")
    digest = hashlib.blake2b(digest_size=_DIGEST)
    settings = [model.predict, None if model.saved is None else asdict(model.saved), dict(surroundings), dict(env)]
    digest.update(json.dumps([__version__, settings], sort_keys=True, default=str).encode())
    for file in files:
        digest.update(f"\0{os.path.relpath(file, root)}\0".encode())
        digest.update(_bytes_of(file))
    return digest.hexdigest()


def _refuse_committed(context: Context) -> None:
    """A cache that comes with the change could hold whatever its author wants predicted."""
    if context.repository is not None and context.repository.ask("ls-files", "--", f":(top,glob)**/{FOLDER}/**"):
        raise _NotKnown(f"{FOLDER} is committed in git, and must not be")


def _environment(context: Context) -> Mapping[str, str]:
    from mlci.model.predictor import environment

    return environment(context)


def _code(root: Path) -> Iterator[Path]:
    """Give the Python files of the project, environments and hidden folders not counted."""
    for folder, below, names in os.walk(root):
        here = Path(folder)
        below[:] = [one for one in below if not one.startswith(".") and not _is_environment(here / one)]
        yield from (here / name for name in names if Path(name).suffix in _CODE)


def _is_environment(folder: Path) -> bool:
    return folder.name in ("node_modules", "__pycache__", "mlci-report") or (folder / "pyvenv.cfg").exists()


def _declared(model: Model, root: Path) -> Iterator[Path]:
    for pattern in model.model_files or ():
        found = [root / pattern] if (root / pattern).exists() else list(root.glob(pattern))
        if not found:
            raise _NotKnown(f"no file matches {pattern} of `model-files`")
        for path in found:
            yield from _files(path)


def _artifact(saved: Artifact | None, root: Path) -> Iterator[Path]:
    if saved is None:
        return
    path = root / saved.path
    if path.suffix.lower() == ".onnx" and b"location" in path.read_bytes():
        raise _NotKnown(f"{saved.path} keeps weights in other files: name them in `model-files` of a `predict`")
    yield from _files(path)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (one for one in path.rglob("*") if one.is_file())


def _bytes_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").digest()


class Store:
    """Predictions by key in one file of JSON lines, each with a check sum: a line that is damaged is not there."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.file = root / FOLDER / "predictions" / f"{name}.jsonl"
        self._known: dict[str, Prediction] = dict(_read(self.file))

    def __contains__(self, key: object) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> Prediction:
        return self._known[key]

    def keys(self, inputs: Sequence[Any]) -> list[str]:
        """Return the key of each input: a digest of itself and of every file of the project that it names."""
        return [_key(one, self.root) for one in inputs]

    def add(self, found: Mapping[str, Prediction]) -> None:
        """Keep predictions; a folder that cannot be written is no error."""
        self._known.update(found)
        if not found:
            return
        with contextlib.suppress(OSError, ValueError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            (self.root / FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
            with self.file.open("a", encoding="utf-8") as file:
                file.write("\n" + "".join(_line(key, one) for key, one in found.items()))
            _forget_oldest(self.file.parent)


def _key(value: Any, root: Path) -> str:
    digest = hashlib.blake2b(json.dumps(value, sort_keys=True, default=str).encode(), digest_size=_DIGEST)
    for text in value.values() if isinstance(value, dict) else [value]:
        if isinstance(text, str) and 0 < len(text) < _LONGEST_PATH:
            with contextlib.suppress(OSError, ValueError):
                if (root / text).is_file():
                    digest.update(_bytes_of(root / text))
    return digest.hexdigest()


def _line(key: str, prediction: Prediction) -> str:
    text = json.dumps([key, _plain(prediction)], allow_nan=False)
    return f"{_sum(text)} {text}\n"


def _sum(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _read(file: Path) -> Iterator[tuple[str, Prediction]]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return
    for line in lines:
        given, _, text = line.partition(" ")
        if text and given == _sum(text):
            key, plain = json.loads(text)
            yield key, _restored(plain)


def _plain(prediction: Prediction) -> list[Any]:
    shares = None if prediction.probabilities is None else list(prediction.probabilities.items())
    outputs = None if prediction.outputs is None else {name: _plain(one) for name, one in prediction.outputs.items()}
    return [prediction.label, shares, outputs]


def _restored(plain: Sequence[Any]) -> Prediction:
    label, shares, outputs = plain
    probabilities: dict[Label, float] | None = None if shares is None else dict(shares)
    parts = None if outputs is None else {name: _restored(one) for name, one in outputs.items()}
    return Prediction(label, probabilities, parts)


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.jsonl"), key=lambda file: file.stat().st_mtime)
    for file in files[:-_KEEP]:
        file.unlink(missing_ok=True)
