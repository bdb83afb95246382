"""What a model says about one input, whatever shape it says it in."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any, NamedTuple

from mlci.errors import CannotRun
from mlci.metrics.scorer import Label

SUM_TOLERANCE = 1e-3
_PAIRS: tuple[set[type], ...] = ({tuple}, {list}, {dict})
_LOW, _HIGH = 1 - SUM_TOLERANCE, 1 + SUM_TOLERANCE


class InvalidAnswer(CannotRun):
    """A model answered, and its answer is no prediction for each input."""


class Prediction(NamedTuple):
    """One prediction. A number is its own label, so that whole numbers serve as classes and as values."""

    label: Label
    """The predicted label or number."""
    probabilities: Mapping[Label, float] | None = None
    """The probability of each class, where the model gives one."""
    outputs: Mapping[str, Any] | None = None
    """The prediction of each output by name, of a model with several; its label is then all of theirs as text."""
    of: Any = None
    """The input that it is for, where a function of the project's own looks at it."""

    @property
    def value(self) -> float | None:
        """The predicted number, where it is one."""
        return None if isinstance(self.label, str | bool) else float(self.label)


Named = Callable[[int], str]
"""Names the input at a position in messages, as `the prediction for row 12`."""


def numbered(at: int) -> str:
    """Name an input by its position alone."""
    return f"prediction {at}"


def normalise(
    raw: object, *, expected: int, named: Named = numbered, said_by: str = "predict"
) -> tuple[Prediction, ...]:
    """Check what `predict` returned for `expected` inputs and return it in one shape.

    Accepts a label (text, whole number or truth value), a finite number, `{label, probabilities: {class: p}}`, a
    pair of label and probabilities, or `{outputs: {name: any of these}}`; NumPy values too. `named` says in messages
    which input is meant, `said_by` who answered.
    Raises `CannotRun` with one line for anything else.
    """
    items = _items(raw, said_by)
    if len(items) != expected:
        hint = ": for a pair of columns return zip(labels, probabilities)" if len(items) == 2 else ""  # noqa: PLR2004
        raise CannotRun(f"{said_by} returned {len(items)} predictions for {expected} inputs{hint}")
    predictions = _usual(items) or tuple(_prediction(item, _Place(named, at)) for at, item in enumerate(items))
    check_one_kind(predictions, named)
    return predictions


class _Place(NamedTuple):
    """The input that a message is about; its name is only made when there is a message."""

    named: Named
    at: int

    def __str__(self) -> str:
        return self.named(self.at)


def _items(raw: Any, said_by: str) -> Sequence[Any]:
    raw = _plain(raw)
    if isinstance(raw, str | bytes | Mapping) or not hasattr(raw, "__iter__"):
        raise CannotRun(f"{said_by} returned {_kind(raw)}, not a list with a prediction for each input")
    return raw if isinstance(raw, Sequence) else list(raw)


def _usual(items: Sequence[Any]) -> tuple[Prediction, ...] | None:
    """Return predictions in the usual shapes of plain values fast; None when one is not so or something is wrong."""
    kinds = set(map(type, items))
    if kinds == {str}:
        return tuple(map(Prediction, items))
    if kinds not in _PAIRS or set(map(len, items)) != {2}:  # label and probabilities
        return None
    if kinds == {dict}:
        items = [(one.get("label"), one.get("probabilities")) for one in items]
    labels, shares = zip(*items, strict=True)
    of = {(type(label), type(share)) for label, share in items}
    if of == {(int, list)}:
        by_class: Sequence[Any] = tuple(map(dict, map(enumerate, shares)))
    elif of == {(str, dict)} and all(map(_all_texts, set(map(tuple, shares)))):
        by_class, shares = shares, tuple(map(dict.values, shares))
    else:
        return None
    if not _are_shares(shares) or not all(map(dict.__contains__, by_class, labels)):
        return None
    return tuple(map(Prediction._make, zip(labels, by_class, repeat(None), repeat(None))))


def _are_shares(values: Sequence[Collection[Any]]) -> bool:
    """Whether each of these is of plain numbers from 0 to 1 that sum to 1."""
    try:
        totals = list(map(sum, values))
        if set(map(type, totals)) != {float} or not all(map(_LOW.__le__, totals)) or not all(map(_HIGH.__ge__, totals)):
            return False
        return min(map(min, values)) >= 0 and (max(totals) <= 1 or max(map(max, values)) <= 1)
    except TypeError:
        return False


@cache
def _all_texts(classes: tuple[Any, ...]) -> bool:
    return all(type(one) is str for one in classes)


def _prediction(item: Any, at: _Place) -> Prediction:
    item = _plain(item)
    if isinstance(item, Mapping):
        return _mapped(item, at)
    if isinstance(item, list | tuple):
        if len(item) != 2:  # noqa: PLR2004 - a label and its probabilities
            raise CannotRun(f"{at} is a list of {len(item)}, not a label and its probabilities")
        return _with_probabilities(_label(item[0], at), _plain(item[1]), at)
    return Prediction(_label(item, at))


def _several(outputs: Any, at: _Place) -> Prediction:
    if not isinstance(outputs, Mapping) or not outputs:
        raise CannotRun(f"{at} has {_kind(outputs)} for outputs, not {{name: prediction}}")
    found = {str(name): _prediction(_plain(one), _output(at, str(name))) for name, one in outputs.items()}
    return Prediction(", ".join(f"{name}: {one.label}" for name, one in found.items()), None, found)


def _output(at: _Place, name: str) -> _Place:
    return _Place(lambda _at: f"{at}, output {name},", at.at)


def _mapped(item: Mapping[Any, Any], at: _Place) -> Prediction:
    if set(item) == {"outputs"}:
        return _several(_plain(item["outputs"]), at)
    if unknown := [key for key in item if key not in ("label", "probabilities")]:
        raise CannotRun(
            f"{at} has the key {unknown[0]!r}: it may have `label` and `probabilities`",
            fix="Return {label, probabilities: {class: p}}.",
        )
    probabilities = _plain(item.get("probabilities"))
    if probabilities is None:
        return Prediction(_label(item.get("label"), at))
    if "label" in item:
        return _with_probabilities(_label(item["label"], at), probabilities, at)
    if not isinstance(probabilities, Mapping) or not probabilities:
        raise CannotRun(f"{at} has no label and its probabilities name no classes")
    return _with_probabilities(
        max(probabilities, key=lambda label: _share(probabilities[label], at)), probabilities, at
    )


def _with_probabilities(label: Label, probabilities: Any, at: _Place) -> Prediction:
    if isinstance(probabilities, list | tuple):
        probabilities = _numbered(label, probabilities, at)
    if not isinstance(probabilities, Mapping):
        raise CannotRun(f"{at} has {_kind(probabilities)} for probabilities, not {{class: p}}")
    shares = {_class_like(label, key): _share(share, at) for key, share in probabilities.items()}
    if abs(math.fsum(shares.values()) - 1) > SUM_TOLERANCE:
        raise CannotRun(f"{at} has probabilities that sum to {math.fsum(shares.values()):.4g}, not 1")
    if label not in shares:
        raise CannotRun(f"{at} is {label!r}, and its probabilities are of {list(shares)}")
    return Prediction(label, shares)


def _numbered(label: object, probabilities: Sequence[Any], at: _Place) -> dict[Any, Any]:
    """Take the place in a list of probabilities for the class."""
    if isinstance(label, bool) and len(probabilities) == 2:  # noqa: PLR2004 - false and true
        return {False: probabilities[0], True: probabilities[1]}
    if isinstance(label, str | float):
        raise CannotRun(f"{at} lists its probabilities without classes: return {{class: p}}")
    return dict(enumerate(probabilities))


def _class_like(label: object, key: object) -> Label:
    """Return the class `key` as the kind of thing that `label` is: JSON makes every key a text."""
    key = _plain(key)
    if isinstance(key, str) and not isinstance(label, str):
        if isinstance(label, bool) and key.lower() in ("true", "false"):
            return key.lower() == "true"
        try:
            return int(key) if isinstance(label, int) else float(key)
        except ValueError:
            return key
    return key  # type: ignore[return-value]


def _share(share: Any, at: _Place) -> float:
    share = _plain(share)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1 + 1e-9:
        raise CannotRun(f"{at} has a probability of {share!r}: it must lie between 0 and 1")
    return min(1.0, share)


def _label(item: Any, at: _Place) -> Label:
    item = _plain(item)
    if isinstance(item, float) and not math.isfinite(item):
        raise CannotRun(f"{at} is {'NaN' if math.isnan(item) else 'infinite'}")
    if not isinstance(item, str | int | float):
        raise CannotRun(f"{at} is {_kind(item)}, not a label or a number")
    return item


def _plain(item: Any) -> Any:
    """Return a NumPy value as Python's own."""
    if item is None or type(item) in (str, int, float, bool, dict, list, tuple):
        return item
    listed = getattr(item, "tolist", None)
    return listed() if callable(listed) else item


def check_one_kind(predictions: Sequence[Prediction], named: Named) -> None:
    """Raise `CannotRun` unless all predictions are of one kind, with probabilities or all without."""
    alike = {(type(one[0]), one[1] is None, one[2] is None) for one in predictions}
    if len(alike) <= 1 and (
        not predictions or predictions[0].outputs is None or len(set(map(_names, predictions))) == 1
    ):
        return
    kinds = [_shape(prediction) for prediction in predictions]
    odd = next((at for at, kind in enumerate(kinds) if kind != kinds[0]), None)
    if odd is not None:
        raise CannotRun(f"predictions are of two kinds: {named(0)} is {kinds[0]}, {named(odd)} is {kinds[odd]}")


def _names(prediction: Prediction) -> tuple[str, ...] | None:
    return None if prediction.outputs is None else tuple(prediction.outputs)


def _shape(prediction: Prediction) -> str:
    if prediction.outputs is not None:
        return f"of the outputs {', '.join(prediction.outputs)}"
    what = label_kind(prediction.label)
    return what if prediction.probabilities is None else f"{what} with probabilities"


def label_kind(label: object) -> str:
    """Return what kind of label this is, in words."""
    return "a text" if isinstance(label, str) else "a truth value" if isinstance(label, bool) else "a number"


def _kind(item: object) -> str:
    return "None" if item is None else f"a {type(item).__name__}"
