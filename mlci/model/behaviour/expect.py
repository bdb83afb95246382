"""The `expect` of a test, as written, made into one judgement of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from mlci.errors import CannotRun, UsageError, did_you_mean
from mlci.model.arguments import checked, main_setting
from mlci.model.behaviour.expectations import EXPECTATIONS, Expectation, Judge
from mlci.model.predictions import Prediction

COMBINED = {"all", "any", "output"}


def judge_of(expect: Any, *, against_first: bool) -> Judge:
    """Return the judgement that `expect` asks for; raise `UsageError` where it makes no sense.

    `expect` is a name, a mapping of names to settings, or a list of these, all of which must hold; `any: [...]`
    and `all: [...]` combine, `output: {name: ...}` is for models with several outputs. With `against_first` the first
    prediction is that of the original and is not judged.
    """
    if callable(expect):
        made: Judge = expect  # of a function of the project's own
        return made
    if isinstance(expect, str):
        return _named(expect, {}, against_first)
    if isinstance(expect, Mapping) and expect:
        return _all([_entry(str(name), argument, against_first) for name, argument in expect.items()])
    if isinstance(expect, Sequence) and expect:
        return _all([judge_of(one, against_first=against_first) for one in expect])
    raise UsageError("`expect` is empty: name an expectation, as `label: positive`")


def _entry(name: str, argument: Any, against_first: bool) -> Judge:  # noqa: FBT001 - passed down
    if name not in COMBINED:
        return _named(name, argument, against_first)
    if name == "output":
        return _output(argument, against_first)
    if not isinstance(argument, Sequence) or isinstance(argument, str) or not argument:
        raise UsageError(f"`{name}` takes a list of expectations")
    parts = [judge_of(one, against_first=against_first) for one in argument]
    return _all(parts) if name == "all" else _any(parts)


def _output(argument: Any, against_first: bool) -> Judge:  # noqa: FBT001
    """Return the judgement of a model with several outputs, each by an expectation of its own."""
    if not isinstance(argument, Mapping) or not argument:
        raise UsageError("`output` takes names of outputs, each with what is expected of it")
    parts = {str(name): judge_of(expect, against_first=against_first) for name, expect in argument.items()}

    def judge(predictions: tuple[Prediction, ...], label: Any) -> tuple[bool | None, ...]:
        answers = [
            part(tuple(_named_output(one, name) for one in predictions), _own(label, name))
            for name, part in parts.items()
        ]
        return tuple(map(every, zip(*answers, strict=True)))

    return judge


def _own(label: Any, name: str) -> Any:
    """Return the case's own label of one output: labels of several outputs are a mapping, or a list of them."""
    if isinstance(label, list):
        return [_own(one, name) for one in label]
    if not isinstance(label, Mapping):
        return label
    if name not in label:
        raise CannotRun(f'the case has no label of the output "{name}"', fix=did_you_mean(name, map(str, label)))
    return label[name]


def _named_output(prediction: Prediction, name: str) -> Prediction:
    outputs: Mapping[str, Prediction] = prediction.outputs or {}
    if name not in outputs:
        advice = did_you_mean(name, outputs) or "let predict return {outputs: {name: prediction}}."
        raise CannotRun(f'the model has no output "{name}"', fix=advice)
    return outputs[name] if prediction.of is None else outputs[name]._replace(of=prediction.of)


def _for_each_output(one: Callable[..., bool | None]) -> Callable[..., bool | None]:
    """Return a judgement that holds for every output where the model has several."""

    def judge(original: Prediction, changed: Prediction, label: Any) -> bool | None:
        if changed.outputs is None:
            return one(original, changed, label)
        return every(
            one(_named_output(original, name), output, _own(label, name)) for name, output in changed.outputs.items()
        )

    return judge


def _whole_for_each_output(one: Callable[..., bool | None]) -> Callable[..., bool | None]:
    def judge(predictions: tuple[Prediction, ...]) -> bool | None:
        if predictions[0].outputs is None:
            return one(predictions)
        return every(one(tuple(_named_output(each, name) for each in predictions)) for name in predictions[0].outputs)

    return judge


def _named(name: str, argument: Any, against_first: bool) -> Judge:  # noqa: FBT001
    found = _find(name)
    if found.compares and not against_first:
        raise UsageError(f'"{found.name}" compares with an original, which a test of type MFT does not have')
    return _lift(found, _settings(found, argument), against_first)


def _find(name: str) -> Expectation:
    dashed = name.replace("_", "-")
    if dashed not in EXPECTATIONS:
        known = [*EXPECTATIONS, *sorted(COMBINED)]
        advice = did_you_mean(dashed, known) or f"there are {', '.join(known)}."
        raise UsageError(f'unknown expectation "{name}"', fix=advice)
    return EXPECTATIONS[dashed]


def _settings(found: Expectation, argument: Any) -> dict[str, Any]:
    if argument is None:
        argument = {}
    if not isinstance(argument, Mapping):
        argument = {main_setting(found.build): argument}
    named = {str(key).replace("-", "_"): value for key, value in argument.items()}
    return checked(found.build, named, of=f'expectation "{found.name}"')


def _lift(found: Expectation, settings: Mapping[str, Any], against_first: bool) -> Judge:  # noqa: FBT001
    simple = found(**settings)
    one = (_whole_for_each_output if found.whole else _for_each_output)(simple)
    in_a_row = bool(settings.get("in_a_row"))

    def whole(predictions: tuple[Prediction, ...], label: Any) -> tuple[bool | None, ...]:
        del label
        return (one(predictions),) * (len(predictions) - against_first)

    def beside_first(predictions: tuple[Prediction, ...], label: Any) -> tuple[bool | None, ...]:
        if isinstance(label, list):
            labels = _one_each(label, predictions)
            return tuple(map(partial(one, predictions[0]), predictions[1:], labels[1:]))
        if in_a_row:
            before = [_as_seen_from(predictions[0], each) for each in predictions[:-1]]
            return tuple(one(each, changed, label) for each, changed in zip(before, predictions[1:], strict=True))
        first = predictions[0]
        judge = simple if first.outputs is None else one  # a call less for each of very many
        return tuple(judge(first, changed, label) for changed in predictions[1:])

    def alone(predictions: tuple[Prediction, ...], label: Any) -> tuple[bool | None, ...]:
        if isinstance(label, list):
            return tuple(map(one, predictions, predictions, _one_each(label, predictions)))
        if len(predictions) == 1:
            first = predictions[0]
            return ((simple if first.outputs is None else one)(first, first, label),)
        return tuple(one(prediction, prediction, label) for prediction in predictions)

    return whole if found.whole else beside_first if against_first else alone


def _as_seen_from(first: Prediction, each: Prediction) -> Prediction:
    """Return a prediction with the label of the first: it is the same class whose probability is followed."""
    if each.outputs is not None:
        outputs = {name: _as_seen_from(_named_output(first, name), one) for name, one in each.outputs.items()}
        return each._replace(outputs=outputs)
    return each if each.probabilities is None else each._replace(label=first.label)


def _one_each(labels: Sequence[Any], predictions: Sequence[Prediction]) -> Sequence[Any]:
    if len(labels) != len(predictions):
        raise CannotRun(f"a case has {len(predictions)} inputs and {len(labels)} labels")
    return labels


def _all(parts: Sequence[Judge]) -> Judge:
    if len(parts) == 1:
        return parts[0]

    def judge(predictions: tuple[Prediction, ...], label: Any) -> tuple[bool | None, ...]:
        return tuple(map(every, zip(*(part(predictions, label) for part in parts), strict=True)))

    return judge


def _any(parts: Sequence[Judge]) -> Judge:
    def judge(predictions: tuple[Prediction, ...], label: Any) -> tuple[bool | None, ...]:
        return tuple(map(some, zip(*(part(predictions, label) for part in parts), strict=True)))

    return judge


def every(answers: Iterable[bool | None]) -> bool | None:
    """Return whether all that apply hold; None when none applies."""
    known = [answer for answer in answers if answer is not None]
    return all(known) if known else None


def some(answers: Iterable[bool | None]) -> bool | None:
    """Return whether one that applies holds; None when none applies."""
    known = [answer for answer in answers if answer is not None]
    return any(known) if known else None
