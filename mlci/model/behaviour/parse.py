"""From what a suite file says to a suite, with a place for every mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlci.errors import ConfigError, UsageError, Where, did_you_mean
from mlci.model.arguments import checked
from mlci.model.behaviour.adversarial.settings import MOST_GRID, Search, settings
from mlci.model.behaviour.document import Document, read_document
from mlci.model.behaviour.keys import Keys, is_whole
from mlci.model.behaviour.lexicons import Lexicons, built_in, lexicons_of
from mlci.model.behaviour.perturb import MOST
from mlci.model.behaviour.sources import examples_of, table_of, templates_of
from mlci.model.behaviour.suite import Suite, Test
from mlci.vocabulary import Vocabulary, here
from mlci.vocabulary.questions import Questions
from mlci.vocabulary.suites import Own

SUITE_KEYS = ("tests", "lexicons", "seed", "name", "version")
TEST_KEYS = (
    "name", "type", "capability", "description", "template", "templates", "examples", "data", "generate", "input",
    "label", "perturb", "variants", "expect", "only-if", "max-failure-rate", "cluster", "sample", "n", "seed",
    "severity", "lexicons", "combine", "remove-duplicates", "search", "max-success-rate",
)  # fmt: skip
TYPES = ("MFT", "INV", "DIR", "adversarial")
_NAME = re.compile(r"[^\\/\x00-\x1f\x7f\ud800-\udfff]{1,100}")
SOURCES = ("template", "templates", "examples", "data", "generate")


def read_suite(suite: Any, *, root: Path, seed: int = 0, vocabulary: Vocabulary | None = None) -> Suite:
    """Return the suite at a path, or the suite that was parsed already (a mapping, or a list of tests).

    Relative paths are looked for in `root`. `vocabulary` is the project's own; what was decorated in this process when
    it is left out. Raises `UsageError` for every mistake in it, at once.
    """
    if isinstance(suite, str | Path):
        path = root / suite
        document = read_document(path, shown=str(suite))
        return suite_of(document, root=root, seed=seed, name=path.stem, vocabulary=vocabulary)
    content = {"tests": suite} if isinstance(suite, Sequence) else suite
    return suite_of(Document(content=content), root=root, seed=seed, name="suite", vocabulary=vocabulary)


def suite_of(document: Document, *, root: Path, seed: int, name: str, vocabulary: Vocabulary | None = None) -> Suite:
    """Return the suite that `document` describes; raise `ConfigError` with every mistake in it."""
    content = document.content
    with document.at():
        if not isinstance(content, Mapping) or not isinstance(content.get("tests") or [], list | tuple):
            raise UsageError("a behaviour suite has `tests:`, a list of tests")
        _known(document, content, SUITE_KEYS, "a suite")
    _of_suite(document, content)
    lexicons = lexicons_of(document, content.get("lexicons") or {}, root=root)
    tests, problems = [], []
    own = vocabulary or here(root)
    for at, written in enumerate(content.get("tests") or ()):
        try:
            tests.append(_test(document, written, at, lexicons, own, seed=content.get("seed", seed)))
        except UsageError as problem:
            problems.append(problem)
    problems += _twice(tests)
    if problems:
        raise problems[0] if len(problems) == 1 else ConfigError(problems)
    return Suite(tests=tuple(tests), name=str(content.get("name", name)), path=document.path)


def _of_suite(document: Document, content: Mapping[str, Any]) -> None:
    """Raise `UsageError` for what a suite says of itself and cannot mean."""
    with document.at("version"):
        if content.get("version", 1) != 1 or isinstance(content.get("version"), bool):
            raise UsageError(
                f"suites have version 1, not {content['version']!r}", fix="Update mlci to read later ones."
            )
    with document.at("name"):
        name = content.get("name", "suite")
        if not isinstance(name, str) or not name.strip() or not _NAME.fullmatch(name):
            raise UsageError(f"the `name` of a suite is a text that a file may be called by, not {name!r}")
    with document.at("seed"):
        if not is_whole(content.get("seed", 0), 0):
            raise UsageError(f"`seed` is a whole number from 0 on, not {str(content['seed'])[:50]}")


def _twice(tests: Sequence[Test]) -> list[UsageError]:
    names = [test.name for test in tests]
    return [
        UsageError(f'two tests are called "{name}"', where=tests[at].where, key="name")
        for at, name in enumerate(names)
        if name in names[:at]
    ]


def _known(document: Document, written: Mapping[str, Any], keys: Sequence[str], what: str, *steps: str | int) -> None:
    for key in written:
        if key not in keys:
            advice = did_you_mean(str(key), keys) or f"it may have {', '.join(keys)}."
            with document.at(*steps, key):
                raise UsageError(f'{what} has no key "{key}"', fix=advice)


def _test(document: Document, written: Any, at: int, lexicons: Lexicons, vocabulary: Vocabulary, *, seed: int) -> Test:
    steps = ("tests", at)
    with document.at(*steps):
        if not isinstance(written, Mapping):
            raise UsageError("a test is a mapping with name, type, cases and expect")
    _known(document, written, TEST_KEYS, "a test", *steps)
    with document.at(*steps):
        _whole(written)
    questions = Questions(vocabulary.host)
    own = Own(vocabulary=vocabulary, questions=questions)
    keys = Keys(document=document, written=written, steps=steps, own=own)
    kind = keys.choice("type", TYPES)
    against_first = kind != "MFT"
    private = lexicons_of(document, written.get("lexicons") or {}, root=lexicons.root, steps=(*steps, "lexicons"))
    everything = {**built_in(), **lexicons.entries, **private.entries}
    test = Test(
        name=written["name"],
        type=kind,
        judge=keys.judge("expect", _expected(written, kind), against_first=against_first),
        capability=keys.text("capability"),
        description=keys.text("description"),
        examples=examples_of(keys, against_first=against_first),
        templates=templates_of(keys, everything),
        table=table_of(keys),
        maker=keys.maker("generate"),
        lexicons=everything,
        combine=keys.choice("combine", ("product", "zip"), "product"),
        distinct=keys.truth("remove-duplicates"),
        chains=keys.chains("perturb"),
        variants=keys.whole("variants", 1, most=MOST),
        only_if=keys.judge("only-if", written["only-if"], against_first=False) if "only-if" in written else None,
        search=_search(keys, kind),
        limit=keys.share("max-success-rate" if kind == "adversarial" else "max-failure-rate"),
        cluster=keys.text("cluster") or None,
        sample=_sample(keys),
        expects=_as_written(written, kind),
        seed=keys.whole("seed", seed, least=0),
        severity=keys.choice("severity", ("error", "warning"), "error"),
        where=document.where(*steps),
        questions=questions if questions.used else None,
    )
    with document.at(*steps):
        _comparable(test)
        _clustered(test)
    return test


def _whole(written: Mapping[str, Any]) -> None:
    if not isinstance(written.get("name"), str) or not written["name"].strip():
        raise UsageError("a test needs a `name`")
    given = [source for source in SOURCES if source in written]
    if len(given) != 1:
        found = f"it has {' and '.join(given)}" if given else "it has none"
        raise UsageError(f"a test takes its cases from one of {', '.join(SOURCES)}, and {found}")


def _expected(written: Mapping[str, Any], kind: str) -> Any:
    if "expect" in written:
        return written["expect"]
    if kind in ("INV", "adversarial"):
        return "same-prediction"
    if kind == "MFT" and written.get("label") is not None:
        return "label"
    raise UsageError(f"a test of type {kind} needs `expect`")


def _as_written(written: Mapping[str, Any], kind: str) -> str:
    """Return what decides whether a case passes, as text; the cases themselves are not in it."""
    examples = written.get("examples")
    listed = examples if isinstance(examples, Sequence) and not isinstance(examples, str) else ()
    own = [one for one in listed if isinstance(one, Mapping) and "expect" in one]
    parts = [kind, _expected(written, kind), written.get("only-if"), written.get("search"), own]
    return json.dumps(parts, sort_keys=True, default=str)


def _sample(keys: Keys) -> int | None:
    if "n" in keys.written and "sample" in keys.written:
        raise UsageError("`n` and `sample` are the same thing: give one")
    name = "n" if "n" in keys.written else "sample"
    return keys.whole(name, 0) or None


def _search(keys: Keys, kind: str) -> Search | None:
    """Return how a test of the type `adversarial` searches; the other types have no search."""
    own = {"search", "max-success-rate"} if kind != "adversarial" else {"perturb", "variants", "max-failure-rate"}
    with keys.document.at(*keys.steps):
        if given := next((key for key in keys.written if key in own), None):
            raise UsageError(f"a test of type {kind} has no `{given}`")
        if kind != "adversarial":
            return None
        if "max-success-rate" not in keys.written:
            raise UsageError("a test of type adversarial needs `max-success-rate`: how many cases may be flipped")
    written = keys.written.get("search") or {}
    with keys.document.at(*keys.steps, "search"):
        if not isinstance(written, Mapping):
            raise UsageError(f"`search` is a mapping, as {{budget: 100}}, not {written!r}")
        named = {str(key).replace("-", "_"): value for key, value in written.items()}
        found = settings(**checked(settings, named, of="`search`"))
        if found.budget < 1 or (found.changes is not None and found.changes < 1):
            raise UsageError("`search`: budget and changes are at least 1")
        if not 1 <= found.grid <= MOST_GRID:
            raise UsageError(f"`search`: grid is from 1 to {MOST_GRID} squares a side, not {found.grid}")
    return found


def _clustered(test: Test) -> None:
    if test.cluster is not None and test.table is None and not test.templates:
        raise UsageError(
            "`cluster` of a test names a lexicon of its template or a column of its data",
            fix="Give each example a `cluster` of its own, as {input: …, cluster: 1}.",
        )


def _comparable(test: Test) -> None:
    """See that a test that compares has something to compare with."""
    if test.type == "adversarial" and test.questions is not None:
        raise UsageError(
            "a test of type adversarial is judged by built-in expectations: the search asks about each step"
        )
    if test.type in ("MFT", "adversarial") or test.chains:
        return
    if test.table is not None:
        raise UsageError(f"a test of type {test.type} over data needs `perturb`: there is nothing to compare with")
    if any(not isinstance(template.body, list) or len(template.body) < 2 for template in test.templates):  # noqa: PLR2004
        raise UsageError(
            f"a test of type {test.type} needs `perturb`, or a template that is a list: the original and its variants"
        )
    if short := next((case for case in test.examples if len(case.inputs) < 2), None):  # noqa: PLR2004
        where = None if test.where is None else Where(path=test.where.path, line=short.line)
        raise UsageError(
            f"a test of type {test.type} needs `perturb`, or examples that are lists: the original and its variants",
            where=where,
        )
