"""Changing image files: read, perturbed in memory, and written where the model can read them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun

MODES = ("L", "RGB")
"""What images are perturbed in: grey or colour; every other mode is read as colour."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Images:
    """Where image files are read from and changed ones written to."""

    root: Path
    """The folder that paths of images are relative to."""
    folder: Path
    """The folder for changed images, made when there is one."""

    def changed(self, path: str, change: Callable[[Any], Any]) -> str:
        """Return the path of the image at `path` after `change`: `path` itself when no pixel differs.

        Raises `CannotRun` when it is no image, or when Pillow is missing.
        """
        original = self._read(path)
        image = change(original)
        if (image.mode, image.size, image.tobytes()) == (original.mode, original.size, original.tobytes()):
            return path
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.blake2b(image.tobytes() + repr((path, image.size)).encode(), digest_size=8).hexdigest()
        written = self.folder / f"{Path(path).stem}-{name}.png"
        image.save(written)
        return str(written)

    def _read(self, path: str) -> Any:
        try:
            from PIL import Image, ImageOps
        except ImportError:
            fix = 'Install it beside mlci: `pip install "mlci[image]"`.'
            raise CannotRun("images need Pillow, which is not installed", fix=fix) from None
        try:
            with Image.open(self.root / path) as file:
                image = ImageOps.exif_transpose(file)
                return image.copy() if image.mode in MODES else image.convert("RGB")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            if getattr(error, "errno", None) is None:
                raise CannotRun(f"{path} cannot be read as an image") from None
            # There is no such file, so the input may be anything: what stands in data is not for messages.
            raise CannotRun("an input is not the path of an image that can be read") from None
