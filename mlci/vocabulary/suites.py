"""What is the project's own in a behaviour suite: perturbations, expectations and makers of cases.

Each is put in the place of its name before the suite is read further. A function that cannot be imported is an error
of the test that uses it, when that is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from mlci.errors import CannotRun, UsageError
from mlci.model.behaviour.expect import COMBINED
from mlci.model.behaviour.expectations import EXPECTATIONS, Judge
from mlci.model.behaviour.suite import Step, Written
from mlci.model.predictions import Prediction
from mlci.perturbations import PERTURBATIONS, Perturbation
from mlci.vocabulary import Function, Host, Kind, Vocabulary
from mlci.vocabulary.questions import Questions, Use

FUNCTION = "function"
"""The key that names a function as `module:function`; what stands beside it are its settings."""
CASE_KEYS = frozenset({"input", "inputs", "label", "cluster"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """The project's vocabulary, and the questions of one test to it."""

    vocabulary: Vocabulary
    questions: Questions

    def is_own(self, kind: Kind, name: str) -> bool:
        """Whether `name` is to be looked for among the project's own; misspelt ones too, where it has some."""
        return ":" in name or bool(self.vocabulary.functions(kind) or self.vocabulary.problems)


# --- expectations -----------------------------------------------------------------------------------------------------


def with_judges(expect: Any, own: Own, *, against_first: bool) -> Any:
    """Return `expect` with a judgement in the place of each expectation that is the project's own."""
    if isinstance(expect, str):
        known = _is_known(expect) or not own.is_own("behaviour", expect)
        return expect if known else _judge(expect, {}, own, against_first=against_first)
    if isinstance(expect, Mapping) and FUNCTION in expect:
        settings = {key: value for key, value in expect.items() if key != FUNCTION}
        return _judge(str(expect[FUNCTION]), settings, own, against_first=against_first)
    if isinstance(expect, Mapping):
        return [_entry(str(name), argument, own, against_first) for name, argument in expect.items()]
    if isinstance(expect, Sequence):
        return [with_judges(one, own, against_first=against_first) for one in expect]
    return expect


def _entry(name: str, argument: Any, own: Own, against_first: bool) -> Any:  # noqa: FBT001 - passed down
    if name == "output" and isinstance(argument, Mapping):
        return {name: {key: with_judges(one, own, against_first=against_first) for key, one in argument.items()}}
    if name in COMBINED:
        return {
            name: with_judges(argument, own, against_first=against_first) if isinstance(argument, list) else argument
        }
    if _is_known(name) or not own.is_own("behaviour", name):
        return {name: argument}
    return _judge(name, argument, own, against_first=against_first)


def _is_known(name: str) -> bool:
    return name in COMBINED or name.replace("_", "-") in EXPECTATIONS


def _judge(name: str, argument: Any, own: Own, *, against_first: bool) -> Judge:
    try:
        function = own.vocabulary.named("behaviour", name, [*EXPECTATIONS, *sorted(COMBINED)])
    except CannotRun as error:
        return _broken(error)
    if function.traits.get("compares") and not against_first:
        raise UsageError(f'"{function.name}" compares with an original, which a test of type MFT does not have')
    use = own.questions.use(function, _settings(function, argument, "expectation"), _put_predictions)

    def one(first: Prediction, changed: Prediction, label: Any) -> bool | None:
        if changed.of is None:
            raise CannotRun(f"{function.name} needs the inputs beside their predictions")
        question = [first.of, changed.of, _written(first), _written(changed), label]
        answer: bool | None = own.questions.answer(use, question)
        return answer

    def judge(predictions: tuple[Prediction, ...], label: Any) -> tuple[bool | None, ...]:
        if against_first:
            return tuple(one(predictions[0], changed, label) for changed in predictions[1:])
        return tuple(one(each, each, label) for each in predictions)

    return judge


def _broken(error: CannotRun) -> Callable[..., Any]:
    def refuse(*_arguments: Any, **_settings: Any) -> Any:
        raise CannotRun(error.says)

    return refuse


def _written(prediction: Prediction) -> list[Any]:
    """Return a prediction as JSON can hold it: the keys of probabilities may be numbers."""
    shares = None if prediction.probabilities is None else [list(pair) for pair in prediction.probabilities.items()]
    outputs = (
        None if prediction.outputs is None else [[name, _written(one)] for name, one in prediction.outputs.items()]
    )
    return [prediction.label, shares, outputs]


def _put_predictions(host: Host, use: Use, questions: list[Any]) -> list[Any]:
    given = list(use.function.given)
    answer = host.ask("judge_predictions", use.function.target, given, questions, dict(use.settings))
    answers: list[Any] = answer["answers"]
    return answers


def _settings(function: Function, argument: Any, word: str) -> dict[str, Any]:
    if argument is None:
        argument = {}
    if not isinstance(argument, Mapping):
        if not function.settings:
            raise UsageError(f'{word} "{function.name}" takes no setting, and is given {argument!r}')
        argument = {function.settings[0].name: argument}
    return function.checked(argument, of=f'{word} "{function.name}"')


# --- perturbations ----------------------------------------------------------------------------------------------------


def with_steps(perturb: Any, own: Own) -> Any:
    """Return `perturb` with a step in the place of each perturbation that is the project's own."""
    if isinstance(perturb, str):
        return _step_or(perturb, None, own, perturb)
    if isinstance(perturb, Mapping):
        steps = [_step_or(str(name), settings, own, {name: settings}) for name, settings in perturb.items()]
        return steps if any(isinstance(step, Step) for step in steps) else perturb
    if isinstance(perturb, Sequence):
        return [with_steps(one, own) for one in perturb]
    return perturb


def _step_or(name: str, argument: Any, own: Own, otherwise: Any) -> Any:
    if name.replace("_", "-") in PERTURBATIONS or not own.is_own("perturbation", name):
        return otherwise
    try:
        function = own.vocabulary.named("perturbation", name, PERTURBATIONS)
    except CannotRun as error:
        broken = Perturbation(name, "text", _broken(error), "", lambda *_, **__: True)
        return Step(perturbation=broken)
    return _step(function, argument, own)


def _step(function: Function, argument: Any, own: Own) -> Step:
    kind = function.traits.get("of", "text")
    column = None
    if isinstance(argument, Mapping) and "column" in argument and kind != "row":
        column, argument = argument["column"], {key: one for key, one in argument.items() if key != "column"}
    settings = _settings(function, argument, "perturbation")
    use = own.questions.use(function, settings, _put_inputs)

    def change(value: Any, rng: Random, *, folder: str | None = None) -> Any:
        seed = str(rng.getrandbits(64))
        return own.questions.answer(use, [value, seed] if folder is None else [value, seed, folder])

    perturbation = Perturbation(
        name=function.name,
        of=kind,
        function=change,
        unchanged="inputs that its function returns as they are",
        applies=lambda *_, **__: True,
        in_worker=True,
    )
    object.__setattr__(perturbation, "__doc__", function.doc)
    return Step(perturbation=perturbation, column=column)


def _put_inputs(host: Host, use: Use, questions: list[Any]) -> list[Any]:
    of = use.function.traits.get("of", "text")
    answer = host.ask("perturb", use.function.target, of, questions, dict(use.settings))
    values: list[Any] = answer["values"]
    return values


# --- cases ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Maker:
    """A function that makes the cases of a test."""

    make: Callable[[str], list[Written]]
    """Returns the cases for a seed; raises `CannotRun`."""


def maker_of(written: Any, own: Own, label: Any) -> Maker:
    """Return what `generate` names: `module:function`, a plugin, or `{function: …, setting: …}`.

    `label` is the test's, for cases without one of their own.
    """
    argument: Mapping[str, Any] = {}
    if isinstance(written, Mapping):
        argument = {key: value for key, value in written.items() if key != FUNCTION}
        written = written.get(FUNCTION)
    if not isinstance(written, str):
        raise UsageError("`generate` is module:function, the name of a plugin, or {function: …} with its settings")
    try:
        function = own.vocabulary.named("cases", written, ())
    except CannotRun as error:
        return Maker(make=_broken(error))
    settings = _settings(function, argument, "cases")

    def make(seed: str) -> list[Written]:
        host = own.vocabulary.host
        answer = host.ask("generate", function.target, seed, list(function.given), settings)
        return [_case(function, at, one, label) for at, one in enumerate(answer["cases"])]

    return Maker(make=make)


def _case(function: Function, at: int, one: Any, label: Any) -> Written:
    if not isinstance(one, Mapping) or not ("input" in one or "inputs" in one):
        return Written(tuple(one) if isinstance(one, list) else (one,), label)
    unknown = set(one) - CASE_KEYS
    if unknown or {"input", "inputs"} <= set(one):
        what = f'a key "{min(unknown)}"' if unknown else "`input` and `inputs`"
        raise CannotRun(f"{function.target} made case {at + 1} with {what}: it may have {', '.join(sorted(CASE_KEYS))}")
    inputs = (one["input"],) if "input" in one else tuple(one["inputs"])
    if not inputs:
        raise CannotRun(f"{function.target} made case {at + 1} without an input")
    return Written(inputs, one.get("label", label), one.get("cluster"))
