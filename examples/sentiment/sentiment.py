"""The sentiment of a text, by vaderSentiment: what mlci calls."""

from functools import cache
from typing import Any

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

THRESHOLD = 0.05


@cache
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


def label(compound: float) -> str:
    """Return the label for VADER's compound score, between -1 and 1."""
    if compound >= THRESHOLD:
        return "positive"
    return "negative" if compound <= -THRESHOLD else "neutral"


def predict(texts: list[str]) -> list[dict[str, Any]]:
    """Return, for each text, its label and the probability of each class."""
    answers = []
    for text in texts:
        compound = _analyzer().polarity_scores(text)["compound"]
        shares = {"negative": max(-compound, 0.0), "neutral": 1 - abs(compound), "positive": max(compound, 0.0)}
        answers.append({"label": label(compound), "probabilities": shares})
    return answers
