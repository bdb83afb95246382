"""What a key of an asset asks for, one setting or several: each is judged, and ends as a check, on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from mlci.errors import MlciError, Where
from mlci.expectations.columns import CannotJudge, MissingColumn
from mlci.results.model import Check, failed_or_warned

if TYPE_CHECKING:
    from mlci.data.asset_checks import Subject

Judge = Callable[[Any, str, Where], Iterator[Check]]
"""Given a setting, the end of the id of its check and its place; gives its checks."""


def listed(names: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return one name or several as a tuple."""
    return (names,) if isinstance(names, str) else names


def each_setting(subject: Subject, attribute: str, name_of: Callable[[Any], str], judge: Judge) -> Iterator[Check]:
    """Yield the checks of every setting of the key `attribute`; one that cannot be judged is a check that says why.

    A column that does not exist is a failed check, anything else an errored one.
    """
    asset = subject.asset
    key = attribute.replace("_", "-")
    value = getattr(asset.asset, attribute)
    settings = value if isinstance(value, tuple) else (value,)
    seen: Counter[str] = Counter()
    for index, setting in enumerate(settings):
        part = f"{key}.{name_of(setting)}"
        seen[part] += 1
        part = part if seen[part] == 1 else f"{part}~{seen[part]}"
        where = asset.where(key, index) if isinstance(value, tuple) else asset.where(key)
        if not subject.rows and asset.asset.allow_empty:
            reason = f"`{asset.asset.shown}` has no rows, and `allow-empty: true` is set"
            yield asset.check(part, "skipped", f"`{key}` of {asset.name} is not checked", reason, where)
            continue
        try:
            yield from judge(setting, part, where)
        except Exception as error:  # noqa: BLE001 - whatever an engine raises is the result of this setting
            status = failed_or_warned(setting.severity) if isinstance(error, MissingColumn) else "errored"
            summary = f"`{key}` of {asset.name} could not be checked"
            yield asset.check(part, status, summary, _said(error), where, severity=setting.severity)


def _said(error: Exception) -> str:
    if isinstance(error, (MlciError, CannotJudge)):
        return str(error)
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"
