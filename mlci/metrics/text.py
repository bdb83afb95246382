"""Metrics of texts as answers, compared by the rules of SQuAD (Rajpurkar et al. 2016)."""

from __future__ import annotations

import re
import string
from collections import Counter
from itertools import starmap

from mlci.metrics import METRICS
from mlci.metrics.scorer import PairedTest, Sample, Scorer

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def tokens(text: object) -> list[str]:
    """Return the words of a text in lower case, without punctuation and the articles a, an and the."""
    return _ARTICLES.sub(" ", str(text).lower().translate(_PUNCTUATION)).split()


def same(true: object, said: object) -> bool:
    """Whether two texts have the same words in the same order."""
    return tokens(true) == tokens(said)


def overlap(true: object, said: object) -> float:
    """Return the F1 of the words of two texts; texts without words are right when both are."""
    wanted, given = Counter(tokens(true)), Counter(tokens(said))
    if not wanted or not given:
        return float(wanted == given)
    return 2 * (wanted & given).total() / (wanted.total() + given.total())


def exact_match(sample: Sample) -> float:
    """Share of texts that are right but for case, punctuation, spaces and English articles."""
    right, n = matched(sample)
    return right / n


def token_f1(sample: Sample) -> float:
    """Mean F1 of the words of true and predicted text, without case, punctuation and English articles."""
    return sum(starmap(overlap, zip(sample.truth, sample.predicted, strict=True))) / len(sample.truth)


def matched(sample: Sample) -> tuple[int, int]:
    """Count the texts that are right, out of all."""
    return sum(starmap(same, zip(sample.truth, sample.predicted, strict=True))), len(sample.truth)


for _compute, _counts in ((exact_match, matched), (token_f1, None)):
    _name = _compute.__name__
    METRICS.register(
        _name,
        Scorer(
            name=_name,
            compute=_compute,
            higher_is_better=True,
            needs="texts",
            paired=PairedTest("text", _name),
            counts=_counts,
            span=1,
        ),
    )
