"""`mlci behaviour`: write a suite's inputs out, judge predictions made elsewhere, ask again about one example."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.commands.options import add_engine_options, add_options
from mlci.commands.run import conclude, report_folder, request_of
from mlci.commands.suites import built_suites, configuration, models_of, subject_named, subject_of
from mlci.config.load import Loaded
from mlci.errors import FAILED, PASSED, CannotRun, MlciError, UsageError
from mlci.github.event import refuse_pull_request_target

if TYPE_CHECKING:
    from mlci.model.behaviour.cases import Cases
    from mlci.model.behaviour.replay import Replayed
    from mlci.model.behaviour.suite import Suite
    from mlci.model.subject import Subject

    Built = list[tuple[Suite, list[Cases | MlciError]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the three actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    export = actions.add_parser("export", help="write all inputs as JSON lines", description="Write inputs out.")
    _add_suites(export)
    export.add_argument("--output", "-o", type=Path, required=True, metavar="FILE", help="where to write id and input")
    add_engine_options(export)
    export.add_argument("--out", type=Path, metavar="DIR", help="report folder, where changed images are written to")
    export.set_defaults(run=run_export)
    score = actions.add_parser("score", help="judge predictions by id", description="Judge predictions by id.")
    _add_suites(score)
    score.add_argument("--predictions", type=Path, required=True, metavar="FILE", help="JSON lines, CSV or Parquet")
    add_options(score)
    score.set_defaults(run=run_score)
    again = actions.add_parser("replay", help="ask again about an example", description="Ask again about an example.")
    again.add_argument("id", metavar="ID", help="the id of a failing example, from the console, the report or its CSV")
    again.add_argument("--model", metavar="NAME", help="the model; all are looked through when left out")
    add_engine_options(again)
    again.add_argument("--out", type=Path, metavar="DIR", help="report folder, where changed images are written to")
    again.set_defaults(run=run_replay)


def _add_suites(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="behaviour suites; those of the model when left out")
    parser.add_argument("--model", metavar="NAME", help="the model of mlci.yaml whose suites and columns are taken")


def run_export(arguments: argparse.Namespace) -> int:
    """Write the inputs of all tests to a file."""
    from mlci.model.behaviour.asked import asked_of, write_inputs

    subject = subject_of(arguments, configuration(arguments))
    subject.context.out.mkdir(parents=True, exist_ok=True)
    (subject.context.out / ".gitignore").write_text("*\n", encoding="utf-8")
    with _plugins_of(subject):
        asked = asked_of([cases for _, built in built_suites(subject) for cases in built])
    if not asked.inputs:
        raise UsageError("there is nothing to write: the suites have no input")
    write_inputs(asked, arguments.output)
    sys.stdout.write(f"{arguments.output}: {len(asked.inputs):,} inputs, made for {asked.fingerprint}\n")
    return PASSED


def run_score(arguments: argparse.Namespace) -> int:
    """Judge predictions and report as a run of the model gate does."""
    refuse_pull_request_target(os.environ)
    from mlci import engine
    from mlci.decisions.of_run import Decided
    from mlci.gates import Outcome, gate_of, plugin_problems
    from mlci.reports import folder

    loaded = configuration(arguments)
    started, clock = datetime.now(UTC), time.monotonic()
    with folder.made_ready(report_folder(arguments, loaded)) as out:
        subject = subject_of(arguments, loaded, out)
        with _plugins_of(subject):
            checks = [*_scored(arguments, subject), *plugin_problems("model", subject.context)]
        gate = gate_of("model", tuple(checks), duration_s=time.monotonic() - clock)
    request = request_of(arguments, loaded, gates=("model",), files=None, out=out)
    results = engine.sum_up(request, [Outcome(gate=gate)], started=started, clock=clock, decided=Decided())
    return conclude(arguments, results, report_folder(arguments, loaded))


def _scored(arguments: argparse.Namespace, subject: Subject) -> list[Any]:
    """Return a check for each test, or the one that says why none could be judged."""
    from mlci.model.behaviour.asked import asked_of, read_answers
    from mlci.model.behaviour.report import checks_of, write_examples
    from mlci.model.behaviour.run import conclude as judge
    from mlci.model.suites import attachments

    model, path, prefix = subject.model, arguments.predictions, f"model.{subject.name}"
    try:
        built = built_suites(subject)
        asked = asked_of([cases for _, each in built for cases in each])
    except CannotRun as error:
        return [subject.errored("behaviour", error, "the suites cannot be run", "behaviour")]
    if not asked.inputs:
        what = CannotRun("nothing was checked: the suites have no input")
        return [subject.errored("behaviour", what, "the suites have no input", "behaviour")]
    try:
        answers = read_answers(
            asked, path, shown=str(path), column=model.prediction, probability=model.probability or "probability_"
        )
    except CannotRun as error:
        return [subject.errored("predictions", error, f"the predictions in {path} cannot be used", "behaviour")]
    checks: list[Any] = []
    for suite, cases in built:
        result = judge(suite, cases, answers)
        checks += list(checks_of(result, prefix=f"{prefix}.behaviour.{suite.name}"))
        write_examples(result, attachments(subject) / f"{subject.name}-{suite.name}.csv")
    if all(test.search is not None for suite, _ in built for test in suite.tests):
        what = CannotRun("nothing was checked: every test searches, and a search asks the model itself")
        checks.append(subject.errored("behaviour", what, "the suites cannot be judged by predictions", "behaviour"))
    return checks


def run_replay(arguments: argparse.Namespace) -> int:
    """Ask a model about one example again; 1 where its case still fails."""
    refuse_pull_request_target(os.environ)
    loaded = configuration(arguments)
    for name in models_of(arguments, loaded):
        subject = subject_named(arguments, loaded, name, loaded.config.model[name])
        with _plugins_of(subject):
            said = _asked_again(subject, arguments.id)
        if said is not None:
            _say(_shown(name, said))
            return FAILED if said.result.status == "failed" else PASSED
    return _made_up(arguments, loaded)


def _asked_again(subject: Subject, name: str) -> Replayed | None:
    """Look for the example in the suites of a model, and ask it about its case."""
    from mlci.model.behaviour.replay import look_for, replay
    from mlci.model.predictor import Predictor

    for suite, built in built_suites(subject):
        found = look_for(name, suite, built)
        if found is not None:
            with Predictor(replace(subject.model, cache=False), subject.context) as predictor:
                return replay(found, partial(predictor.ask, named=lambda at: f"input {at + 1}"))
    return None


def _made_up(arguments: argparse.Namespace, loaded: Loaded) -> int:
    """Ask about an example that no suite makes again, an adversarial one: it stands in the report folder alone."""
    from mlci.model.behaviour.report import kept_example
    from mlci.model.behaviour.report import said as in_words
    from mlci.model.predictor import Predictor

    for name in models_of(arguments, loaded):
        subject = subject_named(arguments, loaded, name, loaded.config.model[name])
        kept = kept_example(subject.context.out / "behaviour", name, arguments.id)
        if kept is None:
            continue
        with Predictor(replace(subject.model, cache=False), subject.context) as predictor:
            now = predictor.ask(kept.inputs, lambda at: f"input {at + 1}")
        fails = len({one.label for one in now}) > 1
        lines = [("model", name), ("test", f"{kept.test}, {kept.source}")]
        for word, value, one in zip(("original", "input"), kept.inputs, now, strict=True):
            lines += [(word, str(value)), ("", in_words(one))]
        _say([*lines, ("now", f"the answer {'still turns' if fails else 'is the same for both'}")])
        return FAILED if fails else PASSED
    raise UsageError(
        f'no case has the id "{arguments.id}"', fix="The suite, its data or its seed may have changed since."
    )


def _say(lines: Sequence[tuple[str, str]]) -> None:
    """Print texts, which are untrusted, each behind its word."""
    from mlci.reports.terminal import plain

    sys.stdout.writelines(f"{word:<10}{plain(text)}\n" for word, text in lines)


def _shown(model: str, said: Replayed) -> list[tuple[str, str]]:
    from mlci.model.behaviour.report import said as in_words

    found = said.found
    place = f" ({found.test.where})" if found.test.where else ""
    lines = [("model", model), ("test", f"{found.test.name}{place}, {found.case.source}")]
    if found.compared:
        lines += [("original", str(found.case.inputs[0])), ("", in_words(said.original))]
    lines += [("input", str(found.value)), ("", in_words(said.prediction))]
    if found.case.label is not None:
        lines.append(("label", str(found.case.label)))
    return [*lines, ("now", f"the case {_verdict(said)}")]


def _verdict(said: Replayed) -> str:
    if said.result.status == "passed":
        return "passes"
    return "fails" if said.result.failed_cases else f"cannot be judged: {said.result.reason}"


@contextmanager
def _plugins_of(subject: Subject) -> Iterator[None]:
    """End the project's own expectations and perturbations, which have a process of their own, when all is done."""
    try:
        yield
    finally:
        subject.context.end_plugins()
