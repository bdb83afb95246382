"""Running a behaviour suite: every input of every test is asked once, in batches."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlci.errors import CannotRun, MlciError, UsageError
from mlci.model.behaviour.cases import Cases, Row, Rows, Sources, cases_of, key_of
from mlci.model.behaviour.collector import held_back
from mlci.model.behaviour.constant import constant_that_passes
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.judge import Adversary, errored, judged
from mlci.model.behaviour.parse import read_suite
from mlci.model.behaviour.result import BehaviourResult, TestResult
from mlci.model.behaviour.suite import Suite, Test
from mlci.model.predictions import Prediction, normalise

Answers = Mapping[Hashable, "Prediction | str"]
"""The prediction of each input, or why there is none."""


def run_behaviour(
    suite: Any, predict: Callable[[list[Any]], Any], *, root: Path | str = ".", seed: int = 0, batch_size: int = 1024
) -> BehaviourResult:
    """Run a behaviour suite on a model in this process.

    `suite` is a path or the parsed suite (a mapping with `tests`, or a list of tests); `predict` takes a list of
    inputs and returns for each a label, a number, a pair of label and probabilities, or
    `{label, probabilities: {class: p}}`. Relative paths start from `root`. Every input is predicted once, at most
    `batch_size` at a time. Raises `UsageError` for mistakes in the suite; what `predict` raises goes through.
    """
    root = Path(root)
    with TemporaryDirectory(prefix="mlci-") as folder, held_back() as let_go:
        read = read_suite(suite, root=root, seed=seed)
        images = Images(root=root, folder=Path(folder))
        built = build(read, Sources(rows=rows_in(root, read.path), images=images))
        inputs = different_inputs(built)
        predictions = _in_batches(inputs, partial(let_go, predict), batch_size)
        adversary = Adversary(lambda asked: _in_batches(asked, partial(let_go, predict), batch_size), images)
        keys = [value if type(value) is str else key_of(value) for value in inputs]
        return conclude(read, built, dict(zip(keys, predictions, strict=True)), adversary)


def _in_batches(inputs: Sequence[Any], predict: Callable[[list[Any]], Any], size: int) -> list[Prediction]:
    predictions: list[Prediction] = []
    for start in range(0, len(inputs), size):
        batch = list(inputs[start : start + size])
        predictions += normalise(predict(batch), expected=len(batch))
    return predictions


def build(suite: Suite, sources: Sources) -> list[Cases | MlciError]:
    """Make the cases of every test, or keep why they could not be made."""
    return [_built(test, sources) for test in suite.tests]


def _built(test: Test, sources: Sources) -> Cases | MlciError:
    try:
        return cases_of(test, sources)
    except CannotRun as error:
        return error
    except UsageError as error:
        raise UsageError(
            error.what, where=error.where or test.where, key=error.key or test.name, fix=error.fix
        ) from None


def different_inputs(built: Sequence[Cases | MlciError]) -> list[Any]:
    """Return every different input of all cases, in order."""
    found = {
        value if type(value) is str else key_of(value): value
        for cases in built
        if isinstance(cases, Cases)
        for case in cases.cases
        for value in case.inputs
    }
    return list(found.values())


def conclude(
    suite: Suite, built: Sequence[Cases | MlciError], answers: Answers, adversary: Adversary | None = None
) -> BehaviourResult:
    """Judge every test of `suite` by the answers to its inputs; adversarial searches ask on through `adversary`."""
    ask = _finder(answers)
    tests = tuple(_concluded(test, cases, ask, adversary) for test, cases in zip(suite.tests, built, strict=True))
    notes = _notes(suite, built, answers) if all(test.status != "errored" for test in tests) else ()
    return BehaviourResult(tests=tests, name=suite.name, inputs=len(answers), notes=notes)


def _finder(answers: Answers) -> Callable[[Any], Prediction]:
    """Return what finds the prediction for an input; it raises `CannotRun` where there is none."""
    if all(type(key) is str and type(answer) is Prediction for key, answer in answers.items()):
        return answers.__getitem__  # type: ignore[return-value]

    def find(value: Any) -> Prediction:
        answer = answers[key_of(value)]
        if isinstance(answer, str):
            raise CannotRun(answer)
        return answer

    return find


def _notes(suite: Suite, built: Sequence[Cases | MlciError], answers: Answers) -> tuple[str, ...]:
    cases = [one for one in built if isinstance(one, Cases)]
    constant = constant_that_passes(
        suite.tests, cases, [one for one in answers.values() if isinstance(one, Prediction)]
    )
    if constant is None:
        return ()
    return (f"the suite cannot tell models apart: one that always answers {constant.label!r} passes every case",)


def _concluded(
    test: Test, cases: Cases | MlciError, ask: Callable[[Any], Prediction], adversary: Adversary | None
) -> TestResult:
    return (
        judged(test, cases, ask, adversary)
        if isinstance(cases, Cases)
        else errored(test, cases.says if cases.where == test.where else str(cases))
    )


def rows_in(root: Path, suite: str | None, known: dict[Path, Sequence[Row]] | None = None) -> Rows:
    """Return a reader of data files that are named relative to `root`, or else to the folder of the suite.

    A file that was read into `known` is not read again.
    """
    read = {} if known is None else known

    def rows(path: str) -> Sequence[Row]:
        beside = root / path if suite is None else (root / suite).parent / path
        found = root / path if (root / path).exists() or not beside.exists() else beside
        if found not in read:
            from mlci.model.rows import read_rows

            read[found] = read_rows(found, shown=path).rows
        return read[found]

    return rows
