"""Pictures of what answers hang on: a page for texts, a picture beside each image."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlci.model.explain.saliency import Explained

_SMALLEST = 256
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What answers hang on</title>
<style>body{font:16px/1.9 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em}
mark{color:inherit;border-radius:.2em;padding:.1em 0}p{margin:.3em 0 1em}b{font-weight:600}</style></head><body>
<h1>What answers hang on</h1>
<p>Each word was left out once. Red: the answer is less sure without it, the darker the more; blue: surer.</p>
"""


def write_texts(found: Sequence[Explained], path: Path) -> None:
    """Write a page that shows each text with its words coloured by their weight; every text in it is escaped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "".join(f"<p><b>{html.escape(str(one.prediction.label))}</b><br>{_coloured(one)}</p>\n" for one in found)
    path.write_text(f"{_HEAD}{body}</body></html>\n", encoding="utf-8", errors="replace")


def _coloured(one: Explained) -> str:
    largest = max((abs(part.weight) for part in one.parts), default=0.0) or 1.0
    pieces, end = [], 0
    for part in one.parts:
        start, stop = part.place
        colour = "220,50,47" if part.weight > 0 else "38,109,211"
        word = html.escape(one.input[start:stop])
        style = f"background:rgba({colour},{abs(part.weight) / largest * 0.7:.2f})"
        pieces.append(
            f'{html.escape(one.input[end:start])}<mark style="{style}" title="{part.weight:+.3f}">{word}</mark>'
        )
        end = stop
    return "".join(pieces) + html.escape(one.input[end:])


def write_images(found: Sequence[Explained], folder: Path, *, root: Path, grid: int) -> list[Path]:
    """Write beside each other, for each image, the image and the weights of its squares; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for at, one in enumerate(found, start=1):
        path = folder / f"{at}-{Path(one.input).stem}.png"
        _picture(one, root=root, grid=grid).save(path)
        written.append(path)
    return written


def _picture(one: Explained, *, root: Path, grid: int) -> Any:
    from PIL import Image

    with Image.open(root / one.input) as file:
        image = file.convert("RGB")
    times = max(1, -(-_SMALLEST // max(image.size)))
    image = image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
    largest = max((abs(part.weight) for part in one.parts), default=0.0) or 1.0
    heat = Image.new("RGBA", (grid, grid))
    for part in one.parts:
        colour = (220, 50, 47) if part.weight > 0 else (38, 109, 211)
        heat.putpixel((part.place[0], part.place[1]), (*colour, round(190 * abs(part.weight) / largest)))
    heat = heat.resize(image.size, Image.Resampling.NEAREST)
    beside = Image.new("RGB", (2 * image.width, image.height))
    beside.paste(image, (0, 0))
    beside.paste(Image.alpha_composite(image.convert("RGBA"), heat).convert("RGB"), (image.width, 0))
    return beside
