"""Paired metrics of texts as answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlci.metrics.text import overlap, same
from mlci.statistics.examples import Part
from mlci.statistics.measured import Measured
from mlci.statistics.paired import Floats, mean_evidence, share_evidence


def exact_match(part: Part) -> Measured:
    """Measure the share of texts that are right but for case, punctuation and articles: mid-p McNemar."""
    before, after = _values(part, same)
    wrong, right = int((before > after).sum()), int((after > before).sum())
    return _measured(before, after, evidence=lambda: share_evidence(wrong, right, len(part)))


def token_f1(part: Part) -> Measured:
    """Measure the mean F1 of the words of true and predicted text: paired t."""
    before, after = _values(part, overlap)
    return _measured(before, after, evidence=lambda: mean_evidence(before - after))


def _values(part: Part, value: Callable[[Any, Any], float]) -> tuple[Floats, Floats]:
    texts = part.texts
    before, after = (
        np.fromiter((value(true, said) for true, said in zip(texts.label, side, strict=True)), float, len(part))
        for side in (texts.before, texts.after)
    )
    return before, after


def _measured(before: Floats, after: Floats, *, evidence: Callable[[], Any]) -> Measured:
    drop = before - after
    return Measured(
        baseline=float(before.mean()),
        candidate=float(after.mean()),
        higher_is_better=True,
        evidence=evidence,
        influence=lambda: drop - drop.mean(),
    )
