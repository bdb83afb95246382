"""What an expectation function of CheckList expects, told from its name, its place and what it encloses.

A function that CheckList itself makes (`Expect.eq`, `inv`, `monotonic` and what wraps them) has a known shape. Every
other one is the suite's own and has to be written anew by hand, unless it only compares a prediction with a constant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlci.model.checklist.arrays import plain
from mlci.model.checklist.comparisons import Comparison, comparison_of
from mlci.model.checklist.values import Made, Name

_DEEPEST = 20
_ORIGINAL, _PREDICTION = 0, 1
"""Positions of arguments: pairwise functions begin with original and prediction, others with input and prediction."""
_CODE = {Name("types", "CodeType"), Name("dill._dill", "_create_code")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """A function as a pickle describes it."""

    name: str
    file: str
    """The file that it was written in, or the cell of a notebook."""
    variables: tuple[str, ...] = ()
    enclosed: Mapping[str, Any] = field(default_factory=dict)
    """The values of the variables around it that it uses."""

    @property
    def own(self) -> bool:
        """Whether CheckList itself made it."""
        return self.file.replace("\\", "/").endswith("checklist/expect.py")


class ByHandError(Exception):
    """An expectation that no expectation of ours stands for; its text says what it is."""


def function_of(value: Any) -> Function | None:
    """Return the function that `value` describes; None where it describes none."""
    if not isinstance(value, Made) or value.maker.name != "_create_function" or not value.arguments:
        return None
    code, *rest = value.arguments
    if not isinstance(code, Made) or code.maker not in _CODE:
        return None
    texts = [one for one in code.arguments if isinstance(one, str)]
    groups = [one for one in code.arguments if isinstance(one, tuple) and all(isinstance(part, str) for part in one)]
    free = code.arguments[-2] if len(code.arguments) > 1 and isinstance(code.arguments[-2], tuple) else ()
    closure = rest[3] if len(rest) > 3 and isinstance(rest[3], tuple) else ()  # noqa: PLR2004
    cells = [cell.arguments[0] if isinstance(cell, Made) and cell.arguments else None for cell in closure]
    return Function(
        name=texts[1] if len(texts) > 1 else "",
        file=texts[0] if texts else "",
        variables=tuple(name for group in groups for name in group),
        enclosed={name: cell for name, cell in zip(free, cells, strict=False) if isinstance(name, str)},
    )


def expected(value: Any, *, depth: int = 0) -> dict[str, Any]:
    """Return `expect`, and `only-if` where cases are left out, of the expectation function `value`.

    Raises `ByHandError` where there is no such thing among ours.
    """
    found = function_of(value)
    if found is None or depth > _DEEPEST:
        raise ByHandError("its expectation is no function that can be recognised")
    if not found.own:
        raise ByHandError(f"its expectation is the function {shown(found)}")
    known = {"expect": _over_cases, "wrapped": _sliced, "tmp_fn": _combined}.get(found.name)
    if known is None:
        raise ByHandError(f"its expectation is {found.name} of another version of CheckList")
    return known(found, depth)


def shown(function: Function) -> str:
    """Return a function's name with the place that it was written in."""
    place = function.file.replace("\\", "/").rpartition("/")[2]
    return f"{function.name[:100]} ({place[:100]})"


def _over_cases(found: Function, _depth: int) -> dict[str, Any]:
    """Read `Expect.testcase` or what is made with it: `Expect.single` and `Expect.pairwise` of a function."""
    inner = function_of(found.enclosed.get("fn"))
    if inner is None:
        raise ByHandError("its expectation looks at a whole test at once")
    if not inner.own or inner.name != "expect_fn":
        raise ByHandError(f"its expectation is the function {shown(inner)}")
    function = function_of(inner.enclosed.get("fn"))
    if function is None or not function.own:
        compared = comparison_of(inner.enclosed.get("fn"))
        if compared is not None and compared.argument == _PREDICTION:
            return {"expect": _label(compared)}
        raise ByHandError(f"its expectation is the function {shown(function)}" if function else "its expectation")
    return {"expect": _built_in(function)}


def _label(compared: Comparison) -> dict[str, Any]:
    return {"label" if compared.equal else "not-label": compared.constant}


def _built_in(function: Function) -> Any:
    enclosed = {name: plain(value) for name, value in function.enclosed.items()}
    if function.name == "ret_fn":
        value = enclosed.get("val")
        return "label" if value is None else {"label": value}
    if function.name == "expect" and "increasing" in enclosed:
        return {"monotonic": _monotonic(enclosed)}
    if function.name == "expect" and "tolerance" in enclosed:
        return {"same-prediction": {"tolerance": enclosed["tolerance"]}}
    raise ByHandError(f"its expectation is {function.name} of another version of CheckList")


def _monotonic(enclosed: Mapping[str, Any]) -> dict[str, Any]:
    settings = {
        "direction": "increasing" if enclosed["increasing"] else "decreasing",
        "tolerance": enclosed.get("tolerance", 0),
    }
    label = enclosed.get("keep_label")
    return settings if label is None else {**settings, "label": label}


def _combined(found: Function, depth: int) -> dict[str, Any]:
    how = function_of(found.enclosed.get("combine_fn"))
    code = () if how is None else how.variables
    if how is None or not how.own or not {"min", "max"} & set(code) or not found.enclosed.get("ignore_none", True):
        raise ByHandError(f"its expectations are combined by the function {shown(how)}" if how else "its expectation")
    parts = [expected(found.enclosed.get(f"expect_fn{at}"), depth=depth + 1) for at in (1, 2)]
    if any("only-if" in part for part in parts):
        raise ByHandError("its expectations look at different cases")
    return {"expect": {"all" if "min" in code else "any": [part["expect"] for part in parts]}}


def _sliced(found: Function, depth: int) -> dict[str, Any]:
    """Read `Expect.slice_…`: which cases are left out is decided by a function of the suite's own.

    Where that only compares the prediction of the original with a constant it is a condition of ours.
    """
    part = expected(found.enclosed.get("expect_fn"), depth=depth + 1)
    chosen = _of_originals(found.enclosed.get("slice_fn"))
    if chosen is not None and "only-if" not in part:
        return {**part, "only-if": _label(chosen)}
    raise PartlyByHandError(part, f"it leaves out cases by {_chooser(found.enclosed.get('slice_fn'))}")


class PartlyByHandError(ByHandError):
    """An expectation that is known, on cases chosen by a function that is not."""

    def __init__(self, part: dict[str, Any], what: str) -> None:
        super().__init__(what)
        self.part = part


def _of_originals(value: Any) -> Comparison | None:
    """Return what a choice by the prediction of the original compares it with; None for any other choice."""
    outer = function_of(value)
    inner = function_of(outer.enclosed.get("fn")) if outer is not None and outer.own else None
    if inner is None or not inner.own or "orig_pred" not in inner.variables:
        return None
    chooser = inner.enclosed.get("fn")
    passed_on = function_of(chooser)
    if passed_on is not None and passed_on.own:  # `Expect.slice_orig` puts a function of its own around it
        chooser = passed_on.enclosed.get("slice_fn")
    compared = comparison_of(chooser)
    return compared if compared is not None and compared.argument == _ORIGINAL else None


def _chooser(value: Any) -> str:
    found, chain = function_of(value), 0
    while found is not None and found.own and chain < _DEEPEST:
        inner = function_of(found.enclosed.get("fn")) or function_of(found.enclosed.get("slice_fn"))
        found, chain = inner, chain + 1
    return "a function" if found is None else f"the function {shown(found)}"
