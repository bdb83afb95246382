"""What waivers must keep to beyond the shape of their keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from mlci.config.model import Config
from mlci.config.waivers import Waiver
from mlci.places import Key

Problem = tuple[Key, str, str]

_RELATIVE = re.compile(r"\d+(\.\d+)?\s*%")


def problems_of_waivers(config: Config) -> Iterator[Problem]:
    """Give every mistake of `waivers:` as its key, what is wrong and what to do."""
    if config.waivers and config.baseline is None:
        yield ("waivers",), "needs `baseline:`", "Without one nothing is compared, so there is nothing to waive."
    if not isinstance(config.waivers, str):
        yield from problems_of(config.waivers, ("waivers",))


def problems_of(waivers: Sequence[Waiver], key: Key) -> Iterator[Problem]:
    """Give every mistake of `waivers`, which stand at `key`."""
    seen: set[tuple[str, str | None]] = set()
    for at, waiver in enumerate(waivers):
        yield from _problems((*key, at), waiver)
        if (waiver.metric, waiver.slice) in seen:
            yield (*key, at), f'waives "{waiver.metric}" a second time', "Keep one of the two."
        seen.add((waiver.metric, waiver.slice))


def _problems(key: Key, waiver: Waiver) -> Iterator[Problem]:
    for name in ("metric", "reason", "owner"):
        if not getattr(waiver, name).strip():
            yield (*key, name), "is empty", ""
    loss = waiver.max_loss
    if isinstance(loss, str) and not _RELATIVE.fullmatch(loss):
        yield (*key, "max-loss"), f'must be a number or a share such as "2%", not "{loss}"', ""
    if isinstance(loss, float | int) and loss < 0:
        yield (*key, "max-loss"), "must not be negative", ""
    try:
        date.fromisoformat(waiver.until)
    except ValueError:
        yield (*key, "until"), f'must be a date such as 2026-12-31, not "{waiver.until}"', ""
