"""Perturbations of an image, a Pillow image in and a Pillow image out; needs the extra `image`."""

from __future__ import annotations

import io
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation

# Pillow is only imported where an image is changed, so its images are not typed here.
Image = Any


def _always(_image: Image, **_: Any) -> bool:
    return True


_SAME = "images whose pixels come out the same, as plain ones do"


@perturbation("rotate", of="image", unchanged=_SAME, applies=lambda _image, *, degrees=5.0: degrees % 360 != 0)
def rotate(image: Image, rng: Random, *, degrees: float = 5.0) -> Image:
    """Turn the image by `degrees`, to the left or right at random; corners are filled with black."""
    from PIL.Image import Resampling

    return image.rotate(rng.choice((-1, 1)) * degrees, resample=Resampling.BILINEAR)


@perturbation("translate", of="image", unchanged=_SAME, applies=lambda _image, *, x=0, y=0: bool(x or y))
def translate(image: Image, rng: Random, *, x: int = 0, y: int = 0) -> Image:
    """Move the image by `x` pixels to the right and `y` down; what comes in is black."""
    from PIL.Image import Transform

    del rng
    return image.transform(image.size, Transform.AFFINE, (1, 0, -x, 0, 1, -y))


@perturbation("flip", of="image", unchanged="images that are symmetric", applies=_always)
def flip(image: Image, rng: Random, *, axis: Literal["horizontal", "vertical"] = "horizontal") -> Image:
    """Mirror the image: left to right, or top to bottom."""
    from PIL import ImageOps

    del rng
    return ImageOps.mirror(image) if axis == "horizontal" else ImageOps.flip(image)


@perturbation("crop", of="image", unchanged=_SAME, applies=lambda _image, *, keep=0.9: keep < 1)
def crop(image: Image, rng: Random, *, keep: float = 0.9) -> Image:
    """Cut out the share `keep` of width and height at a random place, and bring it to the old size."""
    width, height = (max(1, round(side * keep)) for side in image.size)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height)).resize(image.size)


@perturbation(
    "resize",
    of="image",
    unchanged="images whose size stays the same after rounding",
    applies=lambda _image, *, by=0.5: by != 1,
)
def resize(image: Image, rng: Random, *, by: float = 0.5) -> Image:
    """Make the image larger or smaller by the factor `by`."""
    del rng
    return image.resize(tuple(max(1, round(side * by)) for side in image.size))


@perturbation("blur", of="image", unchanged=_SAME, applies=lambda _image, *, radius=1.0: radius > 0)
def blur(image: Image, rng: Random, *, radius: float = 1.0) -> Image:
    """Blur the image with a Gaussian of `radius` pixels."""
    from PIL import ImageFilter

    del rng
    return image.filter(ImageFilter.GaussianBlur(radius))


@perturbation(
    "pixel-noise",
    of="image",
    unchanged="images that no pixel changes in after rounding",
    applies=lambda _image, *, sd=5.0: sd > 0,
)
def pixel_noise(image: Image, rng: Random, *, sd: float = 5.0) -> Image:
    """Add Gaussian noise of deviation `sd` (of 255 levels) to each channel of each pixel."""
    pixels = [min(255, max(0, round(level + rng.gauss(0, sd)))) for level in image.tobytes()]
    changed = image.copy()
    changed.frombytes(bytes(pixels))
    return changed


@perturbation("brightness", of="image", unchanged="black images", applies=lambda _image, *, by=1.2: by != 1)
def brightness(image: Image, rng: Random, *, by: float = 1.2) -> Image:
    """Make the image brighter (or darker) by the factor `by`."""
    from PIL import ImageEnhance

    del rng
    return ImageEnhance.Brightness(image).enhance(by)


@perturbation("contrast", of="image", unchanged=_SAME, applies=lambda _image, *, by=1.5: by != 1)
def contrast(image: Image, rng: Random, *, by: float = 1.5) -> Image:
    """Raise (or lower) the contrast by the factor `by`."""
    from PIL import ImageEnhance

    del rng
    return ImageEnhance.Contrast(image).enhance(by)


@perturbation("invert", of="image", unchanged="no image", applies=_always)
def invert(image: Image, rng: Random) -> Image:
    """Turn the image into its negative."""
    from PIL import ImageOps

    del rng
    return ImageOps.invert(image)


@perturbation(
    "occlude",
    of="image",
    unchanged="images that are black where the square falls",
    applies=lambda _image, *, share=0.2: share > 0,
)
def occlude(image: Image, rng: Random, *, share: float = 0.2) -> Image:
    """Cover a square at a random place with black; its side is `share` of the image's shorter one."""
    side = max(1, round(min(image.size) * share))
    left, top = rng.randint(0, max(0, image.width - side)), rng.randint(0, max(0, image.height - side))
    changed = image.copy()
    changed.paste(0 if image.mode == "L" else (0, 0, 0), (left, top, left + side, top + side))
    return changed


@perturbation("jpeg", of="image", unchanged=_SAME, applies=_always)
def jpeg(image: Image, rng: Random, *, quality: int = 30) -> Image:
    """Compress the image as JPEG of `quality` (1 to 95) and read it back."""
    from PIL import Image as Pillow

    del rng
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality)
    return Pillow.open(io.BytesIO(written.getvalue())).convert(image.mode)
