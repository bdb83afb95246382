"""What mlci calls: predictions for a list of rows."""

from functools import cache
from typing import Any

import joblib

from cancer.features import table
from cancer.train import MODEL


@cache
def _model() -> Any:
    return joblib.load(MODEL)


def predict(rows: list[dict[str, float]]) -> list[dict[str, Any]]:
    """Return, for each row of measurements, its label and the probability of either class."""
    model = _model()
    answers = []
    for probabilities in model.predict_proba(table(rows)):
        by_class = dict(zip(model.classes_, map(float, probabilities), strict=True))
        answers.append({"label": max(by_class, key=by_class.__getitem__), "probabilities": by_class})
    return answers
