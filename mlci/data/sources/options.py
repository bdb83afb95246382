"""Which keys of an asset apply to which formats: one that does not is a mistake, not a wish to be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from mlci.data.sources.formats import TEXT
from mlci.data.sources.reading import Reading
from mlci.errors import UsageError

_CSV = frozenset({"csv", "tsv"})
_WITH_HEADER = _CSV | {"excel"}
_APPLY: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("delimiter", "quote", "escape", "comment"), _CSV),
    **dict.fromkeys(("header", "names", "skip_rows"), _WITH_HEADER),
    **dict.fromkeys(("null_values", "types"), frozenset(TEXT)),
    "sheet": frozenset({"excel"}),
}


def refuse_options(reading: Reading, kind: str) -> None:
    """Raise `UsageError` where a key is set that the format `kind` has no use for."""
    plain = {each.name: each.default for each in fields(Reading)}
    for name, kinds in _APPLY.items():
        value = getattr(reading, name)
        if kind not in kinds and value != plain[name] and value not in (None, {}):
            applies = ", ".join(sorted(kinds))
            raise UsageError(
                f"`{name.replace('_', '-')}` does not apply to {kind}",
                where=reading.where(),
                fix=f"It is for {applies}.",
            )
