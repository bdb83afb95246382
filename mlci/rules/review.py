"""Whether a run judges a change under review, and who lets its loosened rules pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mlci.ci import told_of
from mlci.github.event import event_of, payload_of

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

    A change is under review in a pull request, in a merge queue, in a merge request, and wherever the base is named and
    the run is not that of a push, which was reviewed before.
    """
    found = _found(environ, base=base)
    return replace(found, told=_ACCEPTED) if found and accept else found


def _found(environ: Mapping[str, str], *, base: str | None) -> Review | None:
    told = told_of(environ)
    if told is not None and told.kind == "queue":
        return Review(told="the run of the pull request has decided on it")
    if told is not None and told.kind == "change":
        return Review(labels=_labels(environ))
    return Review() if base and (told is None or told.kind != "push") else None


def _labels(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the labels that the event of GitHub, or the variables of GitLab, tell of."""
    if environ.get("GITHUB_EVENT_NAME"):
        return event_of(environ, payload_of(environ.get("GITHUB_EVENT_PATH", ""))).labels
    given = (label.strip() for label in environ.get("CI_MERGE_REQUEST_LABELS", "").split(","))
    return tuple(label for label in given if label)
