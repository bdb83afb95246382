"""Checks of a folder of images: files that can be read, no file twice, sizes, modes and the balance of classes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import narwhals as nw

from mlci.config.across import Images
from mlci.data.across.classes import balance
from mlci.data.across.found import Asked, check_of
from mlci.data.across.pictures import same_pictures
from mlci.data.batch import fetch
from mlci.errors import Where
from mlci.expectations.columns import ROW, CannotJudge
from mlci.numbers import count
from mlci.results.model import Check, Severity, failed_or_warned

if TYPE_CHECKING:
    from mlci.data.asset_checks import Subject

_SHOWN = 20
_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Image:
    row: int
    path: str
    label: str | None
    width: int | None
    height: int | None
    mode: str | None
    error: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rule:
    """What must be true of every image, with the words for it."""

    part: str
    right: str
    wrong: str
    holds: Callable[[_Image], bool]
    severity: Severity


def look(subject: Subject) -> Iterator[Check]:
    """Yield what the images of a folder are like; what is not asked for is not looked at."""
    if subject.asset.asset.format != "images" or not subject.rows:
        return
    asked = subject.asset.asset.images or Images()
    images = _images(subject)
    readable = [image for image in images if image.error is None]
    yield _with_others(subject, _every(subject, _readable(images), images))
    if not asked.duplicates:
        yield _duplicates(subject, asked, near=False)
    if asked.near:
        yield _duplicates(subject, asked, near=True)
    for rule in _rules(asked):
        yield _every(subject, rule, readable)
    if asked.min_per_class is not None or asked.max_imbalance is not None:
        classes = Counter(image.label for image in readable if image.label is not None)
        yield from balance(classes, asked, partial(_said, subject, severity=asked.severity))


def _images(subject: Subject) -> list[_Image]:
    names = ("path", "label", "width", "height", "mode", "error")
    found = fetch(subject.batch.numbered().select(nw.col(ROW), *(nw.col(name) for name in names)).sort(ROW))
    return [_Image(row=row, **dict(zip(names, values, strict=True))) for row, *values in found]


def _readable(images: Sequence[_Image]) -> _Rule:
    kinds = Counter(re.split(r"[:\d]", image.error)[0].removeprefix("is ").strip() for image in images if image.error)
    said = ", ".join(f"{amount} {kind}" for kind, amount in kinds.most_common(_NAMED))
    return _Rule(
        part="readable",
        right="can be read",
        wrong=f"cannot be read ({said})",
        holds=lambda image: image.error is None,
        severity="error",
    )


def _with_others(subject: Subject, check: Check) -> Check:
    """Add to a check what was left out."""
    from mlci.data.sources.images import others_below

    others = others_below(subject.asset.path)
    told = {"left_out": f"{count(others, 'file')} that by name are no images"} if others else {}
    return replace(check, details={**check.details, **told})


def _rules(asked: Images) -> Iterator[_Rule]:
    wanted = {
        "sizes": (" or ".join(asked.sizes), lambda image: any(_fits(image, size) for size in asked.sizes)),
        "min-size": (f"at least {asked.min_size}", lambda image: _is_large(image, asked.min_size or "")),
        "modes": (" or ".join(asked.modes), lambda image: image.mode in asked.modes),
    }
    for part, (said, holds) in wanted.items():
        if getattr(asked, part.replace("-", "_")):
            yield _Rule(part=part, right=f"are {said}", wrong=f"are not {said}", holds=holds, severity=asked.severity)


def _fits(image: _Image, size: str) -> bool:
    sides = zip((image.width, image.height), size.split("x"), strict=True)
    return all(limit in {"*", str(side)} for side, limit in sides)


def _is_large(image: _Image, size: str) -> bool:
    sides = zip((image.width or 0, image.height or 0), size.split("x"), strict=True)
    return all(limit == "*" or side >= int(limit) for side, limit in sides)


def _where(subject: Subject) -> Where:
    return subject.asset.where("images" if subject.asset.asset.images else "path")


def _said(
    subject: Subject,
    part: str,
    summary: str,
    *,
    holds: bool,
    severity: Severity,
    details: Mapping[str, Any] | None = None,
) -> Check:
    status = "passed" if holds else failed_or_warned(severity)
    reason = None if holds else summary
    return subject.asset.check(
        f"images.{part}", status, summary, reason, _where(subject), severity=severity, details=details
    )


def _every(subject: Subject, rule: _Rule, images: Sequence[_Image]) -> Check:
    """Return the check that a rule holds for every one of `images`."""
    bad = [image for image in images if not rule.holds(image)]
    if not bad:
        summary = f"all of {count(len(images), 'image')} {rule.right}"
        return _said(subject, rule.part, summary, holds=True, severity=rule.severity)
    failing = subject.failing(f"images.{rule.part}", (image.row for image in bad))
    rows = ", ".join(str(image.row) for image in bad[:_NAMED]) + ", …" * (len(bad) > _NAMED)
    summary = f"{len(bad):,} of {count(len(images), 'image')} {rule.wrong}; row{'s' * (len(bad) > 1)} {rows}"
    details = {
        "element_count": len(images),
        "unexpected_count": len(bad),
        **failing,
        "values": {"files": [_told(image) for image in bad[:_SHOWN]]},
    }
    return _said(subject, rule.part, summary, holds=False, severity=rule.severity, details=details)


def _told(image: _Image) -> str:
    return f"{image.path} {image.error or f'({image.width} × {image.height}, {image.mode})'}"


def _duplicates(subject: Subject, asked: Images, *, near: bool) -> Check:
    part = "images.near" if near else "images.duplicates"
    where = _where(subject)
    try:
        found = same_pictures(subject.batch, asked.near if near else False)
    except CannotJudge as error:
        return subject.asset.check(part, "errored", "pictures that look the same could not be found", str(error), where)
    settings = Asked(
        part=part, where=where, columns=(), near=near, others="in the folder", max_share=0, severity=asked.severity
    )
    return check_of(subject, settings, found, things="image")
