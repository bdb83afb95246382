"""Where data is said to be: a path, a pattern of paths, or a URL; and what of a URL nobody may read."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

HIDDEN = "***"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_MAGIC = re.compile(r"[*?\[]")
_SECRET = re.compile(r"sig|token|secret|pass|cred|key|auth|policy", re.IGNORECASE)


def is_url(text: str) -> bool:
    """Whether `text` is a URL and no path."""
    return _URL.match(text) is not None


def is_web(text: str) -> bool:
    """Whether `text` is a URL of a web server, which lists no files."""
    return text.lower().startswith(("http://", "https://"))


def is_pattern(text: str) -> bool:
    """Whether `text` stands for all the files that match it; a `?` in the URL of a web server does not."""
    return not is_web(text) and _MAGIC.search(text) is not None


def secret_in(url: str) -> str | None:
    """Return what a URL holds that is a secret, in words, or None."""
    parts = urlsplit(url)
    if "@" in parts.netloc and (parts.password or is_web(url)):
        return "a user name or a password"
    names = [pair.partition("=")[0] for pair in parts.query.split("&") if pair]
    found = next((name for name in names if _SECRET.search(name)), None)
    return f"a secret (`{unquote(found)}`)" if found else None


def redacted(text: str) -> str:
    """Return a URL without user, password and the values of its query; any other text as it is."""
    if not is_url(text):
        return text
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    user = f"{HIDDEN}@" if "@" in parts.netloc and (parts.password or is_web(text)) else ""
    user = user or ("@".join(parts.netloc.split("@")[:-1]) + "@" if "@" in parts.netloc else "")
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = "&".join(f"{name}={HIDDEN}" if equal else HIDDEN for name, equal, _ in pairs)
    return f"{parts.scheme}://{user}{host}{parts.path}{'?' + query if query else ''}"


def without_secrets(message: str, url: str) -> str:
    """Return `message` with what a URL hides taken out, wherever it stands in it."""
    parts = urlsplit(url)
    values = [pair.partition("=")[2] for pair in parts.query.split("&")]
    user = parts.netloc.rpartition("@")[0] if parts.password or is_web(url) else ""
    hidden = [parts.query, *values, user, parts.password or ""]
    found = {*hidden, *map(unquote, hidden)} - {""}
    for secret in sorted(found, key=len, reverse=True):
        message = message.replace(secret, HIDDEN)
    return message


def stands_for(path: Path, file: Path) -> bool:
    """Whether `path` (a file, a folder for all below it, or a pattern) stands for `file`; both are resolved."""
    return file == path or path in file.parents or (is_pattern(path.as_posix()) and matches(path, file))


def matches(pattern: Path, file: Path) -> bool:
    """Whether `file` is one that `pattern` stands for; `**` takes any number of folders."""
    return re.fullmatch(_expression(pattern.as_posix()), file.as_posix()) is not None


def _expression(pattern: str) -> str:
    *folders, last = pattern.split("/")
    parts = ["(?:[^/]+/)*" if folder == "**" else f"{_segment(folder)}/" for folder in folders]
    return "".join(parts) + (".+" if last == "**" else _segment(last))


def _segment(segment: str) -> str:
    return "".join(_sign(sign) for sign in re.findall(r"\[!?\]?[^\]]*\]|.", segment, re.DOTALL))


def _sign(sign: str) -> str:
    if sign in "*?":
        return {"*": "[^/]*", "?": "[^/]"}[sign]
    if len(sign) == 1:
        return re.escape(sign)
    negated = sign[1] == "!"
    inner = sign[2 if negated else 1 : -1].replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]")
    return f"[{'^' if negated else ''}{inner}]"
