"""The HTML page in Chromium: it asks for nothing, complains of nothing, and fits a phone."""

import http.server
import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlci.reports.html import render
from mlci.results.files import loads

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden"
BROWSER = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr")
EVIL = '"><script>alert(1)</script><img src=/stolen onerror=alert(1)><style>@import "/stolen"</style><link rel=stylesheet href=/stolen>'
FRAME = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<iframe src="/page.html" style="width: {width}px; height: 800px; border: 0"></iframe>
<script>onload = () => {{
  const page = document.querySelector("iframe").contentDocument;
  page.querySelectorAll("details").forEach(one => one.open = true);
  const root = document.documentElement, header = getComputedStyle(page.querySelector("header"));
  root.dataset.width = page.documentElement.scrollWidth;
  root.dataset.border = header.borderTopWidth;
}}</script>"""


def hostile():
    found = json.loads((GOLDEN / "failing.json").read_text(encoding="utf-8"))
    found["project"] = found["comparison"]["rule"] = EVIL
    for gate in found["gates"]:
        for check in gate["checks"]:
            check |= {"summary": EVIL, "id": f"{check['id']}{EVIL}", "where": {"path": EVIL}, "details": {EVIL: EVIL, "values": [EVIL]}}  # fmt: skip
    return json.dumps(found).encode()


PAGES = {"hostile": hostile, **{path.stem: path.read_bytes for path in GOLDEN.glob("*.json")}}


@contextmanager
def served(pages):
    """Serve `pages` by path on this machine; give the address and the list of paths that were asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def opened(address, profile):
    """Open an address in Chromium; return the document that came of it and what the console said."""
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed: pages are looked at where it is")
    command = [*BROWSER, *QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=3000", "--dump-dom", address]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_asks_for_nothing_and_complains_of_nothing(name, tmp_path):
    page = render(loads(PAGES[name](), name), show_values=True)
    with served({"/page.html": page}) as (address, asked):
        document, complaints = opened(f"{address}/page.html", tmp_path)
    assert complaints == []
    assert asked == ["/page.html"]
    assert "<h1>" in document


@pytest.mark.parametrize("name", ["failing", "hostile"])
def test_page_fits_a_phone_and_has_its_style(name, tmp_path):
    page = render(loads(PAGES[name](), name), show_values=True)
    with served({"/page.html": page, "/": FRAME.format(width=360)}) as (address, _asked):
        document, complaints = opened(f"{address}/", tmp_path)
    assert complaints == []
    assert re.search(r'data-border="6px"', document)
    assert int(re.search(r'data-width="(\d+)"', document)[1]) <= 360


def test_a_style_that_is_not_its_own_would_be_noticed(tmp_path):
    page = render(loads(PAGES["failing"](), "failing")).replace("<body>", '<body style="color: red"><img src="/x.png">')
    with served({"/page.html": page}) as (address, asked):
        _document, complaints = opened(f"{address}/page.html", tmp_path)
    assert complaints
    assert asked == ["/page.html"]
