"""Make untrusted text safe to print: one line, no control characters, nothing that changes its direction."""

from __future__ import annotations

import unicodedata

_MAX = 2000


def plain(text: str, limit: int = _MAX) -> str:
    """Return `text` as one printable line of at most `limit` characters; what is not printable becomes visible."""
    line = " ".join(text[: limit * 2].split())
    shown = "".join(_visible(character) for character in line)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def _visible(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return f"<U+{ord(character):04X}>"
    return character
