"""The formats of data files: the ends of names that tell them, and the modules that read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
"""The format by the end of a file's name."""
COMPRESSIONS: Mapping[str, str] = {
    ".gz": "gzip",
    ".gzip": "gzip",
    ".zst": "zstd",
    ".zstd": "zstd",
    ".bz2": "bz2",
    ".xz": "xz",
    ".zip": "zip",
}
TEXT: Mapping[str, str] = {
    "csv": "mlci.data.sources.csv",
    "tsv": "mlci.data.sources.csv",
    "json": "mlci.data.sources.json",
    "jsonl": "mlci.data.sources.json",
    "excel": "mlci.data.sources.excel",
}
"""Modules with a function `load` that returns `Fields`."""
TYPED: Mapping[str, str] = {"parquet": "mlci.data.sources.parquet", "arrow": "mlci.data.sources.arrow"}
"""Modules with a function `relation`: the format has types of its own."""


def compression_of(name: str) -> str | None:
    """Return how a file is compressed, by the end of its name."""
    return COMPRESSIONS.get(PurePosixPath(name).suffix.lower())


def format_by_name(name: str) -> str | None:
    """Return the format of a file by its name, compressed or not."""
    path = PurePosixPath(name)
    if path.suffix.lower() in COMPRESSIONS:
        path = path.with_suffix("")
    return FORMATS.get(path.suffix.lower())
