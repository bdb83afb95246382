"""Whether a run judges a change under review, and who lets its loosened rules pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlci.github.event import payload_of

_PULL = ("pull_request", "pull_request_target")
_MERGE_QUEUE = "merge_group"
_MERGED = ("push", "schedule")  # what they run on was reviewed before
_ACCEPTED = "the command line accepts it (--accept-rule-changes)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """What is known of a review: by whom loosened rules are let pass."""

    labels: tuple[str, ...] = ()
    """The labels of the pull request or merge request."""
    told: str = ""
    """Why loosened rules pass whatever the labels are; empty where they do not."""

    def accepts(self, label: str) -> str:
        """Return why loosened rules pass; empty where nobody lets them."""
        return self.told or (f"the label `{label}` is set" if label in self.labels else "")


def review_of(environ: Mapping[str, str], *, base: str | None, accept: bool) -> Review | None:
    """Return the review that a run belongs to; None where it judges the work tree by its own rules.

    A change is under review in a pull request, in a merge queue, in a merge request of GitLab, and wherever the base
    is named.
    """
    found = _found(environ, base=base)
    return replace(found, told=_ACCEPTED) if found and accept else found


def _found(environ: Mapping[str, str], *, base: str | None) -> Review | None:
    event = environ.get("GITHUB_EVENT_NAME", "")
    if event == _MERGE_QUEUE:
        return Review(told="the pull request's own run has decided on it")
    if event in _PULL:
        return Review(labels=labels_in(payload_of(environ.get("GITHUB_EVENT_PATH", ""))))
    if environ.get("CI_MERGE_REQUEST_IID"):
        given = environ.get("CI_MERGE_REQUEST_LABELS", "").split(",")
        return Review(labels=tuple(label.strip() for label in given if label.strip()))
    return Review() if base and event not in _MERGED else None


def labels_in(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the labels of the pull request in a payload."""
    pull = payload.get("pull_request")
    labels = pull.get("labels") if isinstance(pull, dict) else None
    found = [each.get("name") for each in labels if isinstance(each, dict)] if isinstance(labels, list) else []
    return tuple(name for name in found if isinstance(name, str))
