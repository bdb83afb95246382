"""Model files that run code when they are loaded."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun, Where
from mlci.hooks import Found, Options, hook
from mlci.hooks.joblib_stream import Unreadable, is_compressed, names_in

_FIX = "Do not load it; save the model as safetensors, ONNX or skops"
_MANY_THINGS = frozenset({".bin", ".model", ".ckpt"})
"""Endings that formats other than pickles have too."""
_ZIP = b"PK\x03\x04"
_ARCHIVES = (_ZIP, b"7z\xbc\xaf", b"\x93NUMPY")
"""How files begin that the scanner opens itself."""
_STARTS = (*_ARCHIVES, b"\x80")


@hook("pickles")
def pickles(files: Sequence[str], options: Options) -> Iterator[Found]:
    """Pickles, alone or in archives of PyTorch, NumPy and joblib, that call what no model needs, as `os.system`."""
    try:
        import picklescan.scanner
    except ImportError as error:
        raise CannotRun("picklescan is not installed", fix='Install it: pip install "mlci[hooks]".') from error
    logging.getLogger("picklescan").setLevel(logging.CRITICAL)  # what it found is told below
    for name in files:
        try:
            bad = _dangerous(options.folder / name, picklescan.scanner)
        except Unreadable as error:
            what = f"is no pickle that can be read to its end ({error}), so what loading it does is not known"
            yield Found(where=Where(path=name), what=what, fix=_FIX)
        except OSError as error:
            raise CannotRun(f"cannot be read: {error.strerror}", where=Where(path=name)) from error
        else:
            if bad:
                yield Found(where=Where(path=name), what=f"loading it calls {', '.join(bad)}", fix=_FIX)


def _dangerous(path: Path, scanner: Any) -> list[str]:
    """Return what loading a file calls that no model needs.

    Raises:
        Unreadable: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(8)
        file.seek(0)
        if path.suffix.lower() in _MANY_THINGS and not (start.startswith(_STARTS) or is_compressed(start)):
            return []
        seen = _scanned(scanner.scan_file_path, str(path))
        found = [] if seen is None else list(seen.globals)
        if not start.startswith(_ARCHIVES):
            found += _by_name(file, scanner, enough=bool(found) and not seen.scan_err)
        elif seen is None or seen.scan_err or (start.startswith(_ZIP) and not zipfile.is_zipfile(file)):
            raise Unreadable("an archive that is broken")
    return sorted({f"{each.module}.{each.name}" for each in found if each.safety.value == "dangerous"})


def _by_name(file: Any, scanner: Any, *, enough: bool) -> list[Any]:
    """Return what the scanner makes of all that a pickle looks up; nothing where it has seen `enough` of it itself."""
    try:
        names = names_in(file)
    except Unreadable:
        if enough:  # several pickles one after the other, as PyTorch once wrote them
            return []
        raise
    listed = b"".join(f"c{module}\n{name}\n0".encode() for module, name in sorted(names))
    return list(scanner.scan_pickle_bytes(io.BytesIO(listed + b"N."), "names").globals)


def _scanned(scan: Any, *arguments: Any) -> Any:
    try:
        return scan(*arguments)
    except Exception:  # noqa: BLE001 - it has many of its own, and all say that it cannot read
        return None
