"""The words of a text column as conditions: those that go with errors, or those that most texts have."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mlci.statistics.discovery.conditions import Condition, distinct, identifier
from mlci.statistics.encoding import Column
from mlci.statistics.paired import Floats, Ints

MOST_WORDS = 50
MOST_COMMON_WORDS = 100
WORD = re.compile(r"\w{2,}")
_NO_WORD = r"[^\p{L}\p{N}_]"
"""As `\\W` of Python; DuckDB's knows ASCII alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The words of one column that enough texts have and no more than half of them."""

    column: str
    texts: int
    smallest: int
    rows: Mapping[str, Ints]
    """Which texts have the word, in order."""

    @classmethod
    def of(cls, name: str, column: Column, *, smallest: int) -> Words:
        """Read each text once."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for row, text in enumerate(column.tolist()):
            if isinstance(text, str):
                for word in set(WORD.findall(text.lower())):
                    found[word].append(row)
        kept = {word: np.asarray(rows) for word, rows in found.items() if smallest <= len(rows) <= len(column) / 2}
        return cls(column=name, texts=len(column), smallest=smallest, rows=kept)

    def going_with(self, errors: Floats, explored: Ints) -> list[Condition]:
        """Return conditions for the words that go with errors most, judged by the explored rows alone."""
        excess, counted = np.zeros(self.texts), np.zeros(self.texts)
        excess[explored] = errors[explored] - errors[explored].mean()
        counted[explored] = 1.0
        score = {
            word: float(excess[rows].sum()) / float(size) ** 0.5
            for word, rows in self.rows.items()
            if (size := counted[rows].sum())
        }
        return self._conditions(sorted(score, key=lambda word: (-score[word], word))[:MOST_WORDS])

    def common(self) -> list[Condition]:
        """Return conditions for the words that most texts have, which no error has a part in choosing."""
        return self._conditions(sorted(self.rows, key=lambda word: (-len(self.rows[word]), word))[:MOST_COMMON_WORDS])

    def _conditions(self, words: Iterable[str]) -> list[Condition]:
        return distinct(map(self._condition, words), smallest=self.smallest)

    def _condition(self, word: str) -> Condition:
        holds = np.zeros(self.texts, dtype=bool)
        holds[self.rows[word]] = True
        return Condition(
            column=self.column,
            text=f'{self.column} contains "{word}"',
            sql=rf"regexp_matches(lower({identifier(self.column)}), '(^|{_NO_WORD}){word}({_NO_WORD}|$)')",
            holds=holds,
        )
