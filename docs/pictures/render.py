"""Make pictures of the comment as GitHub shows it: `python docs/pictures/render.py OUT [NAME...]`.

Takes the Markdown of `tests/reports/golden/`, renders it with cmark-gfm and a style close to GitHub's, and has
Chromium photograph it at a phone's and a desktop's width, light and dark. `docs/comment.png` is made by
`python docs/pictures/render.py docs --readme`.
"""

from __future__ import annotations

import argparse
import html
import re
import subprocess
import tempfile
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

HERE = Path(__file__).parent
GOLDEN = HERE.parents[1] / "tests" / "reports" / "golden"
BROWSER = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars")
PAGE = """<!doctype html><html class="{theme}"><meta charset="utf-8"><title>comment</title><style>{style}
html {{ width: {width}px; }}</style><body><article><header><b>github-actions</b> commented now</header>
<main>{body}</main></article>
<script>document.documentElement.dataset.height = Math.ceil(document.body.getBoundingClientRect().height)</script>"""


def main() -> None:
    """Read the command line and make the pictures it asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="golden files without their ending; all when left out")
    parser.add_argument("--readme", action="store_true", help="only the picture that the README shows")
    arguments = parser.parse_args()
    if arguments.readme:
        photograph(page(GOLDEN / "failing.md", width=830, theme="light"), arguments.out / "comment.png", width=830)
        return
    names = arguments.names or sorted(path.stem for path in GOLDEN.glob("*.md") if path.stem != "README")
    for name in names:
        for width in (360, 1000):
            for theme in ("light", "dark"):
                picture = arguments.out / f"{name}-{width}-{theme}.png"
                photograph(page(GOLDEN / f"{name}.md", width=width, theme=theme), picture, width=width)


def page(markdown: Path, *, width: int, theme: str) -> str:
    """Return the HTML page that shows the comment in `markdown`, `width` pixels wide."""
    text = markdown.read_text(encoding="utf-8")
    body = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    style = (HERE / "github.css").read_text(encoding="utf-8")
    return PAGE.format(theme=html.escape(theme), style=style, width=width, body=body)


def photograph(text: str, picture: Path, *, width: int) -> None:
    """Write a picture of the page `text` in its full height."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(text, encoding="utf-8")
        chromium = [*BROWSER, *QUIET, f"--user-data-dir={folder}/profile", f"--window-size={width},800"]
        dumped = subprocess.run(
            [*chromium, "--dump-dom", file.as_uri()], check=True, capture_output=True, text=True, timeout=60
        )
        found = re.search(r'data-height="(\d+)"', dumped.stdout)
        height = int(found[1]) if found else 800
        chromium[-1] = f"--window-size={width},{height}"
        command = [*chromium, f"--screenshot={picture.resolve()}", file.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    main()
