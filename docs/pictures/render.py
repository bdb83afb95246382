"""Make pictures of the comment and the HTML report: `python docs/pictures/render.py OUT [NAME...]`.

Takes the results of `tests/reports/golden/` and renders them, the Markdown with cmark-gfm and a style close to
GitHub's. Chromium photographs them at a phone's and a desktop's width, light and dark. `--docs` makes only those that
the documentation shows: `python docs/pictures/render.py docs/pictures --docs`.
"""

from __future__ import annotations

import argparse
import html
import re
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

from mlci.reports.html import render as html_report
from mlci.reports.markdown import Links, marker_of, render
from mlci.results.files import read
from mlci.results.merge import merge
from mlci.results.model import Results

HERE = Path(__file__).parent
GOLDEN = HERE.parents[1] / "tests" / "reports" / "golden"
LINKS = Links(
    run="https://github.com/octo-org/topics/actions/runs/42", source="https://github.com/octo-org/topics/blob/x/"
)
BROWSER = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars")
PAGE = """<!doctype html><html class="{theme}"><meta charset="utf-8"><title>comment</title><style>{style}
html {{ width: {width}px; }}</style><body><article><header><b>github-actions</b> commented now</header>
<main>{body}</main></article>"""
FRAMED = """<script>onload = () => {
  const page = document.querySelector("iframe").contentDocument;
  document.documentElement.dataset.height = Math.ceil(page.documentElement.getBoundingClientRect().height);
}</script>"""
LEGS = (
    ("ubuntu, 3.11", "failing"),
    ("ubuntu, 3.12", "failing"),
    ("macos, 3.11", "passing"),
    ("macos, 3.12", "passing"),
)
DOCS = (
    ("failing", 830, "light"),
    ("failing", 360, "dark"),
    ("passing", 360, "light"),
    ("no-baseline", 360, "light"),
    ("inconclusive", 360, "dark"),
    ("rules", 360, "light"),
    ("matrix", 360, "light"),
    ("sixty-findings", 1000, "light"),
)
SHEETS = ("passing", "failing", "no-baseline", "inconclusive", "sixty-findings")
"""Shown at both widths, light and dark, in one picture each."""
PAGES = (("failing", 360), ("failing", 1000))
COLORS = 200
TALLEST = 1700


def main() -> None:
    """Read the command line and make the pictures it asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="golden files without their ending, or matrix; all when left out")
    parser.add_argument("--docs", action="store_true", help="only those that the documentation shows")
    arguments = parser.parse_args()
    names = arguments.names or [*sorted(path.stem for path in GOLDEN.glob("*.json")), "matrix"]
    every = [(name, width, theme) for name in names for width in (360, 1000) for theme in ("light", "dark")]
    for name, width, theme in DOCS if arguments.docs else every:
        picture = arguments.out / f"comment-{name}-{width}-{theme}.png"
        photograph(comment(name, width=width, theme=theme), picture, width=width, theme=theme)
    for name in SHEETS if arguments.docs else ():
        sheet(name, arguments.out / f"sheet-{name}.png")
    for name, width in PAGES if arguments.docs else [(name, width) for name in names for width in (360, 1000)]:
        for theme in ("light",) if arguments.docs else ("light", "dark"):
            picture = arguments.out / f"report-{name}-{width}-{theme}.png"
            photograph(html_report(results(name), links=LINKS), picture, width=width, theme=theme)


def sheet(name: str, picture: Path) -> None:
    """Write one picture of a comment at a phone's and a desktop's width, each light and dark, side by side."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        panels = []
        for width in (360, 1000):
            for theme in ("light", "dark"):
                panel = Path(folder, f"{width}-{theme}.png")
                photograph(comment(name, width=width, theme=theme), panel, width=width, theme=theme)
                panels.append(Image.open(panel).convert("RGB"))
        whole = Image.new("RGB", (sum(each.width for each in panels), max(each.height for each in panels)), "gray")
        for at, panel_image in enumerate(panels):
            whole.paste(panel_image, (sum(each.width for each in panels[:at]), 0))
        whole.save(picture)
    shrink(picture)


def results(name: str) -> Results:
    """Return the golden results called `name`, or those of a matrix."""
    if name == "matrix":
        return merge([replace(read(GOLDEN / f"{of}.json"), cell=leg) for leg, of in LEGS])
    return read(GOLDEN / f"{name}.json")


def comment(name: str, *, width: int, theme: str) -> str:
    """Return the HTML page that shows a comment, `width` pixels wide."""
    text = render(results(name), marker=marker_of("default"), links=LINKS)
    body = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    style = (HERE / "github.css").read_text(encoding="utf-8")
    return PAGE.format(theme=html.escape(theme), style=style, width=width, body=body)


def photograph(text: str, picture: Path, *, width: int, theme: str) -> None:
    """Write a picture of the page `text`, in its full height where it is not too tall, and in few colours."""
    with tempfile.TemporaryDirectory() as folder:
        file, measured = Path(folder, "page.html"), Path(folder, "measured.html")
        framed = f'<!doctype html><iframe src="page.html" style="border:0;width:{width}px;height:100px"></iframe>'
        file.write_text(text, encoding="utf-8")
        measured.write_text(framed + FRAMED, encoding="utf-8")
        chromium = [*BROWSER, *QUIET, "--allow-file-access-from-files", f"--user-data-dir={folder}/profile"]
        chromium += ["--blink-settings=preferredColorScheme=0"] if theme == "dark" else []
        dumped = subprocess.run(
            [*chromium, f"--window-size={width + 40},800", "--dump-dom", measured.as_uri()],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        found = re.search(r'data-height="(\d+)"', dumped.stdout)
        height = min(int(found[1]) if found else 800, TALLEST)
        command = [*chromium, f"--window-size={width},{height}", f"--screenshot={picture.resolve()}", file.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    shrink(picture)


def shrink(picture: Path) -> None:
    """Write a picture again with few colours."""
    from PIL import Image

    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    main()
