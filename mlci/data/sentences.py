"""What became of an expectation, in a sentence that a person likes to read.

The words come from the docstrings of the expectations: the first line says what is expected, `Else:` what a
violation is; names of arguments in backticks are replaced by what was given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlci.data.suites import Asked
from mlci.data.validation import ExpectationResult
from mlci.expectations import EXPECTATIONS

_BETWEEN = re.compile(r"(do not )?(lies?|are)( not)? between `min_value` and `max_value`")
_LONGEST = 80
_ROWS = 5


def subject(asked: Asked) -> str:
    """Return what the expectation is about: a column, several, or the table."""
    columns = subjects(asked.kwargs)
    names = ", ".join(f"`{column}`" for column in columns)
    return f"column{'s' * (len(columns) > 1)} {names}" if columns else "table"


def subjects(kwargs: Mapping[str, Any]) -> list[str]:
    """Return the columns that arguments name."""
    listed = kwargs.get("column_list") if isinstance(kwargs.get("column_list"), list) else []
    named = [kwargs[name] for name in ("column", "column_A", "column_B") if isinstance(kwargs.get(name), str)]
    return [*named, *map(str, listed or [])]


def summary(asked: Asked, result: ExpectationResult) -> str:
    """Return one line: what was looked at and what was seen."""
    about = subject(asked) if not asked.name.startswith("expect_table_") else "table"
    if result.missing_column and result.error:
        return result.error.partition(";")[0]
    if result.error:
        return f"{about}: {asked.name} could not be checked"
    seen = _seen(asked, result)
    return f"{about}: {seen}"


def reason(asked: Asked, result: ExpectationResult) -> str:
    """Return why it was not met: the summary, and the first rows."""
    if result.error:
        return result.error
    seen = summary(asked, result)
    rows = ", ".join(map(str, result.rows[:_ROWS])) + (", …" if (result.unexpected_count or 0) > _ROWS else "")
    shown = bool(result.rows) and "row_order" not in result.details
    return f"{seen}; row{'s' * (len(result.rows) > 1)} {rows}" if shown else seen


def _seen(asked: Asked, result: ExpectationResult) -> str:
    documented = asked.own or EXPECTATIONS[asked.name]
    given = {**(asked.own.defaults if asked.own else {}), **asked.kwargs}
    expected, violation = wording(documented.__doc__ or "", given)
    if "no numbers" in result.details:
        looked = (result.element_count or 0) - (result.missing_count or 0)
        return f"{result.unexpected_count} of {looked} values are no numbers; expected: {expected}"
    if result.unexpected_count is not None and result.element_count is not None:
        return _share(asked, result, expected, violation)
    mismatched = _mismatched(result.details)
    if mismatched:
        return f"{mismatched}; {expected}"
    sizes = result.observed_value
    if isinstance(sizes, Mapping) and set(sizes) == {"self", "other"} and not result.success:
        return f"it has {sizes['self']:,} rows, the other {sizes['other']:,}; expected: {expected}"
    counted = _counted(result, "rows" if asked.name == "unexpected_rows_expectation" else "distinct values")
    if counted:
        return f"{counted}; expected: {expected}"
    value = result.observed_value
    observed = _told_apart(value, asked.kwargs) if isinstance(value, float) else str(value)
    shown = isinstance(value, int | float) and not isinstance(value, bool)
    if result.success:
        return f"{expected} (it is {observed})" if shown else expected
    if shown:
        return f"it is {observed}; expected: {expected}"
    return f"there is no value; expected: {expected}" if value is None and _observes(asked) else f"expected: {expected}"


def _told_apart(value: float, kwargs: Mapping[str, Any]) -> str:
    """Return a number in short, or whole where a bound would read the same."""
    bounds = (kwargs.get("min_value"), kwargs.get("max_value"))
    alike = any(isinstance(each, float) and each != value and f"{each:g}" == f"{value:g}" for each in bounds)
    return repr(float(value)) if alike else f"{value:g}"


def _counted(result: ExpectationResult, things: str) -> str:
    """Return how many distinct values, or rows of a query, are not as expected, where that is what was counted."""
    missing = result.details.get("missing") or ()
    parts = [f"{result.unexpected_count} {things} are not expected"] if result.unexpected_count else []
    return ", ".join([*parts, f"there is no {_value(list(missing))}"] if missing else parts)


def _observes(asked: Asked) -> bool:
    return asked.name.startswith("expect_column_") and not asked.name.startswith("expect_column_to_")


def _share(asked: Asked, result: ExpectationResult, expected: str, violation: str) -> str:
    looked = (result.element_count or 0) - (result.missing_count or 0)
    things = "values" if len(subjects(asked.kwargs)) == 1 else "rows"
    if not result.unexpected_count:
        return f"{expected} ({looked} {things if looked != 1 else things[:-1]})"
    said = violation or f"are not as expected: {expected}"
    mostly = asked.kwargs.get("mostly")
    mostly = 1 if mostly is None else mostly
    shown = f"{mostly:g}" if isinstance(mostly, int | float) else str(mostly)
    return f"{result.unexpected_count} of {looked} {things} {said} (mostly {shown})"


def _mismatched(details: Mapping[str, Any]) -> str:
    inner = details.get("mismatched")
    named = inner if isinstance(inner, Mapping) else details
    missing, extra = named.get("missing") or (), named.get("unexpected") or ()
    parts = [
        f"{word} {', '.join(f'`{name}`' for name in names)}"
        for word, names in (("missing", missing), ("unexpected", extra))
        if names
    ]
    if not parts and isinstance(inner, list) and inner:
        return f"at position {inner[0]['position']} stands `{inner[0]['found']}`, expected `{inner[0]['expected']}`"
    return ", ".join(parts)


def wording(text: str, kwargs: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is expected, and what a violation is, from a docstring with the arguments filled in."""
    first = text.strip().splitlines()[0].rstrip(".")
    found = re.search(r"^\s*Else: (.*?)\.?$", text, re.MULTILINE)
    return _filled(first[:1].lower() + first[1:], kwargs), _filled(found.group(1), kwargs) if found else ""


def _filled(text: str, kwargs: Mapping[str, Any]) -> str:
    text = _BETWEEN.sub(lambda found: _bounds(found, kwargs), text)
    return re.sub(r"`(\w+)`", lambda found: _value(kwargs.get(found.group(1)), found.group(0)), text)


def _bounds(found: re.Match[str], kwargs: Mapping[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    strict_low, strict_high = kwargs.get("strict_min") is True, kwargs.get("strict_max") is True
    verb = found.group(2)
    negated = " not" if found.group(1) or found.group(3) else ""
    if low is not None and high is not None and not (strict_low or strict_high):
        return f"{found.group(0).partition(' between ')[0]} between {_value(low)} and {_value(high)}"
    above = f"{'above' if strict_low else 'at least'} {_value(low)}"
    below = f"{'below' if strict_high else 'at most'} {_value(high)}"
    both = " and ".join(part for part, bound in ((above, low), (below, high)) if bound is not None)
    return f"{'is' if verb == 'lies' else 'are'}{negated} {both or 'anything'}"


def _value(value: Any, otherwise: str = "") -> str:
    if value is None:
        return otherwise
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
