"""What a project's plugins import: decorators that mark functions as the project's own vocabulary.

It needs Python 3.8 and the standard library alone, and imports nothing of mlci. Plugins run in the worker, under the
project's interpreter; where mlci is not installed there, the worker lets this file be imported as `mlci.plugins`.
A decorated function stays the plain function that it was.
"""

import inspect
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

__all__ = ["Prediction", "behaviour", "cases", "expectation", "metric", "perturbation"]

MARK = "__mlci__"
"""The attribute that a decorator sets: what the function is, under which name."""
OVER = ("values", "rows", "frame")
REGISTERED: List[Callable[..., Any]] = []
"""Every function that was decorated in this process; of two with one name the last counts."""


class Prediction(NamedTuple):
    """What a model says about one input."""

    label: Any
    """The predicted label or number."""
    probabilities: Optional[Dict[Any, float]] = None
    """The probability of each class, where the model gives one."""
    outputs: Optional[Dict[str, "Prediction"]] = None
    """The prediction of each output by name, of a model with several."""


def expectation(
    function: Optional[Callable[..., Any]] = None,
    *,
    name: Optional[str] = None,
    over: Optional[str] = None,
    columns: Sequence[str] = (),
    missing: bool = False,
) -> Any:
    """Mark an expectation of data; what it is given follows from the name of its first parameter, or from `over`.

    Args:
        function: it. Its other parameters are the arguments of the expectation.
        name: what it is called; the function's name when left out.
        over: `values`: a list of values of the column `column`, of which it says for each whether it is as expected.
            `rows`: all rows as dicts, to be iterated over; `frame`: all rows as a pandas frame. Of these it returns
            whether they are as expected, `{"success": …, "observed_value": …}`, or a truth value for each row.
        columns: the columns of rows that it needs; every column when left out.
        missing: whether missing values are given to a function over values too, as None.
    """

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        first = next(iter(inspect.signature(function).parameters), "")
        chosen = over or first
        if chosen not in OVER:
            said = "the first parameter of %s is %r" % (function.__name__, first) if over is None else "over=%r" % over
            raise TypeError("an expectation is given values, rows or frame: %s" % said)
        return _marked(function, "expectation", name, over=chosen, columns=list(columns), missing=missing)

    return mark if function is None else mark(function)


def perturbation(function: Optional[Callable[..., Any]] = None, *, name: Optional[str] = None, of: str = "text") -> Any:
    """Mark a perturbation: a function of an input and a `random.Random` that returns the changed input.

    `of` is `text`, `row` (a dict of columns) or `image` (a Pillow image). Returning an equal input says that there is
    nothing to change. Further parameters are its settings.
    """
    if of not in ("text", "row", "image"):
        raise TypeError("a perturbation is of text, row or image, not %r" % (of,))
    return _decorator(function, "perturbation", name, of=of)


def metric(
    function: Optional[Callable[..., Any]] = None, *, name: Optional[str] = None, direction: Optional[str] = None
) -> Any:
    """Mark a metric: a function of the labels and the predictions, and of `probabilities` and `inputs` if it has them.

    It returns a number for each example, whose mean is the metric, or one number. `direction` is `higher` or `lower`:
    which way is better. Further parameters are its settings.
    """
    if direction not in (None, "higher", "lower"):
        raise TypeError("direction is higher or lower, not %r" % (direction,))
    return _decorator(function, "metric", name, direction=direction)


def behaviour(
    function: Optional[Callable[..., Any]] = None, *, name: Optional[str] = None, compares: bool = False
) -> Any:
    """Mark an expectation of predictions in behaviour suites.

    It takes any of `original, variant, before, after, label`: the inputs, their predictions and the case's own label.
    It returns True or False, or None where it does not apply. With `compares` it is refused in tests of type MFT,
    which have no original. Further parameters are its settings.
    """
    return _decorator(function, "behaviour", name, compares=compares)


def cases(function: Optional[Callable[..., Any]] = None, *, name: Optional[str] = None) -> Any:
    """Mark a function that makes cases of a behaviour test: inputs, or dicts with `input` or `inputs`, and `label`.

    Its first parameter is a `random.Random`, if it has one without a default; further parameters are its settings.
    """
    return _decorator(function, "cases", name)


def _decorator(function: Optional[Callable[..., Any]], kind: str, name: Optional[str], **more: Any) -> Any:
    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        return _marked(function, kind, name, **more)

    return mark if function is None else mark(function)


def _marked(function: Callable[..., Any], kind: str, name: Optional[str], **more: Any) -> Callable[..., Any]:
    setattr(function, MARK, dict(more, kind=kind, name=name or function.__name__))
    REGISTERED.append(function)
    return function
