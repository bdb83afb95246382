"""Making untrusted text inert in GitHub Markdown: nothing in it links, mentions, renders or breaks the layout.

Backslashes are not enough: GitHub looks for `@name`, `#12`, `www.`, commit ids and `:emoji:` in the HTML that
Markdown gave. An entity stops Markdown; an empty HTML comment splits the text so that nothing is found after it.
A text can grow about twentyfold: callers say how much of it they want, and that is cut first. Words that cannot be
anything else stay as they are, so that a report can be read and searched as a file too.
"""

from __future__ import annotations

import re
import string
import unicodedata

_ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in string.punctuation}
_SPLIT = "<!-- -->"
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_PLAIN = re.compile(r"[ -~]*")
_SPLIT_AFTER = re.compile(r"([@#:.$-])")
_HEX_RUN = re.compile(r"([0-9A-Fa-f]{6})(?=[0-9A-Fa-f])")
# Letters and marks that look like nothing although Unicode does not call them format characters.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})
_NONCHARACTER = 0xFFFE
_PICTURES = {chr(code): chr(0x2400 + code) for code in range(0x20)} | {"\x7f": "\u2421"}
_MARKS = frozenset({"Mn", "Me"})
_MARKS_IN_A_ROW = 2

_WORD = re.compile(r"""["'(]?[A-Za-z0-9]+(?:(?:_+|[.,'/-])[A-Za-z0-9]+)*[%)"',;:.!?]{0,3}""")
_NAME = re.compile(r"[A-Za-z0-9]+(?:(?:_+|[./:= -]|::)[A-Za-z0-9]+)*")
# Commit ids, addresses, and numbers of issues here or in a tracker (`GH-12`); an item of a list at the start.
_NOT_A_WORD = re.compile(r"[0-9a-f]{7}|www\.|[a-z]-\d|^\d+[.)]+$", re.IGNORECASE)
_NOT_A_NAME = re.compile(r"www\.|://|^(?:https?|ftp|mailto|xmpp):", re.IGNORECASE)

VALUE_LIMIT = 200
PROSE_LIMIT = 400


def value(text: str, *, limit: int = VALUE_LIMIT) -> str:
    """Return `text` as inline code that shows it as it is, cut to `limit` characters."""
    shown = visible(text, limit=limit)
    if not shown.strip():
        return "<code>(empty)</code>"
    if not _NAME.fullmatch(shown) or _NOT_A_NAME.search(shown):
        shown = "".join(_as_entity(mark) for mark in shown)
    return f"<code>{shown}</code>"


def prose(text: str, *, limit: int = PROSE_LIMIT) -> str:
    """Return `text` as plain words in one line, cut to `limit` characters; never empty."""
    line = visible(" ".join(_LINE_ENDS.sub(" ", text[: 4 * limit]).split()), limit=limit) or "(empty)"
    return " ".join(map(_inert_word, line.split(" ")))


def words(text: str, *, limit: int = PROSE_LIMIT) -> str:
    """Return `text` as `prose` does, with what stands in backticks as inline code; never empty."""
    pieces = (text if len(text) <= limit else text[: limit - 1] + "…").split("`")
    if len(pieces) % 2 == 0 or not any(piece.strip() for piece in pieces):
        return prose(text, limit=limit)
    said = "".join(value(piece) if place % 2 else _between(piece) for place, piece in enumerate(pieces))
    return said.strip()  # a space at its end would keep the emphasis around it from closing


def _between(text: str) -> str:
    """Return prose with the spaces that part it from its neighbours; nothing where there is only space."""
    if not text.strip():
        return " " * bool(text)
    return f"{' ' * text[:1].isspace()}{prose(text)}{' ' * text[-1:].isspace()}"


def visible(text: str, *, limit: int) -> str:
    """Return at most `limit` characters of `text` in one line, with all that is invisible written out.

    Line ends become spaces, control characters their pictures (`␛`), and characters that hide or reorder text
    (bidirectional marks, zero-width characters, lone surrogates) their code points (`<U+202E>`).
    """
    cut = text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"
    line = _LINE_ENDS.sub(" ", cut)
    if _PLAIN.fullmatch(line):
        return line
    return _limit_marks("".join(map(_visible_mark, line)))


def utf16_units(text: str) -> int:
    """Return the length of `text` as GitHub counts it: in UTF-16 code units."""
    return len(text) + sum(mark > "\uffff" for mark in text)


def _as_entity(mark: str) -> str:
    return _ENTITIES.get(ord(mark), mark) + (_SPLIT if mark == "@" else "")


def _inert_word(word: str) -> str:
    if _WORD.fullmatch(word) and not _NOT_A_WORD.search(word):
        return word
    return "".join(map(_split_prose, _SPLIT_AFTER.split(_HEX_RUN.sub("\\1\0", word))))


def _split_prose(piece: str) -> str:
    split = _SPLIT if _SPLIT_AFTER.fullmatch(piece) else ""
    return piece.translate(_ENTITIES).replace("\0", _SPLIT) + split


def _visible_mark(mark: str) -> str:
    if mark in _PICTURES:
        return _PICTURES[mark]
    code = ord(mark)
    hidden = unicodedata.category(mark) in _HIDDEN or mark in _BLANK or code & _NONCHARACTER == _NONCHARACTER
    return f"<U+{code:04X}>" if hidden else mark


def _limit_marks(text: str) -> str:
    """Write out combining marks beyond the second in a row: stacks of them grow over the lines around."""
    shown, row = [], 0
    for mark in text:
        row = row + 1 if unicodedata.category(mark) in _MARKS else 0
        shown.append(mark if row <= _MARKS_IN_A_ROW else f"<U+{ord(mark):04X}>")
    return "".join(shown)
