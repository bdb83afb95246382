"""The word lists that templates are filled from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mlci import documents
from mlci.errors import CannotRun, UsageError, Where, did_you_mean
from mlci.model.behaviour.document import Document
from mlci.perturbations.lexicon import table
from mlci.places import Key


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexicons:
    """Lists of words (or of mappings and lists, whose parts a template can name), by name."""

    entries: Mapping[str, Sequence[Any]]
    root: Path


@cache
def built_in() -> Mapping[str, Sequence[Any]]:
    """Return the lexicons that every template may use: names, places and groups of people."""
    people, countries, groups = table("first_names"), table("countries"), table("groups")
    adjectives = {
        f"{kind}_adj": [row["term"] for row in groups if row["kind"] == kind and row["form"] in ("adjective", "sex")]
        for kind in ("age", "disability", "gender", "migration", "orientation", "race", "religion", "status")
    }
    plurals = {
        f"{kind}_people": [row["term"] for row in groups if row["kind"] == kind and row["form"] == "plural"]
        for kind in ("age", "migration", "orientation", "race", "religion")
    }
    return {
        "first_name": [row["name"] for row in people],
        "male": [row["name"] for row in people if row["gender"] == "male"],
        "female": [row["name"] for row in people if row["gender"] == "female"],
        "last_name": [row["name"] for row in table("last_names")],
        "country": [row["country"] for row in countries],
        "nationality": [row["nationality"] for row in countries],
        "capital": [row["capital"] for row in countries],
        "country_city": [{"country": row["country"], "city": row["capital"]} for row in countries],
        "city": [row["city"] for row in table("cities")],
        **adjectives,
        **plurals,
    }


def lexicons_of(document: Document, written: Any, *, root: Path, steps: Key = ("lexicons",)) -> Lexicons:
    """Return the lexicons written in a suite: each a list, or `{file: words.csv, column: name}`.

    Raises `UsageError` for one that is empty or no list, `CannotRun` for a file that cannot be read.
    """
    with document.at(*steps):
        if not isinstance(written, Mapping):
            raise UsageError("`lexicons` is a mapping of names to lists of words")
    entries = {}
    for name, words in written.items():
        with document.at(*steps, name):
            entries[str(name)] = _entries(str(name), words, root)
    return Lexicons(entries=entries, root=root)


def _entries(name: str, words: Any, root: Path) -> Sequence[Any]:
    if isinstance(words, Mapping) and "file" in words:
        words = _from_file(words, root)
    if not isinstance(words, Sequence) or isinstance(words, str) or not words:
        raise UsageError(f'the lexicon "{name}" is a list of words with at least one, not {words!r}')
    return words


def _from_file(words: Mapping[str, Any], root: Path) -> Sequence[Any]:
    """Read a list from YAML or JSON, or the rows of a CSV or Parquet file; with `column` one column's values."""
    shown, column = str(words["file"]), words.get("column")
    path = root / shown
    if path.suffix.lower() in (".yaml", ".yml", ".json"):
        rows = _listed(path, shown)
    else:
        from mlci.model.rows import read_rows

        rows = read_rows(path, shown=shown).rows
    if column is None:
        return rows
    if not rows or any(not isinstance(row, Mapping) or column not in row for row in rows):
        advice = did_you_mean(str(column), rows[0]) if rows and isinstance(rows[0], Mapping) else ""
        raise UsageError(f'{shown} has no column "{column}"', fix=advice)
    return [row[column] for row in rows if row[column] is not None]


def _listed(path: Path, shown: str) -> Sequence[Any]:
    try:
        rows = documents.read(path.read_bytes(), shown).value
    except OSError as error:
        raise CannotRun(f"the lexicon cannot be read: {error.strerror}", where=Where(path=shown)) from None
    if not isinstance(rows, list):
        raise UsageError("a file with a lexicon holds a list", where=Where(path=shown))
    return rows
