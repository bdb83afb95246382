"""What examples look like, as numbers: the weights of the words of texts, numbers, and categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mlci.statistics.encoding import is_missing

if TYPE_CHECKING:
    from mlci.statistics.paired import Floats

DIMENSIONS = 20
MOST_WORDS = 5_000
MOST_CATEGORIES = 30
SEED = 0


def features(inputs: Sequence[Any]) -> Floats:
    """Return an array of (examples, at most 20): columns of the inputs, reduced to their main directions.

    Texts are TF-IDF of words, numbers are standardised, a missing one being the mean, and categories are 0 or 1.
    """
    columns = _columns(inputs)
    blocks = [block for values in columns.values() if (block := _block(values)) is not None]
    if not blocks:
        return np.zeros((len(inputs), 1))
    return np.concatenate(blocks, axis=1)


def plane(points: Floats) -> Floats:
    """Return the two main directions of `points` (principal components), as an array of (examples, 2)."""
    centred = points - points.mean(axis=0)
    if centred.shape[1] == 1:
        return np.hstack([centred, np.zeros((len(centred), 1))])
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    flat: Floats = centred @ _with_fixed_signs(directions[:2]).T
    return flat


def _with_fixed_signs(directions: Floats) -> Floats:
    largest = directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)]
    fixed: Floats = directions * np.where(largest < 0, -1.0, 1.0)[:, None]
    return fixed


def _columns(inputs: Sequence[Any]) -> dict[str, list[Any]]:
    if inputs and isinstance(inputs[0], Mapping):
        return {name: [row[name] for row in inputs] for name in inputs[0]}
    return {"input": list(inputs)}


def _block(values: Sequence[Any]) -> Floats | None:
    known = [value for value in values if not is_missing(value)]
    if not known or isinstance(known[0], list | dict):
        return None
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return _numbers(values)
    texts = ["" if is_missing(value) else str(value) for value in values]
    return _words(texts) if len(set(texts)) > MOST_CATEGORIES else _categories(texts)


def _numbers(values: Sequence[Any]) -> Floats:
    numbers = np.asarray([np.nan if is_missing(value) else float(value) for value in values])
    numbers = np.where(np.isfinite(numbers), numbers, np.nanmean(numbers[np.isfinite(numbers)]))
    spread = float(numbers.std()) or 1.0
    standard: Floats = ((numbers - numbers.mean()) / spread)[:, None]
    return standard


def _categories(texts: Sequence[str]) -> Floats:
    names = sorted(set(texts))
    return np.asarray([[float(text == name) for name in names] for text in texts])


def _words(texts: Sequence[str]) -> Floats | None:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        weights = TfidfVectorizer(max_features=MOST_WORDS, min_df=2, sublinear_tf=True).fit_transform(texts)
    except ValueError:  # no word occurs twice
        return None
    size = min(DIMENSIONS, weights.shape[1] - 1, weights.shape[0] - 1)
    if size < 1:
        return np.asarray(weights.todense())
    with np.errstate(divide="ignore", invalid="ignore"):  # of a share of variance that nobody asks for
        reduced = TruncatedSVD(size, random_state=SEED).fit_transform(weights)
    spread = float(reduced.std()) or 1.0
    return np.asarray(reduced) / spread
