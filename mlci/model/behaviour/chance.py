"""Where chance comes from: always from a seed, and always the same on every machine."""

from __future__ import annotations

from random import Random


def generator(*seeds: object) -> Random:
    """Return a random generator that depends on `seeds` alone."""
    text = ":".join(map(str, seeds))
    return Random(text.encode(errors="surrogatepass"))  # noqa: S311 - nothing here is a secret
