"""Texts that are nearly the same: candidates that share their rarest words, verified word by word.

`similarity` of two texts is 2 L / (m + n), of which m and n are their numbers of words and L is the length of their
longest common subsequence of words; case, punctuation and whitespace do not count.
"""

from __future__ import annotations

from mlci.data.across.near.pairs import Near, near_copies
from mlci.data.across.near.similarity import DEFAULT, similarity

__all__ = ["DEFAULT", "Near", "near_copies", "similarity"]
