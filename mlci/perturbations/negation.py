"""Putting "not" into a sentence, or taking it out."""

from __future__ import annotations

import re
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation
from mlci.perturbations.words import like

_VERBS = "am|is|are|was|were|will|would|can|could|should|must|may|might|shall"
_MAIN = "has|have|had|does|do|did"
_NO_OBJECT = r"(?!\s+(?:an?|the|this|that|these|those|no|some|any|all|\d+)\b)"
_NOT_AFTER = r"(?!n['’]t|\s+(?:not|never|n['’]t)\b|['’])"
# Behind a word that may be its subject: "Is it good?" and "@shop is it open?" ask, and are left alone, as is "are you".
# "have a", "did it" and "have to" are main verbs.
_ADD = re.compile(
    rf"(?P<before>(?<!\S)(?:[^\s@#]\S*)?[\w'’)]\s+)(?P<verb>(?:{_VERBS})\b|(?:{_MAIN})\b{_NO_OBJECT}){_NOT_AFTER}"
    r"(?!\s+(?:you|I|he|she|it|we|they|there|our|your|my|his|her|to)\b)(?=\s+\w)",
    re.IGNORECASE,
)
_SHORT = {"isn't": "is", "aren't": "are", "wasn't": "was", "weren't": "were", "won't": "will", "wouldn't": "would",
          "can't": "can", "cannot": "can", "couldn't": "could", "shouldn't": "should", "mustn't": "must",
          "hasn't": "has", "haven't": "have", "hadn't": "had", "doesn't": "does", "don't": "do", "didn't": "did",
          "mightn't": "might", "shan't": "shall", "needn't": "need"}  # fmt: skip
_REMOVE = re.compile(
    rf"\b(?P<short>{'|'.join(_SHORT)})\b|\b(?P<verb>{_VERBS}|{_MAIN})(?P<not>\s+(?:not|never))\b".replace("'", "['’]"),
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?P<who>I|you|we|they)(?P<space>\s+)(?P<verb>like|love|hate|want|need|think|know|enjoy|recommend|trust|believe|"
    r"agree|feel|see|hear|get|go|use|work|live|play|remember|understand|prefer|expect|hope|care|mind|like)\b",
    re.IGNORECASE,
)


def _way(text: str, mode: str = "either", **_: Any) -> str | None:
    if mode != "add" and _REMOVE.search(text):
        return "remove"
    if mode != "remove" and (_ADD.search(text) or _PLAIN.search(text)):
        return "add"
    return None


@perturbation(
    "negation",
    of="text",
    unchanged="texts without a negated auxiliary verb, and without one behind its subject that could be negated",
    applies=lambda text, **settings: _way(text, **settings) is not None,
)
def negation(text: str, rng: Random, *, mode: Literal["either", "add", "remove"] = "either") -> str:
    """Take the first "not" out of the text, or put one in where there is none."""
    del rng
    if _way(text, mode) == "remove":
        return _REMOVE.sub(_removed, text, count=1)
    if _ADD.search(text):
        return _ADD.sub(lambda match: f"{match['before']}{_negated(match['verb'])}", text, count=1)
    return _PLAIN.sub(lambda match: f"{match['who']}{match['space']}do not {match['verb']}", text, count=1)


def _removed(match: re.Match[str]) -> str:
    if match["short"] is None:
        return match["verb"]
    return like(match["short"], _SHORT[match["short"].lower().replace("’", "'")])


def _negated(verb: str) -> str:
    if verb.lower() == "can":
        return like(verb, "cannot")
    return f"{verb} NOT" if len(verb) > 1 and verb.isupper() else f"{verb} not"
