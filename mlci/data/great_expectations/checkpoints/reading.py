"""What the readers of all shapes of checkpoints share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.data.great_expectations.model import Note
from mlci.documents import Document
from mlci.errors import Where, did_you_mean
from mlci.places import Key, dotted
from mlci.results.model import Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A checkpoint file."""

    name: str
    document: Document
    sources: tuple[Path, ...]
    """The file and the project file."""

    def note(self, part: str, status: Status, summary: str, reason: str, where: Where | None = None) -> Note:
        """Return what has to be said of it."""
        return Note(
            name=f"{self.name}.{part}",
            status=status,
            summary=summary,
            reason=reason,
            where=where or self.document.where(),
            sources=self.sources,
        )

    def unknown(self, key: Key, mapping: Mapping[str, Any], known: Collection[str]) -> Iterator[Note]:
        """Give a note for every entry of the mapping at `key` that says something and is not known."""
        for name, value in mapping.items():
            if name not in known and value not in (None, "", [], {}, False):
                at = dotted((*key, name))
                reason = f"`{at}` is not supported; {did_you_mean(name, known)}".rstrip("; ")
                summary = f"checkpoint `{self.name}`: `{at}`"
                yield self.note(at, "errored", summary, reason, self.document.where(*key, name))

    def malformed(self, key: Key, said: str) -> Note:
        """Return a note that what stands at `key` is not what it should be."""
        at = dotted(key)
        return self.note(at, "errored", f"checkpoint `{self.name}`: `{at}`", said, self.document.where(*key))


def result_format(checkpoint: Checkpoint, key: Key) -> Note:
    """Return a note that results are not told in the format which stands at `key`."""
    return checkpoint.note(
        ".".join(map(str, key)),
        "skipped",
        f"checkpoint `{checkpoint.name}`: `{dotted(key)}` changes nothing",
        "mlci reports results itself; `mlci data --gx-results DIR` writes them in the shape of Great Expectations",
        checkpoint.document.where(*key),
    )
